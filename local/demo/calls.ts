/** Counts the AWS calls that the functions made during a deployment. */
import type { CallRecord } from '../wire/endpoint.ts';
import { DEMO_CALLER } from './setting.ts';

/** `ecs:UpdateService` → how often, in alphabetical order. Times are cloud time. */
export function countCalls(
  calls: readonly CallRecord[],
  { startedAtMs, endedAtMs }: { startedAtMs: number; endedAtMs: number },
): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { atMs, caller, service, operation } of calls) {
    if (caller === DEMO_CALLER || atMs < startedAtMs || atMs > endedAtMs) continue;
    const name = `${service}:${operation}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
