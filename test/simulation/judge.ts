/** Judges a run at its end, when nothing has been disturbed for long: liveness, and what must not be left. */
import { DescribeServicesCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import type { Deployment } from '../../lambdas/common/deployment.ts';
import { CLUSTER } from '../../local/world/names.ts';
import { type ObservedSide, observeSides } from '../../local/world/observe.ts';
import type { Findings } from './findings.ts';
import type { Meddled } from './meddling.ts';
import type { PlannedPush } from './plan.ts';
import type { Execution, Lock, Setting, Table } from './setting.ts';
import type { Watch } from './watch.ts';

/** As often automation takes a deployment over; then a person must look. */
const RECOVERIES_MAX = 5;

export interface Pushed {
  readonly planned: PlannedPush;
  readonly digest: string;
}

export interface End {
  readonly setting: Setting;
  readonly pushed: readonly Pushed[];
  readonly findings: Findings;
  readonly meddled: Meddled;
  readonly watched: Watch;
  readonly table: Table;
  readonly executions: readonly Execution[];
  readonly deadLetters: readonly string[];
}

export const isHeld = ({ heldBecause, recoveryCount }: Lock): boolean =>
  heldBecause !== undefined || recoveryCount >= RECOVERIES_MAX;

export async function judgeEnd(end: End): Promise<void> {
  judgeExecutions(end);
  judgePushes(end);
  judgeLeftovers(end);
  const sides = await observeSides(end.setting.clients, end.setting.world);
  judgeEdit(end, sides);
  await judgeServing(end, sides);
  for (const fault of end.setting.cloud.faults)
    end.findings.add('local', `the local cloud failed: ${(fault as Error)?.stack ?? fault}`);
}

/** What steps throw on purpose, what Lambda and Step Functions raise. */
const KNOWN_ERRORS =
  /^(SUCCESSFUL|ROLLBACK_SUCCESSFUL|ROLLBACK_FAILED|HALTED|REFUSED|DRAIN_FAILED|TAKEN_OVER|Runtime\.ExitError|Sandbox\.Timedout|States\.Timeout|AwsNotAnswering)$/;

function judgeExecutions({ executions, findings }: End): void {
  for (const { executionArn, status, error, cause } of executions) {
    const name = executionArn.split(':').at(-1);
    if (status === 'RUNNING') findings.add('L1', `execution ${name} still runs`);
    if (status === 'FAILED' && !KNOWN_ERRORS.test(error ?? ''))
      findings.add('X1', `execution ${name} failed with ${error}: ${cause?.slice(0, 300)}`);
  }
}

/** L1: every push has come to an end that somebody can read. */
function judgePushes({ pushed, table, executions, deadLetters, findings }: End): void {
  for (const { planned, digest } of pushed) {
    const records = table.deployments.filter(({ image }) => image.digest === digest);
    const ended = executions.filter(
      ({ input, status }) =>
        (input.push as { digest?: string } | undefined)?.digest === digest && status !== 'RUNNING',
    );
    const isBuried = deadLetters.some((body) => body.includes(digest));
    if (records.length === 0 && ended.length === 0 && !isBuried)
      findings.add('L1', `nothing has become of ${planned.tag}`);
  }
  const held = new Set(
    [...table.locks, ...(table.locks.length > 0 ? table.waiting : [])].map(
      ({ deploymentId }) => deploymentId,
    ),
  );
  const aborted = new Set(
    executions.filter(({ status }) => status === 'ABORTED').map(({ executionArn }) => executionArn),
  );
  for (const { deploymentId, outcome, startedBy } of table.deployments) {
    if (outcome || held.has(deploymentId) || aborted.has(startedBy.executionArn)) continue;
    findings.add('L1', `${deploymentId} has no outcome`);
  }
}

/** S22: no lock, open wait or waiting place is left, unless held for a person. */
function judgeLeftovers({ table, findings }: End): void {
  const held = table.locks.filter(isHeld);
  for (const { deploymentId } of table.locks.filter((lock) => !isHeld(lock)))
    findings.add('S22', `the lock of ${deploymentId} is left`);
  if (held.length > 0) return;
  for (const { state, deploymentId } of table.waits)
    findings.add('S22', `the wait ${state} of ${deploymentId} is left`);
  for (const { deploymentId } of table.waiting) findings.add('S22', `${deploymentId} still waits`);
}

/** S15: after an edit that a step could see, a person decides, and the edit stands. */
function judgeEdit(
  { meddled: { edit }, watched, table, findings }: End,
  sides: readonly ObservedSide[],
): void {
  if (!edit || watched.overwrote) return;
  const percents = sides.map(({ percent }) => percent);
  if (percents.some((percent, index) => percent !== edit.weights[index]))
    findings.add('S15', `the edit ${edit.weights} did not stand: ${percents}`);
  // Past the point of no return an error keeps green and says DRAIN_FAILED: blue still runs.
  const isSeen =
    table.locks.length > 0 ||
    table.deployments.some(({ outcome }) => outcome === 'HALTED' || outcome === 'DRAIN_FAILED');
  if (watched.sawEdit && !isSeen)
    findings.add('S15', `a step read the listener after the edit in ${edit.state}, and nothing halted`);
}

/** L3 and S17: one whole side serves the newest version that did well. */
async function judgeServing(end: End, sides: readonly ObservedSide[]): Promise<void> {
  const { setting, table, findings, meddled, watched } = end;
  if (meddled.edit || watched.overwrote || table.locks.length > 0) return;
  const serving = sides.find(({ percent }) => percent === 100);
  const other = sides.find(({ percent }) => percent === 0);
  if (!serving || !other) {
    findings.add('S17', `no side has all the traffic: ${sides.map(({ percent }) => percent)}`);
    return;
  }
  const good = newestSuccess(table.deployments);
  if (other.runningCount > 0 && good?.outcome !== 'DRAIN_FAILED')
    findings.add('S22', `${other.service} still runs ${other.runningCount} tasks`);
  const digest = (await digestOf(setting, serving.service)) ?? 'nothing';
  const wanted = good?.image.digest ?? setting.world.digest;
  if (digest !== wanted) findings.add('L3', `${digest} serves; the last good one is ${wanted}`);
  judgeHealth(end, serving, digest);
  judgeNewest(end, digest);
}

/** Whole, unless nothing was ever deployed, or its own processes go on ending. */
function judgeHealth({ setting, pushed, findings }: End, serving: ObservedSide, digest: string): void {
  const isFirst = digest === setting.world.digest && setting.plan.world.blueCount === 0;
  const endsByItself = pushed.some((one) => one.digest === digest && one.planned.kind === 'exitsLater');
  const { service, healthyCount, desiredCount } = serving;
  if (isFirst || endsByItself || (healthyCount > 0 && healthyCount >= desiredCount)) return;
  findings.add('S17', `${service} serves with ${healthyCount} of ${desiredCount}`);
}

/** Last by end, not by start. */
function newestSuccess(deployments: readonly Deployment[]): Deployment | undefined {
  return deployments
    .filter(({ outcome }) => outcome === 'SUCCESSFUL' || outcome === 'DRAIN_FAILED')
    .sort((a, b) => (a.endedAtMs ?? 0) - (b.endedAtMs ?? 0))
    .at(-1);
}

/** What may keep a good version from serving: the disturbances themselves, told as such. */
const DISTURBED =
  /AwsNotAnswering|Runtime\.ExitError|Sandbox\.Timedout|States\.Timeout|TasksKeepFailing|TargetsNotHealthy|EcsDeployment|SteadyStateTimedOut|CheckFailed|NothingToRollBackTo/;

/** L3: the version pushed last serves if it is good, or the record says what kept it from it. */
function judgeNewest(
  { pushed, table, executions, deadLetters, findings, meddled, setting }: End,
  digest: string,
): void {
  const newest = pushed.at(-1);
  if (newest?.planned.kind !== 'good' || newest.digest === digest) return;
  if (deadLetters.some((body) => body.includes(newest.digest))) return;
  const records = table.deployments.filter(({ image }) => image.digest === newest.digest);
  const own = executions.filter(({ executionArn, input }) => {
    const isPush = (input.push as { digest?: string } | undefined)?.digest === newest.digest;
    return isPush || records.some(({ startedBy }) => startedBy.executionArn === executionArn);
  });
  const stopped = meddled.stopped.some((stop) =>
    own.some(({ executionArn }) => executionArn === stop.executionArn),
  );
  const reasons = [...records.map(({ reason = '' }) => reason), ...own.map(({ cause = '' }) => cause)];
  const rates = Object.values(setting.plan.rates);
  const isDisturbed = rates.some((rate) => rate > 0) && reasons.some((reason) => DISTURBED.test(reason));
  if (stopped || isDisturbed) return;
  const told = records.map(({ outcome, reason }) => `${outcome} (${reason})`).join('; ');
  const ends = own.map(({ status, cause, output }) => cause ?? output?.reason ?? status).join('; ');
  findings.add(
    'L3',
    `${newest.planned.tag} is good and newest but does not serve: ${told || ends || 'no record'}`,
  );
}

async function digestOf({ clients }: Setting, service: string): Promise<string | undefined> {
  const { services = [] } = await clients.ecs.send(
    new DescribeServicesCommand({ cluster: CLUSTER, services: [service] }),
  );
  const { taskDefinition } = await clients.ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: services[0]?.taskDefinition }),
  );
  return taskDefinition?.containerDefinitions?.[0]?.image?.split('@')[1];
}
