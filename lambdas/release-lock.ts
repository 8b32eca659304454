/** ReleaseLock: writes how the deployment ended, frees the lock, and gives the next one its turn. */
import { type Sfn, sfn } from './aws/sfn.ts';
import { type Deployment, OUTCOMES, type Outcome } from './common/deployment.ts';
import { DeploymentUnfinished } from './common/errors.ts';
import { describeFailure, isAboutImage, isSuperseded } from './common/failure.ts';
import { isInPlace } from './common/service.ts';
import { type Ground, onLambda, type Step, step } from './common/step.ts';
import { ordersOf } from './decisions/orders.ts';
import { stillAwaits } from './resolution/predecessors.ts';
import { endOf } from './table/deployments.ts';
import { heldBy, lockKey } from './table/locks.ts';
import { rememberOutcome } from './table/memory.ts';
import { clearWait } from './table/open-waits.ts';
import { executionNameOf, getWaiting, inputOf, queryWaiting } from './table/waiting-place.ts';
import { breakRound, leaveRound, nudgeGate } from './waits/round.ts';

const releaseLock: Step<{ sfn: Sfn }> = async ({ deployment }, ports, input) => {
  const { service, deploymentId } = deployment;
  const isTooLate = cameTooLate(deployment, parseOutcome(input.outcome));
  const outcome = isTooLate
    ? 'SUCCESSFUL'
    : outcomeOf(deployment, parseOutcome(input.outcome), input.failure);
  if (outcome === 'REFUSED') requireUntouched(deployment);
  const failure = describeFailure(input.failure);
  const why = isTooLate
    ? `ECS had completed it before: ${failure || 'recovered'}`
    : failure || reasonOf(outcome, deployment);
  const reason = [why, describeMigration(deployment), describeDowntime(deployment)]
    .filter(Boolean)
    .join('; ');
  await tellGroup(deployment, outcome, reason, ports);
  const successor = outcome === 'SUPERSEDED' ? deployment.supersededBy?.deploymentId : undefined;
  const released = await ports.table.write(
    { delete: lockKey(service), condition: heldBy(deploymentId, input.executionArn) },
    endOf(deploymentId, { outcome, reason, endedAtMs: ports.now(), successor }),
    clearWait(service),
    ...(isAboutImage(input.failure) && outcome !== 'SUPERSEDED' ? rememberOutcome(deployment, outcome) : []),
  );
  // Not ours any more: released by an earlier try of this step, whose outcome stands, or taken over.
  if (!released && deployment.outcome !== outcome)
    return { outcome: 'TAKEN_OVER', reason: 'another execution goes on with it' };
  ports.log.info('deployment ended', { service, outcome, reason });
  await callNext(service, ports);
  await callThoseAfter(service, input.executionArn, ports);
  await nudgeGate(deployment, ports);
  return { outcome, reason };
};

export const create = step('ReleaseLock', releaseLock, { sfn });
export const handler = onLambda(create);

/** The place is cleared only when that execution acquires the lock: a crash right here loses nothing, the sweep calls again. */
async function callNext(service: string, { table, sfn, now, log }: Ground & { sfn: Sfn }): Promise<void> {
  const waiting = await getWaiting(table, service);
  // What waits for a window or a freeze the sweep calls, which judges both anew.
  if (!waiting || (waiting.notBeforeMs ?? 0) > now()) return;
  await sfn.startExecution(executionNameOf(waiting, now()), inputOf(waiting));
  log.info('the waiting deployment has its turn', { service, waiting: waiting.deploymentId });
}

/** Services that come after this one and wait for nothing else any more. */
async function callThoseAfter(service: string, ending: string, ports: Ground & { sfn: Sfn }): Promise<void> {
  const { table, sfn, now, log } = ports;
  const waitings = await queryWaiting(table);
  for (const waiting of waitings.filter(({ awaits }) => awaits?.services.includes(service))) {
    if ((waiting.notBeforeMs ?? 0) > now() || (await stillAwaits(waiting, ports, ending))) continue;
    await sfn.startExecution(executionNameOf(waiting, now()), inputOf(waiting));
    log.info('a service that comes after this one has its turn', {
      service: waiting.service,
      after: service,
    });
  }
}

const SERVED: readonly Outcome[] = ['SUCCESSFUL', 'DRAIN_FAILED'];

/** Before the lock is free: whoever sees it free finds the group's round as it is. */
async function tellGroup(
  deployment: Deployment,
  outcome: Outcome,
  reason: string,
  ports: Ground & { sfn: Sfn },
): Promise<void> {
  if (SERVED.includes(outcome)) return;
  if (outcome === 'SUPERSEDED') await leaveRound(deployment, ports);
  else await breakRound(deployment, reason, ports);
}

/** A deployment that was stopped before green served says so, though it stepped back like any other. */
function outcomeOf(deployment: Deployment, outcome: Outcome, failure: unknown): Outcome {
  const wasStopped = outcome === 'ROLLBACK_SUCCESSFUL' && deployment.succeededAtMs === undefined;
  if (!wasStopped) return outcome;
  if (ordersOf(deployment).abort) return 'STOPPED';
  return deployment.supersededBy && isSuperseded(failure) ? 'SUPERSEDED' : outcome;
}

/** ECS completed its own deployment before it could be stopped: there was nothing left to step back from. */
function cameTooLate({ configuration, succeededAtMs }: Deployment, outcome: Outcome): boolean {
  const isNative = configuration.strategy.type === 'native';
  return isNative && outcome === 'ROLLBACK_SUCCESSFUL' && succeededAtMs !== undefined;
}

/** A refusal promises that nothing was changed: whatever was begun is finished by a recovery instead, which finds the lock. */
function requireUntouched({ deploymentId, ...begun }: Deployment): void {
  const { attach, ecsDeploymentBefore, serviceDeploymentBefore, stoppedAtMs, migrationTaskArn } = begun;
  if (!attach && !ecsDeploymentBefore && !serviceDeploymentBefore && !stoppedAtMs && !migrationTaskArn)
    return;
  throw new DeploymentUnfinished(
    `${deploymentId} has begun, so it cannot end REFUSED: its recovery steps back`,
  );
}

function parseOutcome(value: unknown): Outcome {
  const found = OUTCOMES.find((outcome) => outcome === value);
  if (!found) throw new RangeError(`outcome is ${JSON.stringify(value)}; allowed are ${OUTCOMES.join(', ')}`);
  return found;
}

/** What a recreate cost; nothing of deployments that stop nothing. */
/** Of a migration that failed the failure tells already. */
function describeMigration({ migration }: Deployment): string {
  if (migration?.exitCode !== 0) return '';
  const last = migration.lastLogLines.at(-1);
  return `the migration exited with code 0${last === undefined ? '' : `, its last line: "${last}"`}`;
}

const describeDowntime = ({ service, downtimeSeconds }: Deployment): string =>
  downtimeSeconds === undefined ? '' : `no version of ${service} served for ${downtimeSeconds} s`;

function reasonOf(outcome: Outcome, { configuration, green }: Deployment): string {
  if (outcome !== 'SUCCESSFUL') return outcome;
  return isInPlace(configuration) ? `${green.service} runs the new revision` : 'green serves all the traffic';
}
