/** AcquireLock: one deployment per service; whoever finds the lock taken gets the one waiting place, or gives way. */
import { sfn } from './aws/sfn.ts';
import type { Deployment, StepInput } from './common/deployment.ts';
import { AwsNotAnswering } from './common/errors.ts';
import { recover } from './common/recovery.ts';
import { type Ground, onLambda, type Step, step } from './common/step.ts';
import { planOf } from './decisions/plan.ts';
import { judgePlace } from './decisions/turns.ts';
import { endOf, getDeployment } from './table/deployments.ts';
import { getLock, type Lock, lockKey, takeOver } from './table/locks.ts';
import { advanceMemory, getMemory } from './table/memory.ts';
import { closeWait, queryOpenWaits } from './table/open-waits.ts';
import { clearWaiting, getWaiting, takeWaitingPlace, type Waiting } from './table/waiting-place.ts';

/** A rival can only win so often in a row before this step is better tried again from the start. */
const ROUNDS_MAX = 5;

type Ports = Ground & { readonly sfn: ReturnType<typeof sfn> };

/** What the machine does next. */
type Turn = 'deploy' | 'rollBack' | 'cleanUp' | 'queued';

const acquireLock: Step<{ sfn: ReturnType<typeof sfn> }> = async ({ deployment }, ports, input) => {
  const decide = input.recover === true ? recoverLock : takeTurn;
  const { turn, reason } = await decide(deployment, ports, input);
  ports.log.info('turn decided', { turn, reason });
  return { turn, reason, plan: planOf(deployment, ports.now()) };
};

export const create = step('AcquireLock', acquireLock, { sfn });
export const handler = onLambda(create);

interface Decided {
  readonly turn: Turn;
  readonly reason: string;
}

async function takeTurn(deployment: Deployment, ports: Ports, { executionArn }: StepInput): Promise<Decided> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const lock = await getLock(ports.table, deployment.service);
    if (lock?.executionArn === executionArn) return { turn: 'deploy', reason: '' };
    if (!lock) {
      if (await acquire(deployment, ports, executionArn)) return { turn: 'deploy', reason: '' };
      continue;
    }
    await recover(lock, ports);
    const queued = await queueBehind(lock, deployment, ports);
    if (queued) return queued;
  }
  throw new AwsNotAnswering(
    `the lock of ${deployment.service} changed hands ${ROUNDS_MAX} times while it was looked at`,
  );
}

/** Lock, fencing number and waiting place change together, so that a crash between them loses nothing. */
async function acquire(
  deployment: Deployment,
  { table, now }: Ports,
  executionArn: string,
): Promise<boolean> {
  const { service, deploymentId } = deployment;
  const [memory, waiting] = await Promise.all([getMemory(table, service), getWaiting(table, service)]);
  const lock: Lock = {
    service,
    deploymentId,
    executionArn,
    fencing: memory.fencing + 1,
    acquiredAtMs: now(),
    recoveryCount: 0,
  };
  const isOurs = waiting?.digest === deployment.image.digest;
  return table.write(
    { put: { ...lockKey(service), ...lock }, condition: { expression: 'attribute_not_exists(#pk)' } },
    advanceMemory(deployment, memory),
    ...(waiting && isOurs ? [clearWaiting(waiting)] : []),
    ...(waiting && isOurs && waiting.isRecorded && waiting.deploymentId !== deploymentId
      ? [goesOnAs(deploymentId, waiting, now())]
      : []),
  );
}

/** The record that waited ends here: its push goes on under the id of the execution that got its turn. */
const goesOnAs = (deploymentId: string, waiting: Waiting, endedAtMs: number) =>
  endOf(waiting.deploymentId, {
    outcome: 'SUPERSEDED',
    reason: `its turn came as ${deploymentId}`,
    endedAtMs,
    successor: deploymentId,
  });

/** @returns undefined if the waiting place changed under us: look again */
async function queueBehind(lock: Lock, deployment: Deployment, ports: Ports): Promise<Decided | undefined> {
  const { table, now } = ports;
  const { service, deploymentId, order, startedBy, image } = deployment;
  const waiting = await getWaiting(table, service);
  if (waiting?.deploymentId === deploymentId) return { turn: 'queued', reason: 'waits for its turn' };
  const byPerson = startedBy.kind === 'person';
  const deploying = await getDeployment(table, lock.deploymentId);
  const isItsTurn = waiting !== undefined && waiting.deploymentId === startedBy.input.takesPlaceOf;
  const place = judgePlace({ digest: image.digest, order, byPerson }, isItsTurn ? undefined : waiting, {
    digest: deploying.image.digest,
    deploymentId: lock.deploymentId,
  });
  if (!place.takes) {
    await table.write(endOf(deploymentId, { outcome: 'SUPERSEDED', reason: place.reason, endedAtMs: now() }));
    return { turn: 'queued', reason: place.reason };
  }
  const newcomer: Waiting = {
    service,
    deploymentId,
    input: startedBy.input,
    order,
    digest: image.digest,
    byPerson,
    sinceMs: now(),
    isRecorded: true,
  };
  if (!(await takeWaitingPlace(table, newcomer, waiting))) return undefined;
  await endStandby(service, ports);
  // Released since we looked? Then nobody would call us: look again, and take the turn.
  const stillTaken = await getLock(table, service);
  return (
    stillTaken && {
      turn: 'queued',
      reason: `${lock.deploymentId} is being deployed; this one waits for its turn`,
    }
  );
}

/** Blue stands by only until somebody else wants its place. The sweep sees the same, should this answer be lost. */
async function endStandby(service: string, { table, sfn }: Ports): Promise<void> {
  const waits = await queryOpenWaits(table);
  const standby = waits.find((wait) => wait.service === service && wait.state === 'Standby');
  if (standby && (await sfn.sendTaskSuccess(standby.taskToken, {}))) await closeWait(table, standby);
}

/** A recovery takes the lock over from the execution that died, and goes on from where the record says that it was. */
async function recoverLock(deployment: Deployment, ports: Ports, input: StepInput): Promise<Decided> {
  const { executionArn } = input;
  const { service, deploymentId, pointOfNoReturn, succeededAtMs } = deployment;
  const lock = await getLock(ports.table, service);
  const turn: Decided = {
    turn: pointOfNoReturn || succeededAtMs ? 'cleanUp' : 'rollBack',
    reason: `recovers ${deploymentId}`,
  };
  if (lock?.deploymentId !== deploymentId)
    return { turn: 'queued', reason: `${deploymentId} holds no lock: there is nothing to recover` };
  if (lock.executionArn === executionArn) return turn;
  if (lock.heldBecause && input.automatic === true)
    return { turn: 'queued', reason: `the lock waits for a person: ${lock.heldBecause}` };
  const status = await ports.sfn.describeExecution(lock.executionArn);
  if (status === 'RUNNING')
    return { turn: 'queued', reason: `${lock.executionArn} still works on ${deploymentId}` };
  if (await takeOver(ports.table, lock, executionArn)) return turn;
  // Refused, or done by an attempt whose answer was lost: the lock itself tells.
  const now = await getLock(ports.table, service);
  if (now?.executionArn === executionArn) return turn;
  return { turn: 'queued', reason: `another execution recovers ${deploymentId}` };
}
