/** Counts the connections that TCP listeners carry, by load balancer, until somebody takes the counts. */
import type { FlowEnd, PlaneFlows } from './data-plane.ts';

/** One open connection. */
export interface CountedFlow {
  /** Bytes moved, either way. */
  moved(bytes: number): void;
  /** It is over; `brokenBy` if not in good order. The first end counts. */
  end(brokenBy?: FlowEnd): void;
}

export interface FlowCounters {
  open(loadBalancerArn: string): CountedFlow;
  take(): PlaneFlows[];
}

export function createFlowCounters(): FlowCounters {
  const periods = new Map<string, PlaneFlows>();
  const periodOf = (loadBalancerArn: string): PlaneFlows => {
    const period = periods.get(loadBalancerArn) ?? emptyPeriod(loadBalancerArn);
    periods.set(loadBalancerArn, period);
    return period;
  };
  return {
    open: (loadBalancerArn) => {
      const period = periodOf(loadBalancerArn);
      period.newFlows += 1;
      period.activeFlows += 1;
      let isOpen = true;
      return {
        moved: (bytes) => {
          periodOf(loadBalancerArn).processedBytes += bytes;
        },
        end: (brokenBy) => {
          if (!isOpen) return;
          isOpen = false;
          const now = periodOf(loadBalancerArn);
          now.activeFlows -= 1;
          if (brokenBy) now.resets[brokenBy] += 1;
        },
      };
    },
    take: () => {
      const taken = [...periods.values()];
      periods.clear();
      // Connections outlive the period in which they were opened.
      for (const { loadBalancerArn, activeFlows } of taken) {
        if (activeFlows > 0) periods.set(loadBalancerArn, { ...emptyPeriod(loadBalancerArn), activeFlows });
      }
      return taken;
    },
  };
}

function emptyPeriod(loadBalancerArn: string): PlaneFlows {
  return {
    loadBalancerArn,
    newFlows: 0,
    activeFlows: 0,
    processedBytes: 0,
    resets: { client: 0, target: 0, elb: 0 },
  };
}
