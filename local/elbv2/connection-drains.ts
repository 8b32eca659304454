/** Closes the connections of TCP listeners to target groups that have no weight any more, when their time is up. */
import type { Timer } from '../clock/clock.ts';
import type { DataPlane, PlaneListener } from '../dataplane/data-plane.ts';
import type { Platform } from '../platform.ts';
import { numberOf } from './attributes.ts';
import type { PlaneWriter } from './plane-writer.ts';
import type { LoadBalancerRecord, Records } from './records.ts';

export interface ConnectionDrains {
  /** Looks again which groups have weight on which listener, as is in effect now. */
  review(): void;
  close(): void;
}

export interface ConnectionDrainsContext {
  platform: Platform;
  plane: DataPlane;
  records: Records;
  writer: PlaneWriter;
}

/** What one listener still has connections to. */
interface Watched {
  /** Groups that have weight. */
  weighted: Set<string>;
  /** Groups that had, until their connections are closed. */
  draining: Map<string, Timer>;
}

/**
 * AWS closes them some time after the shift, without saying when. Here it is the group's deregistration delay, the
 * time that it gives to its connections elsewhere. A group that gets weight again keeps them.
 */
export function createConnectionDrains(context: ConnectionDrainsContext): ConnectionDrains {
  const { platform, records } = context;
  const byListener = new Map<string, Watched>();

  const reviewListener = (loadBalancer: LoadBalancerRecord, listener: PlaneListener): void => {
    const now = groupsWithWeight(listener);
    const { weighted, draining } = byListener.get(listener.arn) ?? { weighted: now, draining: new Map() };
    for (const group of now) {
      draining.get(group)?.cancel();
      draining.delete(group);
    }
    for (const group of weighted) {
      if (now.has(group)) continue;
      const close = (): void => {
        draining.delete(group);
        closeConnections(context, loadBalancer, listener.arn, group).catch(platform.fault);
      };
      draining.set(group, platform.clock.setTimer(drainMs(records, group), close));
    }
    byListener.set(listener.arn, { weighted: now, draining });
  };

  return {
    review: () => {
      for (const loadBalancer of records.loadBalancers.values()) {
        if (loadBalancer.type !== 'network') continue;
        for (const listener of loadBalancer.effective.values()) reviewListener(loadBalancer, listener);
      }
    },
    close: () => {
      for (const { draining } of byListener.values()) for (const timer of draining.values()) timer.cancel();
      byListener.clear();
    },
  };
}

function groupsWithWeight({ rules }: PlaneListener): Set<string> {
  const groups = rules.flatMap(({ action }) => (action.type === 'forward' ? action.targetGroups : []));
  return new Set(groups.filter(({ weight }) => weight > 0).map(({ arn }) => arn));
}

function drainMs({ targetGroups }: Records, groupArn: string): number {
  const group = targetGroups.get(groupArn);
  return group ? numberOf(group.attributes, 'deregistration_delay.timeout_seconds') * 1000 : 0;
}

/** Not before the data plane knows the weights: it would open new connections to the group. */
async function closeConnections(
  { plane, writer }: ConnectionDrainsContext,
  loadBalancer: LoadBalancerRecord,
  listenerArn: string,
  groupArn: string,
): Promise<void> {
  await writer.write(loadBalancer);
  await plane.closeConnections(listenerArn, groupArn);
}
