/** Checks what CreateService and UpdateService say about native deployments, as ECS does. */
import { notImplemented } from '../../unsupported.ts';
import { AwsError } from '../../wire/aws-error.ts';
import type { EcsApi } from '../../wire/models.ts';
import type { AdvancedConfiguration, DeploymentConfiguration, ServiceLoadBalancer } from '../records.ts';
import { checkHooks } from './hook-input.ts';
import {
  BAKE_MINUTES_MAX,
  CANARY_DEFAULTS,
  CANARY_PERCENT_MIN,
  LINEAR_DEFAULTS,
  LINEAR_PERCENT_MIN,
} from './limits.ts';
import { NATIVE_STRATEGIES } from './records.ts';

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);

export interface ConfigurationContext {
  /** What the input itself says. */
  readonly given: EcsApi.DeploymentConfiguration;
  readonly current: DeploymentConfiguration;
  readonly loadBalancers: readonly ServiceLoadBalancer[];
}

/**
 * The configuration with its strategy's defaults filled in.
 * @throws AwsError `InvalidParameterException`, naming the member, what was found and what is allowed
 */
export function readNativeConfiguration(
  merged: DeploymentConfiguration,
  context: ConfigurationContext,
): DeploymentConfiguration {
  const { strategy = 'ROLLING', linearConfiguration, canaryConfiguration, ...rest } = merged;
  checkStrategy(strategy, context);
  if (strategy === 'ROLLING') return { ...rest, strategy };
  checkHooks(merged.lifecycleHooks ?? []);
  checkMinutes('bakeTimeInMinutes', merged.bakeTimeInMinutes ?? 0);
  if (strategy === 'LINEAR')
    return { ...rest, strategy, linearConfiguration: readLinear(linearConfiguration) };
  if (strategy === 'CANARY')
    return { ...rest, strategy, canaryConfiguration: readCanary(canaryConfiguration) };
  return { ...rest, strategy };
}

function checkStrategy(strategy: string, { given, current, loadBalancers }: ConfigurationContext): void {
  const allowed = ['ROLLING', ...NATIVE_STRATEGIES];
  if (!allowed.includes(strategy))
    throw invalid(`strategy is ${strategy}; allowed are ${allowed.join(', ')}`);
  if (given.linearConfiguration && strategy !== 'LINEAR')
    throw invalid(`linearConfiguration is only valid with strategy LINEAR; found ${strategy}`);
  if (given.canaryConfiguration && strategy !== 'CANARY')
    throw invalid(`canaryConfiguration is only valid with strategy CANARY; found ${strategy}`);
  const advancedCount = loadBalancers.filter(({ advancedConfiguration }) => advancedConfiguration).length;
  if (strategy === 'ROLLING') {
    if (advancedCount > 0) throw invalid('advancedConfiguration is not valid with strategy ROLLING');
    return;
  }
  if (loadBalancers.length === 0)
    throw notImplemented(`deployment strategy ${strategy} without load balancers`);
  if (advancedCount < loadBalancers.length)
    throw invalid(`strategy ${strategy} needs advancedConfiguration on every entry of loadBalancers`);
  const isNew = strategy === 'BLUE_GREEN' && current.strategy !== 'BLUE_GREEN';
  if (isNew && given.bakeTimeInMinutes === undefined)
    throw invalid('bakeTimeInMinutes is required with strategy BLUE_GREEN');
}

function readLinear(given: EcsApi.LinearConfiguration = {}): EcsApi.LinearConfiguration {
  const read = { ...LINEAR_DEFAULTS, ...given };
  checkPercent('linearConfiguration.stepPercent', read.stepPercent, LINEAR_PERCENT_MIN);
  checkMinutes('linearConfiguration.stepBakeTimeInMinutes', read.stepBakeTimeInMinutes);
  return read;
}

function readCanary(given: EcsApi.CanaryConfiguration = {}): EcsApi.CanaryConfiguration {
  const read = { ...CANARY_DEFAULTS, ...given };
  checkPercent('canaryConfiguration.canaryPercent', read.canaryPercent, CANARY_PERCENT_MIN);
  checkMinutes('canaryConfiguration.canaryBakeTimeInMinutes', read.canaryBakeTimeInMinutes);
  return read;
}

function checkPercent(member: string, percent: number, least: number): void {
  const tenths = percent * 10;
  const isMultiple = Math.abs(tenths - Math.round(tenths)) < 1e-6;
  if (isMultiple && percent >= least && percent <= 100) return;
  throw invalid(`${member} is ${percent}; allowed are multiples of 0.1 from ${least} to 100`);
}

function checkMinutes(member: string, minutes: number): void {
  if (Number.isInteger(minutes) && minutes >= 0 && minutes <= BAKE_MINUTES_MAX) return;
  throw invalid(`${member} is ${minutes}; allowed are minutes from 0 to ${BAKE_MINUTES_MAX}`);
}

/** @throws AwsError `InvalidParameterException` */
export function readAdvancedConfiguration(
  targetGroupArn: string,
  given: EcsApi.AdvancedConfiguration,
): AdvancedConfiguration {
  const { alternateTargetGroupArn, productionListenerRule, testListenerRule, roleArn } = given;
  if (!alternateTargetGroupArn || !productionListenerRule || !roleArn) {
    throw invalid('advancedConfiguration needs alternateTargetGroupArn, productionListenerRule and roleArn');
  }
  if (alternateTargetGroupArn === targetGroupArn)
    throw invalid(`alternateTargetGroupArn must differ from targetGroupArn; both are ${targetGroupArn}`);
  if (testListenerRule === productionListenerRule)
    throw invalid(`testListenerRule must differ from productionListenerRule; both are ${testListenerRule}`);
  const advanced = { alternateTargetGroupArn, productionListenerRule, roleArn };
  return testListenerRule === undefined ? advanced : { ...advanced, testListenerRule };
}
