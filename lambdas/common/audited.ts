/** Ports whose writes to AWS are noted in the deployment's audit: before each its intent, after it what came of it. */
import { asTransient } from '../aws/client.ts';
import type { Table } from '../aws/dynamodb.ts';
import { type AuditActor, type AuditDraft, appendAudit, type ChainEnd } from '../table/audit.ts';
import type { Deployment } from './deployment.ts';
import { AwsNotAnswering } from './errors.ts';
import { historySeconds } from './keeping.ts';
import { MUTATIONS, type Mutation, READS } from './mutations.ts';
import type { Log } from './runtime.ts';

/** What an invocation works on, and as what. */
export interface AuditScene {
  readonly table: Table;
  readonly now: () => number;
  readonly log: Log;
  readonly deployment: Deployment;
  readonly executionArn: string;
  /** The state of the machine. */
  readonly state: string;
}

export interface Audited<P> {
  readonly ports: P;
  /** Notes what came of the last write. Never throws: what has been done must not be done again for its audit. */
  flush(): Promise<void>;
}

type Method = (...given: unknown[]) => Promise<unknown>;
type Port = Readonly<Record<string, unknown>>;

/**
 * A write whose intent cannot be noted is not made. Its result is noted with the next intent, or at the end, so that a
 * write costs one item's write before it and none between two.
 */
export function audited<P extends object>(ports: P, scene: AuditScene): Audited<P> {
  const trail = createTrail(scene);
  /** What reads of this invocation have found, by resource. */
  const seen = new Map<string, unknown>();
  const wrapped = Object.entries(ports).map(([key, port]) => [key, wrap(port, seen, trail)]);
  return { ports: Object.fromEntries(wrapped) as P, flush: trail.flush };
}

function wrap(port: unknown, seen: Map<string, unknown>, trail: Trail): unknown {
  if (typeof port !== 'object' || port === null) return port;
  const methods = Object.entries(port).filter(([, method]) => typeof method === 'function');
  const known = methods.filter(([name]) => name in MUTATIONS || name in READS);
  if (known.length === 0) return port;
  const own = port as Port;
  const wrapped = known.map(([name, method]) => {
    const mutation = MUTATIONS[name];
    const called = method as Method;
    return [
      name,
      mutation
        ? mutating(mutation, called.bind(port), own, seen, trail)
        : reading(name, called.bind(port), seen),
    ];
  });
  return { ...own, ...Object.fromEntries(wrapped) };
}

function reading(name: string, read: Method, seen: Map<string, unknown>): Method {
  return async (...given) => {
    const found = await read(...given);
    for (const [resource, state] of READS[name]?.(given, found) ?? []) seen.set(resource, state);
    return found;
  };
}

function mutating(
  mutation: Mutation,
  write: Method,
  port: Port,
  seen: Map<string, unknown>,
  trail: Trail,
): Method {
  return async (...given) => {
    const resource = mutation.resource(given);
    const before = seen.has(resource) ? seen.get(resource) : await lookBefore(mutation, given, port);
    const operation = mutation.operation(given);
    const intent = await trail.intend({ operation, resource, before, after: mutation.after(given) });
    try {
      const answer = await write(...given);
      trail.end(intent, { result: 'done', answer: mutation.answer?.(answer) });
      return answer;
    } catch (error) {
      const isOpen = asTransient(error) instanceof AwsNotAnswering;
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      trail.end(intent, { result: isOpen ? 'unknown' : 'failed', error: message });
      throw error;
    } finally {
      seen.delete(resource);
    }
  };
}

/** What nobody has read in this invocation is read now. A read that fails says so in its place. */
async function lookBefore(mutation: Mutation, given: unknown[], port: Port): Promise<unknown> {
  const { look } = mutation;
  if (!look) return undefined;
  const read = port[look.by] as Method | undefined;
  if (!read) return undefined;
  try {
    return look.state(await read.apply(port, look.given(given)));
  } catch (error) {
    return { unreadable: error instanceof Error ? error.name : 'Unknown' };
  }
}

type Intent = Pick<Extract<AuditDraft, { kind: 'intent' }>, 'operation' | 'resource' | 'before' | 'after'>;
type Result = Pick<Extract<AuditDraft, { kind: 'result' }>, 'result' | 'answer' | 'error'>;

interface Trail {
  /** @returns its sequence */
  intend(intent: Intent): Promise<number>;
  end(of: number, result: Result): void;
  flush(): Promise<void>;
}

/** One write at a time is under way: steps await each before the next, and looks that run side by side queue up here. */
function createTrail({ table, now, log, deployment, executionArn, state }: AuditScene): Trail {
  const { deploymentId, service, startedBy, configuration } = deployment;
  const actor: AuditActor = { executionArn, startedBy: `${startedBy.kind} ${startedBy.executionArn}` };
  const expiresAtSeconds = Math.floor(now() / 1000) + historySeconds(configuration);
  const trail = { table, deploymentId, service, expiresAtSeconds };
  let end: ChainEnd | undefined;
  let ended: AuditDraft[] = [];
  let queue: Promise<unknown> = Promise.resolve();

  const append = async (drafts: readonly AuditDraft[]): Promise<ChainEnd> => {
    const waiting = ended;
    ended = [];
    end = await appendAudit(trail, end, [...waiting, ...drafts]);
    return end;
  };
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const done = queue.then(act);
    queue = done.catch(() => {});
    return done;
  };

  return {
    intend: (about) =>
      inTurn(async () => {
        const { sequence } = await append([{ kind: 'intent', ...about, actor, cause: state, atMs: now() }]);
        return sequence;
      }),
    end(of, result) {
      ended.push({ kind: 'result', of, ...result, atMs: now() });
    },
    flush: () =>
      inTurn(async () => {
        if (ended.length > 0) await append([]);
      }).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        log.error('the result of a write could not be noted in the audit', { deploymentId, reason });
      }),
  };
}
