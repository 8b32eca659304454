/** Whether an ECS service that shifts its own traffic calls on Sidestep for what is configured. */
import type { Gate, ServiceConfiguration } from '../common/service.ts';
import { gateAt } from './service-deployment.ts';

export interface NativeServiceFacts {
  loadBalancers?: { advancedConfiguration?: { testListenerRule?: string } }[];
  deploymentConfiguration?: {
    strategy?: string;
    lifecycleHooks?: { targetType?: string; hookTargetArn?: string; lifecycleStages?: string[] }[];
  };
}

/** Stages at which our function has work: with fewer, what is configured would silently not happen. */
const CHECKS_AT = 'POST_TEST_TRAFFIC_SHIFT';
const COMPARES_AT = ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'];

/** The listener rule through which ECS sends test requests to green. */
export function testRuleOf(loadBalancers: NativeServiceFacts['loadBalancers'] = []): string | undefined {
  const rules = loadBalancers.map(({ advancedConfiguration }) => advancedConfiguration?.testListenerRule);
  return rules.find(Boolean);
}

/** @returns what is wrong, to be read after `ECS service orders`; undefined if nothing is */
export function problemWithNative(
  { loadBalancers, deploymentConfiguration = {} }: NativeServiceFacts,
  { checks, approval, analysis }: Pick<ServiceConfiguration, 'checks' | 'approval' | 'analysis'>,
): string | undefined {
  const { strategy = 'ROLLING', lifecycleHooks = [] } = deploymentConfiguration;
  if (strategy === 'ROLLING')
    return 'has deployment strategy ROLLING; strategy native needs BLUE_GREEN, LINEAR or CANARY';
  if (checks.lambda.length + checks.task.length > 0)
    return 'takes functions of yours as lifecycle hooks itself: strategy native has no checks.lambda and no checks.task';
  const stagesOf = (isPause: boolean): string[] =>
    lifecycleHooks
      .filter(({ targetType }) => (targetType === 'PAUSE') === isPause)
      .flatMap(({ lifecycleStages = [] }) => lifecycleStages);
  if (checks.http.length > 0 && !testRuleOf(loadBalancers))
    return 'has no testListenerRule, through which checks.http could reach green';
  if (checks.http.length > 0 && !stagesOf(false).includes(CHECKS_AT))
    return `has no lifecycle hook at ${CHECKS_AT}: checks.http need one that calls sidestep-answer-lifecycle-hook`;
  const uncompared = COMPARES_AT.find((stage) => !stagesOf(false).includes(stage));
  if (analysis && uncompared)
    return `has no lifecycle hook at ${uncompared}: analysis needs one that calls sidestep-answer-lifecycle-hook`;
  const unguarded = approval?.gates.find((gate) => !isGuarded(gate, stagesOf(true)));
  return unguarded && `has no PAUSE hook for the approval ${unguarded}: see docs/native.md for the stages`;
}

const isGuarded = (gate: Gate, stages: readonly string[]): boolean =>
  stages.some((stage) => gateAt(stage) === gate);
