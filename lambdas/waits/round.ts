/** What a member of a group sees of its round, and does for it: joins, closes it, comes through it, or breaks it. */
import type { Sfn } from '../aws/sfn.ts';
import type { Deployment, SteppedBackWith } from '../common/deployment.ts';
import { AwsNotAnswering, GroupSteppedBack } from '../common/errors.ts';
import { pushExecutionName, siblingArn } from '../common/push-execution.ts';
import { jointGroupOf } from '../common/service.ts';
import type { Ground } from '../common/step.ts';
import { stopError } from '../common/stop.ts';
import { isAfterLastBake, onwards } from '../decisions/next-act.ts';
import { mayGoOn, ordersOf } from '../decisions/orders.ts';
import type { Push } from '../decisions/pushes.ts';
import {
  allBaked,
  brokenBy,
  inState,
  isMember,
  isOver,
  joined,
  judgeGathering,
  type MemberFacts,
  type Round,
  type RoundState,
  without,
} from '../decisions/round.ts';
import { getDeployment } from '../table/deployments.ts';
import { getLock } from '../table/locks.ts';
import { breakOff, closeRound, endRound, getRound, putRound } from '../table/rounds.ts';
import { getWaiting } from '../table/waiting-place.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';
import { nudge } from './nudge.ts';

export interface RoundPorts extends Ground {
  readonly sfn: Sfn;
}

/** Others change the round too; each change of theirs is worth another look. */
const TRIES_MAX = 10;

/** The look of WaitForGroup, as far as the others are concerned: before the first shift, and after the last bake. */
export async function lookAtRound(deployment: Deployment, ports: RoundPorts): Promise<Look> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const record = await getDeployment(ports.table, deployment.deploymentId);
    const verdict = mayGoOn('WaitForGroup', record, ports.now());
    if (verdict.stop) return failed(stopError(verdict));
    const look = isAfterLastBake(record)
      ? await lookAfterBakes(record, ports)
      : await lookAtGate(record, ports);
    if (look) return look;
  }
  return stillOpen('the round of the group, which others change just now');
}

/** @returns undefined if the round changed under us: look again */
async function lookAtGate(deployment: Deployment, ports: RoundPorts): Promise<Look | undefined> {
  if (deployment.round?.closedAtMs !== undefined) return onTo(deployment);
  const { table } = ports;
  const group = nameOfGroup(deployment);
  const round = await getRound(table, group);
  const isIn = isMember(round, deployment);
  if (!round || !isIn || round.members[deployment.service]?.at !== 'gate') {
    const next = joined(round, group, deployment, 'gate');
    if (!next) return stillOpen(`the round of ${Object.keys(round?.members ?? {}).join(', ')} to end`);
    return void (await table.write(putRound(next)));
  }
  // The record says so too: look again.
  if (isOver(round)) return undefined;
  if (ordersOf(deployment).pause) return stillOpen('resume: a person paused it');
  const others = (deployment.groupMembers ?? []).filter((service) => service !== deployment.service);
  const verdict = judgeGathering(
    await Promise.all(others.map((service) => factsOf(service, round, deployment, ports))),
  );
  if (verdict.is === 'waiting') return stillOpen(verdict.for);
  if (verdict.is === 'broken') return stepBackWith(verdict.by, verdict.reason, round, deployment, ports);
  if (!(await closeRound(table, inState(round, 'shifting'), ports.now()))) return undefined;
  ports.log.info('the group shifts', { group, members: Object.keys(round.members) });
  await nudgeOthers(round, deployment, ports);
  return undefined;
}

/** @returns undefined if the round changed under us: look again */
async function lookAfterBakes(deployment: Deployment, ports: RoundPorts): Promise<Look | undefined> {
  if (deployment.succeededAtMs !== undefined) return onTo(deployment);
  const group = nameOfGroup(deployment);
  const { table } = ports;
  const round = await getRound(table, group);
  if (!round || !isMember(round, deployment) || isOver(round)) return undefined;
  const baked = joined(round, group, deployment, 'baked');
  if (baked && allBaked(baked)) {
    if (!(await endRound(table, { ...inState(baked, 'through'), version: baked.version }, ports.now())))
      return undefined;
    ports.log.info('the group has come through', { group, members: Object.keys(round.members) });
    await nudgeOthers(round, deployment, ports);
    return undefined;
  }
  if (round.members[deployment.service]?.at !== 'baked')
    return baked && void (await table.write(putRound(baked)));
  const late = Object.entries(round.members).filter(([, { at }]) => at !== 'baked');
  for (const [service, { deploymentId }] of late) {
    const ended = brokenBy(service, await getDeployment(table, deploymentId));
    if (ended) return stepBackWith(service, ended.reason, round, deployment, ports);
  }
  return stillOpen(`the bakes of ${late.map(([service]) => service).join(', ')}`);
}

/** What comes next, now that the group lets it. */
const onTo = (deployment: Deployment): Look => answered(onwards(deployment, deployment.nextTrafficStep ?? 0));

function nameOfGroup(deployment: Deployment): string {
  const group = jointGroupOf(deployment.configuration);
  if (group) return group.name;
  throw new RangeError(`${deployment.service} is in no group whose services shift together`);
}

async function factsOf(
  service: string,
  round: Round,
  { startedBy }: Deployment,
  { table, sfn, now }: RoundPorts,
): Promise<MemberFacts> {
  const [lock, waiting] = await Promise.all([getLock(table, service), getWaiting(table, service)]);
  const member = round.members[service];
  const deploymentId = member?.deploymentId ?? lock?.deploymentId;
  const { push, alsoFeeds } = startedBy.input as { push?: Push; alsoFeeds?: readonly string[] };
  const arn = push && siblingArn(startedBy.executionArn, pushExecutionName(service, push));
  const isFed = arn !== undefined && (alsoFeeds ?? []).includes(service) && member === undefined;
  return {
    service,
    at: member?.at,
    record: deploymentId === undefined ? undefined : await getDeployment(table, deploymentId),
    holdsLock: lock !== undefined,
    // For a window that is closed it may wait for days.
    waits: waiting !== undefined && !((waiting.notBeforeMs ?? 0) > now()),
    ofSamePush: isFed ? ((await sfn.describeExecution(arn)) ?? 'NOT_FOUND') : undefined,
  };
}

/** Another member is lost and could not say so: its part is done here. */
async function stepBackWith(
  service: string,
  why: string,
  { state }: Round,
  deployment: Deployment,
  ports: RoundPorts,
): Promise<Look | undefined> {
  const reason = `${service} is lost to the group: ${why}`;
  if (!(await breakRound(deployment, reason, ports, state))) return undefined;
  return failed(new GroupSteppedBack(reason));
}

/**
 * The deployment steps back, so every other member of its round does, unless all have come through. Done twice is done once.
 * @param onlyIn the one state in which the round is broken; both that can be broken if absent
 * @returns false if the round is in another state
 */
export async function breakRound(
  deployment: Deployment,
  reason: string,
  ports: RoundPorts,
  onlyIn?: RoundState,
): Promise<boolean> {
  const group = jointGroupOf(deployment.configuration);
  if (!group) return true;
  const { service, deploymentId } = deployment;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const round = await getRound(ports.table, group.name);
    if (!round || !isMember(round, deployment)) return true;
    if (round.state === 'through') return onlyIn === undefined;
    const with_: SteppedBackWith = { service, deploymentId, reason, atMs: ports.now() };
    if (onlyIn !== undefined && round.state !== onlyIn && round.state !== 'broken') return false;
    const isBroken =
      round.state === 'broken' || (await breakOff(ports.table, inState(round, 'broken', reason), with_));
    if (!isBroken) continue;
    await nudgeOthers(round, deployment, ports);
    return true;
  }
  throw new AwsNotAnswering(
    `the round of ${group.name} changed ${TRIES_MAX} times while it was to be broken`,
  );
}

/** A deployment that was superseded leaves the round to the one that took its place. */
export async function leaveRound(
  deployment: Deployment,
  { table }: Pick<RoundPorts, 'table'>,
): Promise<void> {
  const group = jointGroupOf(deployment.configuration);
  if (!group) return;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const round = await getRound(table, group.name);
    if (round?.state !== 'gathering' || !isMember(round, deployment)) return;
    if (await table.write(putRound(without(round, deployment.service)))) return;
  }
  throw new AwsNotAnswering(`the round of ${group.name} changed ${TRIES_MAX} times while it was to be left`);
}

/** Members that wait see at once what has become of the round. */
async function nudgeOthers(round: Round, { deploymentId }: Deployment, ports: RoundPorts): Promise<void> {
  const ids = Object.values(round.members).map((member) => member.deploymentId);
  await nudge(
    (wait) => wait.deploymentId !== deploymentId && ids.includes(wait.deploymentId),
    { WaitForGroup: lookAtRound },
    ports,
  );
}

/** A service of the group is idle again: those that wait at the gate need not wait for it. */
export async function nudgeGate({ groupMembers = [] }: Deployment, ports: RoundPorts): Promise<void> {
  if (groupMembers.length === 0) return;
  await nudge(
    ({ service, state }) => state === 'WaitForGroup' && groupMembers.includes(service),
    { WaitForGroup: lookAtRound },
    ports,
  );
}
