/** Scenarios of the comparison of green with blue: no alarm watches. */
import { type Scenario, V1_SERVES } from './scenario.ts';

const COMPARED = {
  strategy: { type: 'steps', steps: [{ percent: 50, bake: '2m' }, { percent: 100 }] },
  bake: '20s',
  checks: { alarms: [] },
  analysis: { minimumRequests: 500, period: '10s', lag: '10s' },
};
const common = { ...V1_SERVES, strategy: 'steps', service: COMPARED } as const;

export const ANALYSED: readonly Scenario[] = [
  {
    ...common,
    name: 'comparison',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 has half of the traffic and does as well as v1',
  },
  {
    ...common,
    name: 'bad-comparison',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 answers one request in twenty with 500: no alarm watches, but v1 does better',
    green: { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.05' },
  },
];
