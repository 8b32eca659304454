/** One line of the tree: whether something is as it must be, and what to do if it is not. */
import type { Fact } from './fact.ts';

/** `NG`: a deployment would be refused or fail. `WARN`: it would go well, and something else may not. `SKIP`: nobody could tell. */
export const STATUSES = ['OK', 'WARN', 'NG', 'SKIP'] as const;
export type Status = (typeof STATUSES)[number];

export interface Finding {
  readonly status: Status;
  /** What was looked at and what was found. */
  readonly says: string;
  /** What to do about it. */
  readonly todo?: string;
}

export const ok = (says: string): Finding => ({ status: 'OK', says });
export const warn = (says: string, todo: string): Finding => ({ status: 'WARN', says, todo });
export const ng = (says: string, todo: string): Finding => ({ status: 'NG', says, todo });
export const skip = (says: string): Finding => ({ status: 'SKIP', says });

/** Judges a value that is known; one that is missing is not good, and one that nobody may know is skipped. */
export function judged<T>(
  fact: Fact<T>,
  { what, todo }: { what: string; todo: string },
  judge: (value: T) => Finding[],
): Finding[] {
  if (fact.is === 'known') return judge(fact.value);
  if (fact.is === 'missing') return [ng(`${what}: ${fact.why}`, todo)];
  return [skip(`${what}: ${fact.why}`)];
}

/** The worst of several: a check is as good as its findings. */
export function worstOf(findings: readonly Pick<Finding, 'status'>[]): Status {
  const found = new Set(findings.map(({ status }) => status));
  return (['NG', 'WARN', 'OK'] as const).find((status) => found.has(status)) ?? 'SKIP';
}
