/** The audit of a deployment: what it wrote to AWS, each entry bound to the one before it by its hash. */
import { createHash } from 'node:crypto';
import type { Key, Table } from '../aws/dynamodb.ts';

/** Who wrote: the execution at work, and what had started the deployment. */
export interface AuditActor {
  readonly executionArn: string;
  readonly startedBy: string;
}

interface EntryCommon {
  readonly deploymentId: string;
  readonly service: string;
  /** 1, 2, 3, … */
  readonly sequence: number;
  readonly atMs: number;
  /** The hash of the entry before; empty for the first. */
  readonly previousHash: string;
  /** SHA-256 of this entry without it. */
  readonly hash: string;
}

/** A write that is about to be made. One that has no result was cut off: nobody can say from here whether it came about. */
export interface AuditIntent extends EntryCommon {
  readonly kind: 'intent';
  /** AWS's name of the operation, such as `UpdateService`. */
  readonly operation: string;
  /** An ARN, or what names the thing. */
  readonly resource: string;
  /** As it was read last; absent for what does not exist yet. */
  readonly before?: unknown;
  /** What is asked for. */
  readonly after: unknown;
  readonly actor: AuditActor;
  /** The state of the machine. */
  readonly cause: string;
}

export interface AuditResult extends EntryCommon {
  readonly kind: 'result';
  /** The sequence of its intent. */
  readonly of: number;
  /** `unknown` if AWS gave no answer, or none that tells. */
  readonly result: 'done' | 'failed' | 'unknown';
  /** What AWS answered, as far as it names something new. */
  readonly answer?: unknown;
  /** Why it failed. */
  readonly error?: string;
}

export type AuditEntry = AuditIntent | AuditResult;

type Drafted<E> = E extends AuditEntry ? Omit<E, keyof EntryCommon> & Pick<EntryCommon, 'atMs'> : never;
/** An entry that has no place in the chain yet. */
export type AuditDraft = Drafted<AuditEntry>;

/** A rival can only append so often in a row before the step is better tried again. */
const ROUNDS_MAX = 8;

const partition = (deploymentId: string): string => `audit#${deploymentId}`;
const keyOf = (deploymentId: string, sequence: number): Key => ({
  pk: partition(deploymentId),
  sk: `${sequence}`.padStart(6, '0'),
});

/** What the entries of one invocation have in common. */
export interface AuditTrail {
  readonly table: Table;
  readonly deploymentId: string;
  readonly service: string;
  readonly expiresAtSeconds: number;
}

/** Where the chain ends. */
export type ChainEnd = Pick<AuditEntry, 'sequence' | 'hash'>;

/**
 * Appends entries as one write, after `end` or, if another has appended meanwhile, after what is the end then.
 * @returns the new end
 */
export async function appendAudit(
  { table, deploymentId, service, expiresAtSeconds }: AuditTrail,
  known: ChainEnd | undefined,
  drafts: readonly AuditDraft[],
): Promise<ChainEnd> {
  let end = known ?? (await endOfChain(table, deploymentId));
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const entries = chained(drafts, end, { deploymentId, service });
    const isWritten = await table.write(
      ...entries.map((entry) => ({
        put: { ...keyOf(deploymentId, entry.sequence), ...entry, expiresAtSeconds },
        condition: { expression: 'attribute_not_exists(#pk)' },
      })),
    );
    if (isWritten) return entries.at(-1) ?? end;
    end = await endOfChain(table, deploymentId);
    // Our own write, whose answer was lost and which the SDK repeated.
    if (entries.at(-1)?.hash === end.hash) return end;
  }
  throw new Error(`the audit of ${deploymentId} grew ${ROUNDS_MAX} times while an entry was appended`);
}

function chained(
  drafts: readonly AuditDraft[],
  end: ChainEnd,
  of: { deploymentId: string; service: string },
): AuditEntry[] {
  let last = end;
  return drafts.map((draft) => {
    // As the table will give it back: without what is undefined, and dates as text.
    const plain = JSON.parse(JSON.stringify(draft)) as AuditDraft;
    const unsigned = { ...plain, ...of, sequence: last.sequence + 1, previousHash: last.hash };
    const entry = { ...unsigned, hash: hashOf(unsigned) } as AuditEntry;
    last = entry;
    return entry;
  });
}

async function endOfChain(table: Table, deploymentId: string): Promise<ChainEnd> {
  const [newest] = await table.query<AuditEntry>(partition(deploymentId), {
    from: '0',
    to: '9'.repeat(6),
    newestFirst: true,
    limit: 1,
  });
  return newest ?? { sequence: 0, hash: '' };
}

/** The audit of a deployment, oldest entry first. */
export async function queryAudit(table: Table, deploymentId: string): Promise<AuditEntry[]> {
  const items = await table.query<AuditEntry & Key & { expiresAtSeconds: number }>(partition(deploymentId));
  return items.map(({ pk: _pk, sk: _sk, expiresAtSeconds: _expires, ...entry }) => entry as AuditEntry);
}

/** @returns the sequence at which a chain is broken: an entry changed, missing or out of its place; undefined if it is whole */
export function brokenAt(entries: readonly AuditEntry[]): number | undefined {
  let last: ChainEnd = { sequence: 0, hash: '' };
  for (const entry of entries) {
    const { hash, ...unsigned } = entry;
    const follows = entry.sequence === last.sequence + 1 && entry.previousHash === last.hash;
    if (!follows || hashOf(unsigned) !== hash) return last.sequence + 1;
    last = entry;
  }
  return undefined;
}

const hashOf = (unsigned: object): string =>
  createHash('sha256').update(canonicalJson(unsigned)).digest('hex');

/** One text for one value, whatever the order of its members: a table gives them back in an order of its own. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}
