/** The round of a group: services that shift, and step back, as one. What becomes of a round, and what it still waits for. */
import type { Deployment, Outcome } from '../common/deployment.ts';
import { hasShifted } from './busy.ts';
import { ordersOf } from './orders.ts';

/** `coming`: has the lock; `gate`: would shift next; `baked`: its last bake is over. */
export type Place = 'coming' | 'gate' | 'baked';

export interface RoundMember {
  readonly deploymentId: string;
  readonly at: Place;
}

/**
 * `gathering`: until every member is at the gate; `shifting`: from then on they are one; `through`: all have baked, nobody
 * steps back any more; `broken`: one has stepped back, so all do.
 */
export type RoundState = 'gathering' | 'shifting' | 'through' | 'broken';

export interface Round {
  readonly group: string;
  /** The deployment that opened it. */
  readonly id: string;
  /** Grows with each change: whoever writes has read the last one. */
  readonly version: number;
  readonly state: RoundState;
  /** By service. */
  readonly members: Readonly<Record<string, RoundMember>>;
  /** Why it is broken. */
  readonly reason?: string;
}

type Joining = Pick<Deployment, 'service' | 'deploymentId'>;

export const isOver = ({ state }: Round): boolean => state === 'through' || state === 'broken';

export function isMember(round: Round | undefined, { service, deploymentId }: Joining): boolean {
  return round?.members[service]?.deploymentId === deploymentId;
}

/** @returns the round with the deployment at the place; undefined if it cannot join, because others shift just now */
export function joined(
  round: Round | undefined,
  group: string,
  { service, deploymentId }: Joining,
  at: Place,
): Round | undefined {
  const member = { [service]: { deploymentId, at } };
  if (!round || isOver(round)) {
    const version = (round?.version ?? 0) + 1;
    return { group, id: deploymentId, version, state: 'gathering', members: member };
  }
  if (round.state === 'shifting' && !isMember(round, { service, deploymentId })) return undefined;
  return { ...round, version: round.version + 1, members: { ...round.members, ...member } };
}

export function inState(round: Round, state: RoundState, reason?: string): Round {
  return { ...round, version: round.version + 1, state, ...(reason !== undefined && { reason }) };
}

/** The round without a deployment that was superseded: the one that took its place joins in its stead. */
export function without(round: Round, service: string): Round {
  const others = Object.entries(round.members).filter(([name]) => name !== service);
  return { ...round, version: round.version + 1, members: Object.fromEntries(others) };
}

/** Whether every member has come through its last bake. */
export const allBaked = ({ members }: Round): boolean =>
  Object.values(members).every(({ at }) => at === 'baked');

/** What is known of one service of the group. */
export interface MemberFacts {
  readonly service: string;
  /** Its place in the round; undefined if it has not joined. */
  readonly at?: Place;
  /** Of the deployment in the round, or else of the one that holds the service's lock. */
  readonly record?: Deployment;
  readonly holdsLock: boolean;
  /** Another of its deployments waits for its turn. */
  readonly waits: boolean;
  /** Only if the same push feeds it: the status of that execution as AWS spells it, or `NOT_FOUND`. */
  readonly ofSamePush?: string;
}

export type Gathering =
  | { readonly is: 'complete' }
  | { readonly is: 'waiting'; readonly for: string }
  | { readonly is: 'broken'; readonly by: string; readonly reason: string };

/** Whether all the others are at the gate, or have nothing to deploy. */
export function judgeGathering(others: readonly MemberFacts[]): Gathering {
  const verdicts = others.map(judgeMember);
  const broken = verdicts.find(({ is }) => is === 'broken');
  return broken ?? verdicts.find(({ is }) => is === 'waiting') ?? { is: 'complete' };
}

const waitingFor = (what: string): Gathering => ({ is: 'waiting', for: what });

function judgeMember(facts: MemberFacts): Gathering {
  return facts.at === undefined ? judgeAbsent(facts) : judgeJoined(facts, facts.at);
}

function judgeJoined({ service, record }: MemberFacts, at: Place): Gathering {
  const ended = brokenBy(service, record);
  if (ended) return ended;
  if (record?.supersededBy)
    return waitingFor(`${service}: ${record.supersededBy.deploymentId} takes its place`);
  if (at === 'coming') return waitingFor(`${service} to be ready to shift`);
  if (record && ordersOf(record).pause) return waitingFor(`${service}, which a person has paused`);
  return { is: 'complete' };
}

function judgeAbsent({ service, record, holdsLock, waits, ofSamePush }: MemberFacts): Gathering {
  const isBusy = holdsLock && !(record && record.succeededAtMs !== undefined);
  if (isBusy)
    return waitingFor(`${service}, which is being deployed${record && hasShifted(record) ? ' apart' : ''}`);
  if (waits) return waitingFor(`${service}, which waits for its turn`);
  if (ofSamePush === undefined || ofSamePush === 'SUCCEEDED') return { is: 'complete' };
  if (['FAILED', 'ABORTED', 'TIMED_OUT'].includes(ofSamePush)) {
    const reason = `its deployment of the same push ended ${ofSamePush}`;
    return { is: 'broken', by: service, reason };
  }
  return waitingFor(`${service}, which the same push feeds`);
}

/** A deployment that ended without its execution having told the round. */
export function brokenBy(
  service: string,
  record: Deployment | undefined,
): Extract<Gathering, { is: 'broken' }> | undefined {
  const fine: readonly (Outcome | undefined)[] = [undefined, 'SUCCESSFUL', 'DRAIN_FAILED', 'SUPERSEDED'];
  if (!record || fine.includes(record.outcome)) return undefined;
  return { is: 'broken', by: service, reason: `it ended ${record.outcome}: ${record.reason ?? ''}` };
}
