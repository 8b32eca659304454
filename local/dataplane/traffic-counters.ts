/** Counts what a data plane carried, by load balancer and target group, until somebody takes the counts. */
import type { PlaneMetrics } from './data-plane.ts';

/** One request's end. `targetGroupArn` is the group that the rule chose, if it chose one. */
export interface CarriedRequest {
  loadBalancerArn: string;
  targetGroupArn?: string;
  /** Whether a target was chosen, whatever became of the request then. */
  reachedTarget: boolean;
  /** Absent if the client left before there was an answer. */
  answer?: { statusCode: number; madeBy: 'target' | 'elb' };
  /** From sending to the target to the first byte of its answer. */
  responseSeconds?: number;
}

export interface TrafficCounters {
  count(request: CarriedRequest): void;
  take(): PlaneMetrics[];
}

export function createTrafficCounters(): TrafficCounters {
  let periods = new Map<string, PlaneMetrics>();
  const periodOf = ({ loadBalancerArn, targetGroupArn }: CarriedRequest): PlaneMetrics => {
    const key = `${loadBalancerArn} ${targetGroupArn ?? ''}`;
    const period = periods.get(key) ?? emptyPeriod(loadBalancerArn, targetGroupArn);
    periods.set(key, period);
    return period;
  };
  return {
    count: (request) => addTo(periodOf(request), request),
    take: () => {
      const taken = [...periods.values()];
      periods = new Map();
      return taken;
    },
  };
}

function emptyPeriod(loadBalancerArn: string, targetGroupArn?: string): PlaneMetrics {
  return {
    loadBalancerArn,
    targetGroupArn,
    requestCount: 0,
    targetResponses: {},
    elbResponses: {},
    responseTimes: [],
  };
}

function addTo(period: PlaneMetrics, { reachedTarget, answer, responseSeconds }: CarriedRequest): void {
  if (reachedTarget) period.requestCount += 1;
  if (responseSeconds !== undefined) period.responseTimes.push(responseSeconds);
  if (answer?.madeBy === 'elb') {
    period.elbResponses[answer.statusCode] = (period.elbResponses[answer.statusCode] ?? 0) + 1;
  } else if (answer) {
    const statusClass = Math.floor(answer.statusCode / 100) as 2 | 3 | 4 | 5;
    period.targetResponses[statusClass] = (period.targetResponses[statusClass] ?? 0) + 1;
  }
}
