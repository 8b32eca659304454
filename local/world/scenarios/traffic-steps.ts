/** Scenarios of canary, linear and any steps. */
import { BAD_ANSWERS, type Scenario, V1_SERVES } from './scenario.ts';

const CANARY = { strategy: { type: 'canary', percent: 10, bake: '1m' }, bake: '20s' };

export const TRAFFIC_STEPS: readonly Scenario[] = [
  {
    ...V1_SERVES,
    name: 'canary',
    strategy: 'canary',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 takes 10 % for a minute, then everything',
    service: CANARY,
  },
  {
    ...V1_SERVES,
    name: 'bad-canary',
    strategy: 'canary',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 answers errors: an alarm fires while it has 10 %, and v1 takes that back',
    service: CANARY,
    green: { ...BAD_ANSWERS, REQUEST_FAILURE_RATE: '1' },
  },
  {
    ...V1_SERVES,
    name: 'linear',
    strategy: 'linear',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 takes a quarter more every 20 seconds',
    service: { strategy: { type: 'linear', percent: 25, every: '20s' }, bake: '20s' },
  },
  {
    ...V1_SERVES,
    name: 'bad-linear',
    strategy: 'linear',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 answers errors: an alarm fires on the way up, and v1 takes everything back',
    service: { strategy: { type: 'linear', percent: 25, every: '40s' }, bake: '20s' },
    green: BAD_ANSWERS,
  },
  {
    ...V1_SERVES,
    name: 'steps',
    strategy: 'steps',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 takes 0.5 %, then 20 %, then everything',
    service: {
      strategy: {
        type: 'steps',
        steps: [{ percent: 0.5, bake: '20s' }, { percent: 20, bake: '20s' }, { percent: 100 }],
      },
      bake: '20s',
    },
  },
  {
    ...V1_SERVES,
    name: 'bad-steps',
    strategy: 'steps',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 answers errors: nobody notices at 0.5 %, an alarm fires at 20 %',
    service: {
      strategy: {
        type: 'steps',
        steps: [{ percent: 0.5, bake: '20s' }, { percent: 20, bake: '1m' }, { percent: 100 }],
      },
      bake: '20s',
    },
    green: { ...BAD_ANSWERS, REQUEST_FAILURE_RATE: '1' },
  },
];
