/** What was probably meant by a name that is not known. */

/** Names that differ by more letters than this share of theirs are other names. */
const DISTANCE_SHARE_MAX = 0.4;

/** `'ordres' (did you mean orders?); known are: mailer, orders` */
export function describeUnknown(name: string, known: readonly string[]): string {
  const meant = closest(name, known);
  const list = known.length > 0 ? `known are: ${known.join(', ')}` : 'none is known';
  return `'${name}'${meant === undefined ? '' : ` (did you mean ${meant}?)`}; ${list}`;
}

/** The known name that is fewest letters away; undefined if none is near. */
export function closest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({
      candidate,
      distance: distanceBetween(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance);
  if (!best) return undefined;
  const limit = Math.max(1, Math.floor(DISTANCE_SHARE_MAX * Math.max(name.length, best.candidate.length)));
  return best.distance <= limit ? best.candidate : undefined;
}

/** Letters to change, add, leave out or swap with the next one (Damerau, restricted). */
function distanceBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    const above = rows[i - 1] ?? [];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const steps = [(above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (isSame ? 0 : 1)];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) steps.push((rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(Math.min(...steps));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
