/** How many failed items a Map puts up with. */

export interface Tolerance {
  count: number | undefined;
  percentage: number | undefined;
}

export type FailureVerdict = 'go-on' | 'fail-as-the-item' | 'fail-as-exceeded';

/** Without any tolerance the first failed item is the Map's own failure; with one, its being exceeded is. */
export function judgeFailures(
  { count, percentage }: Tolerance,
  failed: number,
  total: number,
): FailureVerdict {
  if (count === undefined && percentage === undefined) return 'fail-as-the-item';
  const tooMany = count !== undefined && failed > count;
  const tooGreat = percentage !== undefined && (failed / total) * 100 > percentage;
  return tooMany || tooGreat ? 'fail-as-exceeded' : 'go-on';
}
