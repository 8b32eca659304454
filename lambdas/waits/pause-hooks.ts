/** PAUSE hooks of ECS as gates: one that awaits an action opens an approval, whose answer goes back to ECS. */
import type { Table } from '../aws/dynamodb.ts';
import type { Ecs, ServiceDeployment } from '../aws/ecs.ts';
import type { Deployment, OpenGate } from '../common/deployment.ts';
import { ApprovalExpired, ApprovalRejected } from '../common/errors.ts';
import type { Gate } from '../common/service.ts';
import { judgeApproval } from '../decisions/approval.ts';
import { gateAt, type HookFacts, pausesOf } from '../decisions/service-deployment.ts';
import { noteProgress } from '../table/deployments.ts';
import { failed, type Look, stillOpen } from './look.ts';

interface Ports {
  readonly table: Table;
  readonly ecs: Ecs;
  readonly now: () => number;
}

/** @returns undefined if no PAUSE hook waits */
export async function lookAtPauseHooks(
  deployment: Deployment,
  described: ServiceDeployment,
  ports: Ports,
): Promise<Look | undefined> {
  const [hook] = pausesOf(described);
  if (!hook) return undefined;
  const gate = gateAt(described.lifecycleStage);
  const { approval } = deployment.configuration;
  if (!gate || !approval?.gates.includes(gate)) {
    const stage = described.lifecycleStage;
    return stillOpen(
      `somebody to answer hook ${hook.hookId} of ${stage} in ECS: no approval is configured for it`,
    );
  }
  const openGate = await openFor(hook, gate, deployment, ports);
  return answerHook({ ...deployment, openGate }, openGate, ports);
}

/** Each hook is asked for once, as a step of its own: an answer for one is none for the next. */
async function openFor(
  { hookId, expiresAt }: HookFacts,
  gate: Gate,
  deployment: Deployment,
  { table, now }: Ports,
): Promise<OpenGate> {
  const { openGate: known, image, configuration } = deployment;
  if (known && known.hookId === hookId) return known;
  const openedAtMs = now();
  const timeoutMs = (configuration.approval?.timeoutSeconds ?? 0) * 1000;
  const openGate: OpenGate = {
    gate,
    trafficStep: known ? known.trafficStep + 1 : 0,
    digest: image.digest,
    openedAtMs,
    expiresAtMs: Math.min(openedAtMs + timeoutMs, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY),
    hookId,
  };
  await noteProgress(table, deployment, { openGate });
  return openGate;
}

async function answerHook(deployment: Deployment, openGate: OpenGate, ports: Ports): Promise<Look> {
  const verdict = judgeApproval(deployment);
  if (verdict.given === 'approved') return goOn(deployment, openGate, ports);
  if (verdict.given === 'rejected')
    return stepBack(deployment, openGate, new ApprovalRejected(verdict.reason), ports);
  if (ports.now() < openGate.expiresAtMs) return stillOpen(`the approval ${openGate.gate}`);
  const { otherwise, timeoutSeconds } = deployment.configuration.approval ?? {};
  if (otherwise === 'approve') return goOn(deployment, openGate, ports);
  const expired = `nobody answered the approval ${openGate.gate} within ${timeoutSeconds} s`;
  return stepBack(deployment, openGate, new ApprovalExpired(expired), ports);
}

async function goOn(
  { serviceDeploymentArn = '' }: Deployment,
  { gate, hookId = '' }: OpenGate,
  { ecs }: Ports,
): Promise<Look> {
  await ecs.continueServiceDeployment(serviceDeploymentArn, hookId, 'CONTINUE');
  return stillOpen(`ECS to go on: the approval ${gate} is given`);
}

/** RollBack would ask ECS for the same a moment later: this is sooner. */
async function stepBack(
  { serviceDeploymentArn = '' }: Deployment,
  { hookId = '' }: OpenGate,
  why: Error,
  { ecs }: Ports,
): Promise<Look> {
  await ecs.continueServiceDeployment(serviceDeploymentArn, hookId, 'ROLLBACK');
  return failed(why);
}
