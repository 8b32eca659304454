/** The arithmetic of a rolling deployment: what may start and what may stop now. Pure. */

/** Tasks that are meant to run, by what the scheduler thinks of them. */
export interface TaskCounts {
  readonly healthy: number;
  /** Starting, or not judged yet. */
  readonly pending: number;
  readonly unhealthy: number;
}

/** How a service stands at the start of a round. */
export interface Standing {
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly primary: TaskCounts;
  /** All other deployments together. */
  readonly old: TaskCounts;
  /** How many tasks the other deployments have lost and still owe. */
  readonly oldMissing: number;
  /** False for a deployment that has FAILED: it starts nothing, and nothing makes room for it. */
  readonly primaryMayStart: boolean;
}

/** What to do in a round. Stops take effect first; the room that they make is used in the next round. */
export interface Plan {
  readonly startPrimary: number;
  readonly startOld: number;
  readonly stopPrimaryUnhealthy: number;
  /** Tasks beyond the desired count. */
  readonly stopPrimarySurplus: number;
  readonly stopOldHealthy: number;
  /** All that are unhealthy or still starting. */
  readonly stopOldOther: number;
  /** Tasks are wanted, but the percentages allow neither a start nor a stop. */
  readonly isStuck: boolean;
}

/** The least number of healthy tasks, and the greatest number of tasks. */
export function bounds(
  standing: Pick<Standing, 'desiredCount' | 'minimumHealthyPercent' | 'maximumPercent'>,
): {
  floor: number;
  ceiling: number;
} {
  const { desiredCount, minimumHealthyPercent, maximumPercent } = standing;
  return {
    floor: Math.ceil((minimumHealthyPercent * desiredCount) / 100),
    ceiling: Math.floor((maximumPercent * desiredCount) / 100),
  };
}

/**
 * Plans a round. Unhealthy tasks are replaced start-first while the ceiling allows it, and stopped to make room
 * when it does not; old tasks go as far as the floor allows.
 */
export function planRound(standing: Standing): Plan {
  const { desiredCount, primary, old, primaryMayStart } = standing;
  const { floor, ceiling } = bounds(standing);
  const room = Math.max(0, ceiling - total(primary) - total(old));
  const useful = primary.healthy + primary.pending;

  const wanted = primaryMayStart ? atLeastZero(desiredCount - useful) : 0;
  const startPrimary = Math.min(wanted, room);
  const lacksRoom = wanted - startPrimary;
  const replaced = atLeastZero(primary.healthy + primary.unhealthy - desiredCount);
  const stopPrimaryUnhealthy = Math.min(primary.unhealthy, replaced + lacksRoom);

  const startOld = Math.min(
    standing.oldMissing,
    room - startPrimary,
    atLeastZero(floor - primary.healthy - old.healthy - old.pending),
  );
  const spareOld = primaryMayStart ? primary.healthy + old.healthy - floor : total(old) - desiredCount;
  const stopOldHealthy = Math.min(old.healthy, atLeastZero(spareOld));
  const stopOldOther = primaryMayStart || desiredCount === 0 ? old.unhealthy + old.pending : old.unhealthy;

  const stops = stopPrimaryUnhealthy + stopOldHealthy + stopOldOther;
  return {
    startPrimary,
    startOld,
    stopPrimaryUnhealthy,
    stopPrimarySurplus: atLeastZero(useful - desiredCount),
    stopOldHealthy,
    stopOldOther,
    isStuck: lacksRoom > 0 && stops === 0 && primary.pending === 0,
  };
}

const total = (counts: TaskCounts): number => counts.healthy + counts.pending + counts.unhealthy;
const atLeastZero = (count: number): number => Math.max(0, count);
