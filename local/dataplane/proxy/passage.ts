/** What every request and connection of one load balancer is carried with. */
import type { FlowCounters } from '../flow-counters.ts';
import type { Route } from '../routing.ts';
import type { TrafficCounters } from '../traffic-counters.ts';
import type { Flights } from './flights.ts';
import type { Entrance } from './headers.ts';
import type { TargetPool } from './target-pool.ts';

export interface Passage {
  loadBalancerArn: string;
  idleTimeoutSeconds: number;
  entrance: Entrance;
  pool: TargetPool;
  flights: Flights;
  counters: TrafficCounters;
  flows: FlowCounters;
  /** Wall time, ms. */
  now: () => number;
}

/** A route that leads to a target. */
export type TargetRoute = Extract<Route, { kind: 'target' }>;
