/** Scenarios of what judges green before it has traffic: test traffic, and a migration. */
import { type Scenario, V1_SERVES } from './scenario.ts';

const common = { ...V1_SERVES, strategy: 'all-at-once' } as const;
const ANSWERS = { path: '/orders/1', json: { '/version': 'v2' }, inARow: 3, latency: '2s' };
const CHECKED = {
  checks: { http: [{ path: '/health' }, ANSWERS] },
  steadyState: { timeout: '1m' },
  bake: '20s',
};
const MIGRATED = { migration: { command: ['sidestep:sample-app', 'task'] }, bake: '20s' };

export const CHECKED_FIRST: readonly Scenario[] = [
  {
    ...common,
    name: 'test-traffic',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 has to answer three test requests in a row, with its own version, before it has users',
    service: CHECKED,
  },
  {
    ...common,
    name: 'bad-test-traffic',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 is healthy but answers test requests with 500: no user ever sees it',
    service: CHECKED,
    green: { REQUEST_STATUS: '500' },
  },
  {
    ...common,
    name: 'migration',
    expectedOutcome: 'SUCCESSFUL',
    says: 'a task of v2 migrates the data, and only then v2 starts',
    service: MIGRATED,
    green: { TASK_MS: '300' },
  },
  {
    ...common,
    name: 'bad-migration',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'the migration ends with exit code 3: v2 never starts',
    service: MIGRATED,
    green: { TASK_MS: '300', TASK_EXIT_CODE: '3' },
  },
];
