/** Collects how to stop what was started, so that nothing outlives a run, however it ends. */

export interface Stops {
  /** Stops are called in the reverse order of their addition; one that comes too late is called at once. */
  add(...stops: (() => unknown)[]): void;
  /** Calls every stop, also if one of them fails. Idempotent. @throws the first failure */
  stop(): Promise<void>;
}

export function createStops(): Stops {
  const all: (() => unknown)[] = [];
  let isStopped = false;
  const stop = async (): Promise<void> => {
    isStopped = true;
    const failures: unknown[] = [];
    for (let next = all.pop(); next; next = all.pop()) {
      try {
        await next();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  return {
    add(...stops) {
      all.push(...stops);
      // Whoever adds this late has lost a race against the end: nobody waits for it.
      if (isStopped) stop().catch(() => {});
    },
    stop,
  };
}
