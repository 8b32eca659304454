/** Scenarios behind a Network Load Balancer: its listener is shifted, and each shift is held for ten minutes. */
import { NETWORK_ALARM, NETWORK_PRODUCTION_LISTENER_ARN } from '../names.ts';
import { BAD_ANSWERS, type Scenario, V1_SERVES } from './scenario.ts';

const common = {
  ...V1_SERVES,
  strategy: 'all-at-once',
  world: { loadBalancer: 'network' },
  service: {
    traffic: { rules: undefined, testRule: undefined, listener: NETWORK_PRODUCTION_LISTENER_ARN },
    checks: { http: [], alarms: [NETWORK_ALARM] },
    bake: '30s',
  },
} as const;

export const BEHIND_NETWORK: readonly Scenario[] = [
  {
    ...common,
    name: 'network',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 takes the connections of a Network Load Balancer; a person ends the ten minutes for which a shift is held',
    operator: [{ in: 'Bake', signal: 'promote', reason: 'no connection was reset' }],
  },
  {
    ...common,
    name: 'bad-network',
    expectedOutcome: 'STOPPED',
    says: 'v2 answers errors, which a Network Load Balancer does not see: a person aborts, and v1 takes over in one write',
    green: BAD_ANSWERS,
    operator: [{ in: 'Bake', signal: 'abort', reason: 'customers see errors' }],
  },
];
