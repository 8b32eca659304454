/** AcquireLock: one deployment per service; whoever finds the lock taken gets the one waiting place, or gives way. */
import type { TableWrite } from './aws/dynamodb.ts';
import { sfn } from './aws/sfn.ts';
import type { Deployment, Despite, StepInput, SupersededBy } from './common/deployment.ts';
import { AwsNotAnswering, DeploymentUnderWay, PredecessorFailed, type Refusal } from './common/errors.ts';
import { recover } from './common/recovery.ts';
import { jointGroupOf } from './common/service.ts';
import { type Ground, onLambda, type Step, step } from './common/step.ts';
import { judgeBusy, shiftMarks } from './decisions/busy.ts';
import { planOf } from './decisions/plan.ts';
import { comparePushes } from './decisions/push-order.ts';
import { joined } from './decisions/round.ts';
import { judgePlace } from './decisions/turns.ts';
import { mergeDespites } from './resolution/despite.ts';
import { awaitsOf, judgePredecessors } from './resolution/predecessors.ts';
import { deploymentKey, endOf, getDeployment } from './table/deployments.ts';
import { getLock, type Lock, lockKey, takeOver } from './table/locks.ts';
import { advanceMemory, getMemory, rememberOutcome } from './table/memory.ts';
import { getRound, putRound } from './table/rounds.ts';
import {
  clearWaiting,
  getWaiting,
  leaveWaitingPlace,
  takeWaitingPlace,
  type Waiting,
} from './table/waiting-place.ts';
import { nudge } from './waits/nudge.ts';
import { lookAtStandby } from './waits/standby.ts';

/** A rival can only win so often in a row before this step is better tried again from the start. */
const ROUNDS_MAX = 5;

type Ports = Ground & { readonly sfn: ReturnType<typeof sfn> };

/** What the machine does next. */
type Turn = 'deploy' | 'rollBack' | 'cleanUp' | 'queued' | 'refused';

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
    const decided = lock
      ? await giveWay(lock, deployment, ports)
      : await takeFreeLock(deployment, ports, executionArn);
    if (decided) return decided;
  }
  throw new AwsNotAnswering(
    `the lock of ${deployment.service} changed hands ${ROUNDS_MAX} times while it was looked at`,
  );
}

/** @returns undefined if something changed under us: look again */
async function takeFreeLock(
  deployment: Deployment,
  ports: Ports,
  executionArn: string,
): Promise<Decided | undefined> {
  const precedence = await judgePredecessors(deployment, ports);
  if (precedence.is === 'busy') return waitForPredecessors(precedence.waitsFor, deployment, ports);
  const overruled: TableWrite[] = [];
  if (precedence.is === 'failed') {
    const refusal = predecessorFailed(deployment, precedence.reason);
    const reason = wordAgainst(deployment);
    if (reason === undefined) return refuse(deployment, refusal, ports);
    overruled.push(overrule(deployment, { reason, alarms: [], refusals: [refusal.name] }));
  }
  const isOurs = await acquire(deployment, ports, executionArn, overruled);
  return isOurs ? { turn: 'deploy', reason: '' } : undefined;
}

const predecessorFailed = ({ service }: Deployment, reason: string): PredecessorFailed =>
  new PredecessorFailed(
    `${reason}. ${service} comes after it; a person may start it all the same with "despite": "why"`,
  );

/** Only a person's reason overrules. */
function wordAgainst({ startedBy }: Deployment): string | undefined {
  const { despite } = startedBy.input;
  return startedBy.kind === 'person' && typeof despite === 'string' ? despite : undefined;
}

/** The record says what a person overruled. */
const overrule = (deployment: Deployment, despite: Despite): TableWrite => ({
  update: deploymentKey(deployment.deploymentId),
  set: { despite: mergeDespites([deployment.despite, despite]) },
});

/**
 * Lock, fencing number, waiting place and the group's round change together, so that a crash between them loses nothing.
 * Predecessors must be as free as they were when they were judged.
 */
async function acquire(
  deployment: Deployment,
  { table, now }: Ports,
  executionArn: string,
  also: readonly TableWrite[],
): Promise<boolean> {
  const { service, deploymentId, configuration } = deployment;
  const group = deployment.groupMembers && jointGroupOf(configuration);
  const [memory, waiting, round] = await Promise.all([
    getMemory(table, service),
    getWaiting(table, service),
    group && getRound(table, group.name),
  ]);
  const lock: Lock = {
    service,
    deploymentId,
    executionArn,
    fencing: memory.fencing + 1,
    acquiredAtMs: now(),
    recoveryCount: 0,
  };
  const isOurs = waiting?.digest === deployment.image.digest;
  // If others shift just now, it joins the next round when it comes to the gate.
  const next = group && joined(round, group.name, deployment, 'coming');
  return table.write(
    { put: { ...lockKey(service), ...lock }, condition: { expression: 'attribute_not_exists(#pk)' } },
    advanceMemory(deployment, memory),
    ...(waiting && isOurs ? [clearWaiting(waiting)] : []),
    ...(waiting && isOurs && waiting.isRecorded && waiting.deploymentId !== deploymentId
      ? [goesOnAs(deploymentId, waiting, now())]
      : []),
    ...(next ? [putRound(next)] : []),
    ...configuration.after.map((predecessor) => ({
      check: lockKey(predecessor),
      condition: { expression: 'attribute_not_exists(#pk) OR attribute_exists(#heldBecause)' },
    })),
    ...also,
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

/** Nothing is in the way but services that come first: their release, or the sweep, calls it. */
async function waitForPredecessors(
  waitsFor: string,
  deployment: Deployment,
  ports: Ports,
): Promise<Decided | undefined> {
  const { table, now } = ports;
  const waiting = await getWaiting(table, deployment.service);
  if (waiting?.deploymentId === deployment.deploymentId)
    return { turn: 'queued', reason: `waits for ${waitsFor}` };
  const place = judgePlace(contenderOf(deployment), rivalOf(deployment, waiting), NOBODY);
  if (!place.takes) return dropOut(deployment, place.reason, ports);
  const newcomer: Waiting = { ...placeFor(deployment, now()), waitsFor, awaits: awaitsOf(deployment) };
  if (!(await takeWaitingPlace(table, newcomer, waiting))) return undefined;
  // Done since we looked? Then nobody would call us: look again, and take the turn.
  const { is } = await judgePredecessors(deployment, ports);
  return is === 'busy' ? { turn: 'queued', reason: `waits for ${waitsFor}` } : undefined;
}

const NOBODY = { digest: 'none', deploymentId: 'none' };

/** @returns undefined if something changed under us: look again */
async function giveWay(lock: Lock, deployment: Deployment, ports: Ports): Promise<Decided | undefined> {
  await recover(lock, ports);
  const { table, now } = ports;
  const { service, deploymentId, startedBy, configuration } = deployment;
  const waiting = await getWaiting(table, service);
  if (waiting?.deploymentId === deploymentId) {
    await tellHolder(service, ports);
    return { turn: 'queued', reason: 'waits for its turn' };
  }
  const deploying = await getDeployment(table, lock.deploymentId);
  const place = judgePlace(contenderOf(deployment), rivalOf(deployment, waiting), {
    digest: deploying.image.digest,
    deploymentId: lock.deploymentId,
  });
  if (!place.takes) return dropOut(deployment, place.reason, ports);
  const verdict = judgeBusy(
    {
      kind: startedBy.kind,
      whenBusy: configuration.whenBusy,
      isItsTurn: startedBy.input.takesPlaceOf !== undefined,
      isRollback: startedBy.input.rollback !== undefined,
      isNewer: comparePushes(deployment.order, deploying.order) > 0,
    },
    deploying,
  );
  if (verdict.must === 'refuse')
    return refuse(deployment, new DeploymentUnderWay(verdict.reason), ports, startedBy.kind !== 'person');
  const isSuperseding = verdict.must === 'supersede';
  const order = isSuperseding ? [supersede(deploying, deployment, now())] : [];
  if (!(await takeWaitingPlace(table, placeFor(deployment, now()), waiting, ...order))) return undefined;
  await tellHolder(service, ports);
  // Released since we looked? Then nobody would call us: look again, and take the turn.
  const stillTaken = await getLock(table, service);
  const what = isSuperseding ? 'is stopped in favour of this one' : 'is being deployed';
  return (
    stillTaken && { turn: 'queued', reason: `${lock.deploymentId} ${what}; this one waits for its turn` }
  );
}

const contenderOf = ({ image, order, startedBy }: Deployment) => ({
  digest: image.digest,
  order,
  byPerson: startedBy.kind === 'person',
});

/** Whoever waits in the place, unless this is its turn. */
const rivalOf = ({ startedBy }: Deployment, waiting: Waiting | undefined): Waiting | undefined =>
  waiting?.deploymentId === startedBy.input.takesPlaceOf ? undefined : waiting;

const placeFor = (deployment: Deployment, sinceMs: number): Waiting => ({
  ...contenderOf(deployment),
  service: deployment.service,
  deploymentId: deployment.deploymentId,
  input: deployment.startedBy.input,
  sinceMs,
  isRecorded: true,
});

async function dropOut(
  { deploymentId }: Deployment,
  reason: string,
  { table, now }: Ports,
): Promise<Decided> {
  await table.write(endOf(deploymentId, { outcome: 'SUPERSEDED', reason, endedAtMs: now() }));
  return { turn: 'queued', reason };
}

/** @param isRemembered that the digest was refused: then automation does not try it again, and a person can */
async function refuse(
  deployment: Deployment,
  refusal: Refusal,
  { table, now }: Ports,
  isRemembered = false,
): Promise<Decided> {
  const { service, deploymentId, startedBy } = deployment;
  const reason = `${refusal.name}: ${refusal.message}`;
  const waiting = await getWaiting(table, service);
  const end = { outcome: 'REFUSED', reason, endedAtMs: now() } as const;
  const itsPlace = waiting && waiting.deploymentId === startedBy.input.takesPlaceOf ? waiting : undefined;
  if (itsPlace) await leaveWaitingPlace(table, itsPlace, end);
  await table.write(
    endOf(deploymentId, end),
    ...(isRemembered ? rememberOutcome(deployment, 'REFUSED') : []),
  );
  return { turn: 'refused', reason };
}

/** The order to stop, in the transaction in which the newcomer takes the place; refused once traffic is about to move. */
function supersede(deploying: Deployment, { deploymentId, startedBy }: Deployment, atMs: number): TableWrite {
  const supersededBy: SupersededBy = { deploymentId, kind: startedBy.kind, atMs };
  const marks = [...shiftMarks(deploying.configuration), 'supersededBy'].map(
    (mark) => `#${mark.replaceAll('.', '.#')}`,
  );
  return {
    update: deploymentKey(deploying.deploymentId),
    set: { supersededBy },
    condition: { expression: marks.map((mark) => `attribute_not_exists(${mark})`).join(' AND ') },
  };
}

/**
 * Blue stands by only until somebody else wants its place, and a deployment that is superseded goes no further. The sweep
 * sees the same, should these answers be lost.
 */
async function tellHolder(service: string, ports: Ports): Promise<void> {
  await nudge((wait) => wait.service === service, { Standby: lookAtStandby }, ports);
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
