/** What a person says: to a deployment that is under way, or about a service. */
import { SIGNALS, type SignalName, serviceOf } from './deployment.ts';
import { BadInput } from './errors.ts';

/** Words about a service, beside those to its deployment. */
export const RESTRAINING = ['freeze', 'unfreeze', 'suspend'] as const;
export type RestrainingWord = (typeof RESTRAINING)[number];

const WORDS = [...SIGNALS, ...RESTRAINING] as const;

export interface SignalInput {
  readonly service: string;
  /** If that one is meant, rather than the one that is under way. */
  readonly deploymentId?: string;
  readonly signal: SignalName | RestrainingWord;
  readonly reason?: string;
  readonly digest?: string;
  readonly all?: boolean;
  readonly force?: boolean;
  /** Of `freeze`: its end. */
  readonly untilMs?: number;
  /** Of `rollback`: the deployment whose version is to come back. */
  readonly to?: string;
}

const MEMBERS = ['service', 'deploymentId', 'signal', 'reason', 'digest', 'all', 'force', 'until', 'to'];
const REASON_CHARACTERS_MAX = 1_000;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** @throws BadInput that names the member, what was found and what is allowed */
export function parseSignal(body: unknown): SignalInput {
  const members = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const unknown = Object.keys(members).filter((member) => !MEMBERS.includes(member));
  if (unknown.includes('by'))
    throw new BadInput('by is not for the caller to say: a word is recorded with who signed its request');
  if (unknown.length > 0)
    throw new BadInput(`found ${unknown.join(', ')}; allowed are ${MEMBERS.join(', ')}`);
  const signal = WORDS.find((name) => name === members.signal);
  if (!signal)
    throw new BadInput(`signal is ${JSON.stringify(members.signal)}; allowed are ${WORDS.join(', ')}`);
  const input: SignalInput = {
    ...parseTarget(members),
    signal,
    reason: text(members, 'reason', REASON_CHARACTERS_MAX),
    digest: text(members, 'digest', 71),
    all: members.all === true ? true : undefined,
    force: members.force === true ? true : undefined,
    untilMs: members.until === undefined ? undefined : parseTime(members.until),
    to: text(members, 'to', 100),
  };
  requireWhatItNeeds(input);
  return input;
}

function parseTarget(members: Record<string, unknown>): { service: string; deploymentId?: string } {
  const service = text(members, 'service', 100);
  const deploymentId = text(members, 'deploymentId', 100);
  if (deploymentId === undefined && service !== undefined) return { service };
  if (deploymentId === undefined || service !== undefined)
    throw new BadInput('give one of service and deploymentId');
  const named = serviceOf(deploymentId);
  if (named) return { service: named, deploymentId };
  throw new BadInput(`deploymentId is '${deploymentId}'; ids look like orders-20261121t034211z-1f2e3d`);
}

function requireWhatItNeeds({ signal, reason, untilMs, to }: SignalInput): void {
  if ((signal === 'freeze' || signal === 'suspend') && reason === undefined)
    throw new BadInput(`reason is missing: whoever finds the service at rest has to know why`);
  if ((signal === 'freeze') !== (untilMs !== undefined))
    throw new BadInput('until belongs to freeze: a time such as 2026-11-21T13:00:00Z');
  if (to !== undefined && signal !== 'rollback') throw new BadInput('to belongs to rollback');
}

function text(members: Record<string, unknown>, member: string, max: number): string | undefined {
  const value = members[member];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '' && value.length <= max) return value;
  const found = typeof value === 'string' ? `a text of ${value.length} characters` : JSON.stringify(value);
  throw new BadInput(`${member} is ${found}; it must be a text of 1 to ${max} characters`);
}

function parseTime(found: unknown): number {
  const timeMs = typeof found === 'string' && TIME.test(found) ? Date.parse(found) : Number.NaN;
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new BadInput(`until is ${JSON.stringify(found)}; it must be a time such as 2026-11-21T13:00:00Z`);
}
