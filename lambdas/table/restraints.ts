/** Restraints: what a person has said about a service's automation, until they take it back: a freeze, a suspension. */
import type { Key, Table, TableWrite } from '../aws/dynamodb.ts';

/** Nothing is deployed before `untilMs`, unless a person overrides it. */
export interface Freeze {
  readonly untilMs: number;
  readonly why: string;
  /** A role or user ARN, by AWS's word. */
  readonly by: string;
  /** The caller's own name for the session. */
  readonly session?: string;
  readonly atMs: number;
}

/** Automation deploys nothing until `resume`; a person still can. */
export interface Suspension {
  readonly why: string;
  readonly by: string;
  readonly session?: string;
  readonly atMs: number;
  /** The deployment that goes, or went, back. */
  readonly deploymentId?: string;
}

export interface Restraints {
  readonly frozen?: Freeze;
  readonly suspended?: Suspension;
}

export const SERVICE_WORDS = ['freeze', 'unfreeze', 'suspend', 'resume'] as const;
export type ServiceWord = (typeof SERVICE_WORDS)[number];

/** A word about a service as the history keeps it: one item each. */
export interface SpokenWord {
  readonly service: string;
  /** A rollback is said to a service if no deployment is under way. */
  readonly word: ServiceWord | 'rollback';
  readonly by: string;
  readonly session?: string;
  readonly atMs: number;
  readonly why?: string;
  /** Of `freeze`. */
  readonly untilMs?: number;
  /** Of a suspension that came with a rollback; of a rollback, the deployment to go back to, if it was named. */
  readonly deploymentId?: string;
}

/** Who takes a restraint back, and when. */
export type Lifting = Pick<SpokenWord, 'by' | 'session' | 'atMs' | 'why'>;

const partition = (service: string): string => `service#${service}`;
const WORD_PREFIX = 'word#';

export const restraintsKey = (service: string): Key => ({ pk: partition(service), sk: 'restraints' });

/** Empty if there are none. */
export async function getRestraints(table: Table, service: string): Promise<Restraints> {
  const found = await table.getItem<Restraints>(restraintsKey(service));
  return { frozen: found?.frozen, suspended: found?.suspended };
}

/** A later freeze takes the place of an earlier one. */
export async function freeze(table: Table, service: string, frozen: Freeze): Promise<void> {
  await table.write(
    { update: restraintsKey(service), set: { frozen } },
    noteOf({ service, word: 'freeze', ...frozen }),
  );
}

/** @returns false if the service was not frozen: then nothing is written */
export function unfreeze(table: Table, service: string, lifting: Lifting): Promise<boolean> {
  return table.write(
    {
      update: restraintsKey(service),
      set: { frozen: undefined },
      condition: { expression: 'attribute_exists(#frozen)' },
    },
    noteOf({ service, word: 'unfreeze', ...lifting }),
  );
}

/** The writes that suspend a service: for the transaction in which what makes it necessary is written too. */
export function suspensionOf(service: string, suspended: Suspension): TableWrite[] {
  return [
    { update: restraintsKey(service), set: { suspended } },
    noteOf({ service, word: 'suspend', ...suspended }),
  ];
}

/** A later suspension takes the place of an earlier one. */
export async function suspend(table: Table, service: string, suspended: Suspension): Promise<void> {
  await table.write(...suspensionOf(service, suspended));
}

/** @returns false if the service was not suspended: then nothing is written */
export function resume(table: Table, service: string, lifting: Lifting): Promise<boolean> {
  return table.write(
    {
      update: restraintsKey(service),
      set: { suspended: undefined },
      condition: { expression: 'attribute_exists(#suspended)' },
    },
    noteOf({ service, word: 'resume', ...lifting }),
  );
}

/** Every word ever said about a service, oldest first. */
export async function queryWords(table: Table, service: string): Promise<SpokenWord[]> {
  const items = await table.query<SpokenWord & Key>(partition(service));
  return items.filter(({ sk }) => sk.startsWith(WORD_PREFIX)).map(({ pk: _pk, sk: _sk, ...word }) => word);
}

const nameOf = ({ atMs, word }: Pick<SpokenWord, 'atMs' | 'word'>): string =>
  `${new Date(atMs).toISOString()}#${word}`;

function noteOf(word: SpokenWord): TableWrite {
  return { put: { pk: partition(word.service), sk: `${WORD_PREFIX}${nameOf(word)}`, ...word } };
}

/** Keeps a word that changes no restraint by itself. @returns its name, by which {@link getWord} finds it */
export async function noteWord(table: Table, word: SpokenWord): Promise<string> {
  await table.write(noteOf(word));
  return nameOf(word);
}

export function getWord(table: Table, service: string, name: string): Promise<SpokenWord | undefined> {
  return table.getItem<SpokenWord>({ pk: partition(service), sk: `${WORD_PREFIX}${name}` });
}
