/** A clock that jumps: time passes only when everything that could run has run. */
import type { Clock, Timer } from './clock.ts';

interface Entry {
  atMs: number;
  order: number;
  fire: () => void;
}

/** A virtual clock, advanced by {@link VirtualClock.run}. */
export interface VirtualClock extends Clock {
  /**
   * Fires timers in order of time, then of creation, letting all pending promises settle in between, until
   * `until()` is true, the time is past `limitMs` (cloud time from now), or no timer is left.
   * @returns whether `until` came true.
   */
  run(until: () => boolean, limitMs: number): Promise<boolean>;
  /** The number of timers that wait. */
  readonly pendingCount: number;
}

/** Lets every promise that can settle do so: in-process calls use no sockets, so a few turns drain them all. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Makes a virtual clock that starts at `startMs` (milliseconds since the epoch). */
export function createVirtualClock(startMs = Date.UTC(2026, 0, 1)): VirtualClock {
  let nowMs = startMs;
  let order = 0;
  const heap: Entry[] = [];

  const setTimer = (delayMs: number, fire: () => void): Timer => {
    const entry: Entry = { atMs: nowMs + Math.max(0, delayMs), order: order++, fire };
    push(heap, entry);
    return {
      cancel: () => {
        entry.fire = () => {};
      },
    };
  };

  return {
    factor: 1,
    now: () => nowMs,
    setTimer,
    setWallTimer: setTimer,
    sleep: (delayMs) => new Promise((resolve) => setTimer(delayMs, resolve)),
    get pendingCount() {
      return heap.length;
    },
    async run(until, limitMs) {
      const endMs = nowMs + limitMs;
      await settle();
      while (!until()) {
        const next = heap[0];
        if (!next || next.atMs > endMs) return false;
        pop(heap);
        nowMs = Math.max(nowMs, next.atMs);
        next.fire();
        await settle();
      }
      return true;
    },
  };
}

const before = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Entry;
    if (!before(entry, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (!last || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const child = right < heap.length && before(heap[right] as Entry, heap[left] as Entry) ? right : left;
    if (!before(heap[child] as Entry, last)) break;
    heap[at] = heap[child] as Entry;
    at = child;
  }
  heap[at] = last;
  return top;
}
