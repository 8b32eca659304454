/** Local times of IANA time zones: what a clock there shows, and when it shows it. */

const HOUR_MS = 3_600_000;

/** What a clock in the zone shows at an instant, as if it stood in UTC. @throws RangeError if there is no such zone */
export function localTime(atMs: number, timeZone: string): number {
  const options = { timeZone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'medium' } as const;
  const shown = new Intl.DateTimeFormat('sv-SE', options).format(atMs);
  return Date.parse(`${shown.replace(' ', 'T')}Z`);
}

/** Every instant at which a clock in the zone shows that time: one, two when it is put back, none when it is put forward over it. */
export function instantsOf(localMs: number, timeZone: string): number[] {
  const offsets = [-24, 24].map((hours) => {
    const nearMs = localMs + hours * HOUR_MS;
    return localTime(nearMs, timeZone) - nearMs;
  });
  const instants = [...new Set(offsets)].map((offset) => localMs - offset);
  return instants.filter((atMs) => localTime(atMs, timeZone) === localMs).sort((a, b) => a - b);
}
