/** What a run has found: violations of invariants, by their names in the reliability reference. */

export interface Violation {
  /** `S4`, `L1` … */
  readonly invariant: string;
  /** Cloud time since v1 served. */
  readonly atMs: number;
  readonly what: string;
}

export interface Findings {
  readonly all: readonly Violation[];
  add(invariant: string, what: string): void;
}

/** Many of one kind say no more than the first few. */
const KEPT_OF_A_KIND = 5;

export function createFindings(now: () => number): Findings {
  const startMs = now();
  const all: Violation[] = [];
  return {
    all,
    add(invariant, what) {
      if (all.filter((one) => one.invariant === invariant).length >= KEPT_OF_A_KIND) return;
      all.push({ invariant, atMs: now() - startMs, what });
    },
  };
}
