/** A lifecycle hook of ECS: what Sidestep checks and watches while ECS itself moves the traffic. */
import { asTransient } from './aws/client.ts';
import { cloudwatch } from './aws/cloudwatch.ts';
import { ecs } from './aws/ecs.ts';
import { elbv2 } from './aws/elbv2.ts';
import { analyse } from './common/analysis.ts';
import { findFailedCheck } from './common/checks.ts';
import type { Deployment } from './common/deployment.ts';
import { AwsNotAnswering } from './common/errors.ts';
import { type HookAnswer, parseHookEvent } from './common/hook-event.ts';
import { http } from './common/http.ts';
import { readNativeStep } from './common/native-step.ts';
import { type Ground, messageOf, onLambda, type Reaction, reaction } from './common/step.ts';
import { firingAlarms } from './decisions/alarms.ts';
import { type HookEvent, isRollingBack, judgeOrders, workAt } from './decisions/lifecycle-hook.ts';
import { testRuleOf } from './decisions/native-service.ts';
import { asShifted } from './decisions/native-step.ts';
import { ordersOf } from './decisions/orders.ts';
import { getDeployment, noteProgress } from './table/deployments.ts';
import { queryLocks } from './table/locks.ts';
import { alarmsToWatch } from './waits/bake.ts';

const FACTORIES = { cloudwatch, ecs, elbv2, http };
type Ports = { readonly [K in keyof typeof FACTORIES]: ReturnType<(typeof FACTORIES)[K]> } & Ground;

/** How soon ECS asks again: an order to go on is obeyed within as much. */
const CALL_BACK_SECONDS = 10;

/** What a stage's work found: nothing against it, something that may pass, or something that does not. */
type Finding =
  | { readonly is: 'good' }
  | { readonly is: 'notYet'; readonly reason: string }
  | { readonly is: 'bad'; readonly reason: string };

const GOOD: Finding = { is: 'good' };

const answerLifecycleHook: Reaction<Omit<Ports, keyof Ground>> = async (event, ports) => {
  const asked = parseHookEvent(event);
  try {
    return answerOf(await find(asked, ports), asked, ports);
  } catch (cause) {
    // An error rolls the service back: that AWS did not answer for a moment is no reason for that.
    const error = asTransient(cause);
    if (!(error instanceof AwsNotAnswering)) throw error;
    return answerOf({ is: 'notYet', reason: messageOf(error) }, asked, ports);
  }
};

export const create = reaction('AnswerLifecycleHook', answerLifecycleHook, FACTORIES);
export const handler = onLambda(create);

function answerOf(finding: Finding, { lifecycleStage, sinceMs }: HookEvent, { now, log }: Ports): HookAnswer {
  const reason = 'reason' in finding ? finding.reason : undefined;
  log.info('lifecycle hook answered', { lifecycleStage, finding: finding.is, reason });
  if (finding.is === 'good') return { hookStatus: 'SUCCEEDED' };
  if (finding.is === 'bad') return { hookStatus: 'FAILED' };
  // ECS gives the details back to the same hook of the same stage, which so knows since when it has been asked.
  const hookDetails = { stage: lifecycleStage, sinceMs: sinceMs ?? now() };
  return { hookStatus: 'IN_PROGRESS', callBackDelay: CALL_BACK_SECONDS, hookDetails };
}

/** ECS's own way back, and what no deployment of ours began (a new service, another tool's update), is not held up. */
async function find(event: HookEvent, ports: Ports): Promise<Finding> {
  if (isRollingBack(event)) return GOOD;
  const deployment = await ownerOf(event, ports);
  if (!deployment) return GOOD;
  const { deploymentId, service } = deployment;
  ports.log.append({ deploymentId, service });
  const finding = await judgeStage(event, deployment, ports);
  if (finding.is === 'bad') await noteProgress(ports.table, deployment, { hookFailure: finding.reason });
  return finding;
}

/** The deployment under way that began this service deployment, or is just beginning it. */
async function ownerOf(event: HookEvent, { table, ecs }: Ports): Promise<Deployment | undefined> {
  const locks = await queryLocks(table);
  const underWay = await Promise.all(locks.map(({ deploymentId }) => getDeployment(table, deploymentId)));
  const owner = underWay.find(({ outcome, green }) => !outcome && green.serviceArn === event.serviceArn);
  if (!owner?.serviceDeploymentBefore) return undefined;
  if (owner.serviceDeploymentArn)
    return owner.serviceDeploymentArn === event.serviceDeploymentArn ? owner : undefined;
  // ECS may ask before StartServiceDeployment has noted what UpdateService began.
  const [revision] = await ecs.describeServiceRevisions([event.targetServiceRevisionArn]);
  return revision?.taskDefinition === owner.revisionArn ? owner : undefined;
}

async function judgeStage(event: HookEvent, deployment: Deployment, ports: Ports): Promise<Finding> {
  const orders = judgeOrders(deployment, ports.now());
  if (!orders.go) return { is: orders.hold ? 'notYet' : 'bad', reason: orders.reason };
  const work = workAt(event.lifecycleStage);
  if (work.noteStep) await noteStep(event, deployment, ports);
  if (work.checks) return check(event, deployment, ports);
  const alarms = work.alarms ? await readAlarms(deployment, ports) : GOOD;
  return work.comparison && alarms.is === 'good' ? compare(event, deployment, ports) : alarms;
}

async function noteStep(event: HookEvent, deployment: Deployment, ports: Ports): Promise<void> {
  if (!deployment.configuration.analysis) return;
  await noteProgress(ports.table, deployment, { nativeStep: await readNativeStep(event, deployment, ports) });
}

async function readAlarms(deployment: Deployment, { cloudwatch }: Ports): Promise<Finding> {
  const firing = firingAlarms(await cloudwatch.describeAlarms(alarmsToWatch(deployment)));
  return firing === undefined ? GOOD : { is: 'bad', reason: firing };
}

/** The step that has baked. What says nothing either way is what the configuration makes of it. */
async function compare(event: HookEvent, deployment: Deployment, ports: Ports): Promise<Finding> {
  const { nativeStep, configuration } = deployment;
  if (!nativeStep) return GOOD;
  const { verdict, reason } = await analyse(asShifted(deployment, nativeStep), ports, ports.now());
  if (verdict === 'fail') return { is: 'bad', reason };
  const otherwise = configuration.analysis?.otherwise;
  if (verdict === 'pass' || otherwise === 'pass') return GOOD;
  return otherwise === 'fail' ? { is: 'bad', reason } : askSomebody(reason, event, deployment, ports);
}

/** Holds the shift until a person says resume, or the time for a pause is up. */
async function askSomebody(
  reason: string,
  { sinceMs }: HookEvent,
  deployment: Deployment,
  { table, now }: Ports,
): Promise<Finding> {
  const { resume } = ordersOf(deployment);
  const askedAtMs = sinceMs ?? now();
  if (resume && resume.atMs >= askedAtMs) {
    await noteProgress(table, deployment, { pausedBecause: undefined });
    return GOOD;
  }
  const { pauseTimeoutSeconds } = deployment.configuration;
  if (now() >= askedAtMs + pauseTimeoutSeconds * 1000)
    return { is: 'bad', reason: `${reason}; nobody said resume within ${pauseTimeoutSeconds} s` };
  if (deployment.pausedBecause !== reason) await noteProgress(table, deployment, { pausedBecause: reason });
  return { is: 'notYet', reason };
}

/** Through the test listener rule that ECS itself shifts, while only test requests reach green. */
async function check(event: HookEvent, deployment: Deployment, ports: Ports): Promise<Finding> {
  const { checks, steadyStateTimeoutSeconds } = deployment.configuration;
  if (checks.http.length === 0) return GOOD;
  const { green } = deployment;
  const { loadBalancers = [] } = await ports.ecs.describeService(green.cluster, green.service);
  const testRule = testRuleOf(loadBalancers);
  if (!testRule) return { is: 'bad', reason: `${green.service} has no testListenerRule for checks.http` };
  const failure = await findFailedCheck(checks, testRule, ports);
  if (failure === undefined) return GOOD;
  const deadlineMs = (event.sinceMs ?? ports.now()) + steadyStateTimeoutSeconds * 1000;
  const isFinal = failure.isFinal || ports.now() >= deadlineMs;
  return { is: isFinal ? 'bad' : 'notYet', reason: failure.reason };
}
