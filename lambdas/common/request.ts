/** What an execution can be started with: a push, a schedule, a person's words, or the order to recover a deployment. */
import type { Push } from '../decisions/pushes.ts';
import { SHAPES } from './configuration/arn.ts';
import { BadInput } from './errors.ts';

/** The image that a person asked for, as far as the words go. */
export interface AskedImage {
  readonly text: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
}

type Input = Readonly<Record<string, unknown>>;

/** What EventBridge Scheduler asks for: the newest image that the service should have by its own rules. */
export interface ScheduleRequest {
  readonly kind: 'schedule';
  readonly service: string;
  /** The schedule's name. */
  readonly schedule: string;
  /** Which of its times this is, as Scheduler writes it: what is delivered twice is told by it. */
  readonly scheduledAt?: string;
  /** Whether the digest that serves is deployed again. */
  readonly force: boolean;
  readonly input: Input;
}

export type Request =
  | { readonly kind: 'push'; readonly service: string; readonly push: Push; readonly input: Input }
  | ScheduleRequest
  | {
      readonly kind: 'person';
      readonly service: string;
      readonly asked: AskedImage;
      /** Container → tag or digest, of containers with images of other repositories. */
      readonly sidecars?: Readonly<Record<string, string>>;
      /** Family, `family:revision` or ARN: what the new revision is made of, in place of the configuration's base. */
      readonly taskDefinition?: string;
      /** The fleet that the traffic goes back to, in place of any image. */
      readonly to?: string;
      /** When the outer deployment began, of which this one is a part: the deadline counts from there. */
      readonly startedAtMs?: number;
      /** Why the deployment may go on despite an alarm that fires, a freeze, a closed window. */
      readonly despite?: string;
      /** Whether the digest that serves is deployed again. */
      readonly force?: boolean;
      /** Back to the last good version, or to that of a deployment. */
      readonly rollback?: true | string;
      /** The name under which the table has the word of whoever asked for the rollback. */
      readonly said?: string;
      readonly input: Input;
    }
  | { readonly kind: 'recover'; readonly deploymentId: string; readonly automatic: boolean };

const EXAMPLES =
  '{"service": "orders"}, {"service": "orders", "image": "orders:v2"} or {"recover": "<deployment id>"}';
const MEMBERS = [
  'service',
  'image',
  'tag',
  'digest',
  'sidecars',
  'taskDefinition',
  'to',
  'startedAt',
  'despite',
  'force',
  'rollback',
  'said',
  'push',
  'alsoFeeds',
  'found',
  'schedule',
  'scheduledAt',
  'recover',
  'automatic',
  'takesPlaceOf',
];
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** @throws BadInput that names the member, what was found and what is allowed */
export function parseRequest(input: unknown): Request {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new BadInput(`input is ${JSON.stringify(input)}; it must be an object such as ${EXAMPLES}`);
  }
  const members = input as Record<string, unknown>;
  const unknown = Object.keys(members).filter((member) => !MEMBERS.includes(member));
  if (unknown.length > 0)
    throw new BadInput(`input has unknown members: ${unknown.join(', ')}; try ${EXAMPLES}`);
  if (members.recover !== undefined) {
    return {
      kind: 'recover',
      deploymentId: text(members, 'recover'),
      automatic: members.automatic === true,
    };
  }
  if (members.service === undefined) throw new BadInput(`input names no service; try ${EXAMPLES}`);
  const service = text(members, 'service');
  if (members.push !== undefined)
    return { kind: 'push', service, push: members.push as Push, input: members };
  if (members.schedule !== undefined) return parseSchedule(service, members);
  const despite = members.despite === undefined ? undefined : text(members, 'despite');
  const taskDefinition = members.taskDefinition === undefined ? undefined : parseTaskDefinition(members);
  return {
    kind: 'person',
    service,
    asked: parseAskedImage(members),
    sidecars: members.sidecars === undefined ? undefined : parseSidecars(members.sidecars),
    taskDefinition,
    to: members.to === undefined ? undefined : parseFleet(members),
    startedAtMs: members.startedAt === undefined ? undefined : parseTime(members, 'startedAt'),
    despite,
    force: flag(members, 'force'),
    ...parseRollback(members),
    input: members,
  };
}

function parseRollback(members: Record<string, unknown>): { rollback?: true | string; said?: string } {
  const { rollback, said } = members;
  if (rollback === undefined) return {};
  const others = ['image', 'tag', 'digest', 'sidecars', 'taskDefinition', 'to'].filter(
    (member) => members[member] !== undefined,
  );
  if (others.length > 0)
    throw new BadInput(
      `input has rollback and ${others.join(' and ')}; a rollback finds its image: give one of them`,
    );
  return {
    rollback: rollback === true ? true : text(members, 'rollback'),
    said: said === undefined ? undefined : text(members, 'said'),
  };
}

function parseSchedule(service: string, members: Record<string, unknown>): ScheduleRequest {
  const scheduledAt = members.scheduledAt === undefined ? undefined : text(members, 'scheduledAt');
  const force = flag(members, 'force');
  return {
    kind: 'schedule',
    service,
    schedule: text(members, 'schedule'),
    scheduledAt,
    force,
    input: members,
  };
}

function flag(members: Record<string, unknown>, member: string): boolean {
  const found = members[member] ?? false;
  if (typeof found === 'boolean') return found;
  throw new BadInput(`${member} is ${JSON.stringify(found)}; it must be true or false`);
}

function parseFleet(members: Record<string, unknown>): string {
  const given = ['image', 'tag', 'digest', 'sidecars', 'taskDefinition'].filter(
    (member) => members[member] !== undefined,
  );
  if (given.length === 0) return text(members, 'to');
  throw new BadInput(`input has to and ${given.join(' and ')}; a fleet takes no image: give one of them`);
}

/** ISO 8601 with its offset from UTC: without one the same words are another moment elsewhere. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function parseTime(members: Record<string, unknown>, member: string): number {
  const found = text(members, member);
  const timeMs = TIME.test(found) ? Date.parse(found) : Number.NaN;
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new BadInput(`${member} is '${found}'; it must be a time such as 2026-11-21T13:00:00Z`);
}

function parseTaskDefinition(members: Record<string, unknown>): string {
  const found = text(members, 'taskDefinition');
  if (SHAPES.taskDefinition.test(found)) return found;
  throw new BadInput(
    `taskDefinition is '${found}'; it must be a family, such as orders, with a revision, such as orders:41, or an ARN`,
  );
}

function text(members: Record<string, unknown>, member: string): string {
  const value = members[member];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new BadInput(`${member} is ${JSON.stringify(value)}; it must be a text that is not empty`);
}

/** `image` may be `repository:tag`, `repository@digest`, either with a registry before it, or `:tag` alone. */
function parseAskedImage(members: Record<string, unknown>): AskedImage {
  const given = ['image', 'tag', 'digest'].filter((member) => members[member] !== undefined);
  if (given.length > 1)
    throw new BadInput(`input has ${given.join(' and ')}; give one of image, tag, digest`);
  if (members.tag !== undefined) return checked({ text: text(members, 'tag'), tag: text(members, 'tag') });
  if (members.digest !== undefined)
    return checked({ text: text(members, 'digest'), digest: text(members, 'digest') });
  if (members.image === undefined) return { text: '' };
  const image = text(members, 'image');
  const [name = '', digest] = image.split('@');
  const path = name.split('/');
  const hasRegistry = /[.:]/.test(path[0] ?? '') && path.length > 1;
  const [repository, tag] = (hasRegistry ? path.slice(1) : path).join('/').split(':');
  return checked({ text: image, repository: repository || undefined, tag, digest });
}

/** Container → tag or digest. */
function parseSidecars(found: unknown): Readonly<Record<string, string>> {
  const entries = typeof found === 'object' && found !== null ? Object.entries(found) : [];
  const isWord = (word: unknown) => typeof word === 'string' && (TAG.test(word) || DIGEST.test(word));
  if (!Array.isArray(found) && entries.length > 0 && entries.every(([, word]) => isWord(word)))
    return Object.fromEntries(entries);
  throw new BadInput(
    `sidecars is ${JSON.stringify(found)}; it must be an object of containers with tags or digests, such as {"log-router": "v9"}`,
  );
}

function checked(asked: AskedImage): AskedImage {
  if (asked.tag !== undefined && !TAG.test(asked.tag)) {
    throw new BadInput(`tag '${asked.tag}' is no image tag: letters, digits, '_', '.' and '-', at most 128`);
  }
  if (asked.digest !== undefined && !DIGEST.test(asked.digest)) {
    throw new BadInput(`digest '${asked.digest}' is none: 'sha256:' and 64 hexadecimal digits`);
  }
  return asked;
}
