/** Scenarios in which ECS's own controller shifts the traffic, and Sidestep begins, checks, watches and tells. */
import { localArn } from '../../arns.ts';
import { INFRASTRUCTURE_ROLE_ARN } from '../names.ts';
import type { WorldOptions } from '../options.ts';
import { BAD_ANSWERS, type Scenario, V1_SERVES } from './scenario.ts';

/** The hook of docs/native.md. */
const HOOK = {
  hookTargetArn: localArn('lambda', 'function:sidestep-answer-lifecycle-hook'),
  roleArn: INFRASTRUCTURE_ROLE_ARN,
  lifecycleStages: [
    'POST_TEST_TRAFFIC_SHIFT',
    'PRE_PRODUCTION_TRAFFIC_SHIFT',
    'PRODUCTION_TRAFFIC_SHIFT',
    'POST_PRODUCTION_TRAFFIC_SHIFT',
  ],
} satisfies NonNullable<WorldOptions['lifecycleHooks']>[number];

const WORLD: WorldOptions = { controller: 'native-canary', lifecycleHooks: [HOOK] };

const common: Omit<Scenario, 'name' | 'expectedOutcome' | 'says'> = {
  ...V1_SERVES,
  strategy: 'native',
  world: WORLD,
  service: {
    strategy: { type: 'native' },
    sides: [{ cluster: 'prod', service: 'orders' }],
    // ECS writes the rules, and has bakes of its own.
    traffic: undefined,
    bake: undefined,
  },
};

export const NATIVE: readonly Scenario[] = [
  {
    ...common,
    name: 'native',
    expectedOutcome: 'SUCCESSFUL',
    says: "ECS's own canary takes v2 to 10 % and then to 100 %; Sidestep checks it through lifecycle hooks",
  },
  {
    ...common,
    name: 'bad-native',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: "v2 answers one request in four with 500 in ECS's canary: an alarm fires, and Sidestep has ECS roll back",
    green: BAD_ANSWERS,
    world: { ...WORLD, native: { canaryConfiguration: { canaryPercent: 25, canaryBakeTimeInMinutes: 5 } } },
  },
];
