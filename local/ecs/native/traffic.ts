/** Shifts traffic: writes the weights of both target groups on the service's rules. */
import { AwsError } from '../../wire/aws-error.ts';
import type { AdvancedConfiguration, ServiceLoadBalancer } from '../records.ts';
import { Interrupted, rolledBackFor } from './interruption.ts';
import { judgeNetworking } from './networking.ts';
import type { Run } from './run.ts';
import { weightsFor } from './steps.ts';

const INVALID_NETWORKING = 'of invalid networking configuration';

/** Chooses green's target groups by the live weights. @throws Interrupted if the rules do not allow a shift */
export function resolveGreen(run: Run): void {
  const { revision } = run.green;
  revision.loadBalancers = revision.settings.loadBalancers.map((balancer) => ({
    ...balancer,
    targetGroupArn: requireNetworking(run, balancer),
  }));
}

/** @throws Interrupted if the rules do not allow a shift any more */
export function requireShiftable(run: Run): void {
  for (const balancer of run.green.revision.settings.loadBalancers) requireNetworking(run, balancer);
}

/** Gives green this share of the test traffic, in percent. Rules that do not exist are not written. */
export function shiftTest(run: Run, percent: number): void {
  run.progress.traffic.test = percent;
  for (const { advancedConfiguration, ...groups } of shiftsOf(run))
    write(run, advancedConfiguration.testListenerRule, groups, percent);
}

/** Gives green this share of the production traffic, in percent. */
export function shiftProduction(run: Run, percent: number): void {
  run.progress.traffic.production = percent;
  for (const { advancedConfiguration, ...groups } of shiftsOf(run))
    write(run, advancedConfiguration.productionListenerRule, groups, percent);
}

/** Whether the service is behind a Network Load Balancer: its data plane lags behind its weights for minutes. */
export const isNetwork = ({ ports, green }: Run): boolean =>
  green.revision.settings.loadBalancers.some(
    ({ advancedConfiguration }) =>
      advancedConfiguration && ports.rules.forwardOf(advancedConfiguration.productionListenerRule)?.isNetwork,
  );

function requireNetworking({ ports, progress }: Run, balancer: ServiceLoadBalancer): string {
  const { productionListenerRule = '', testListenerRule } = balancer.advancedConfiguration ?? {};
  const forwards = {
    production: ports.rules.forwardOf(productionListenerRule),
    test: testListenerRule === undefined ? undefined : ports.rules.forwardOf(testListenerRule),
  };
  const networking = judgeNetworking(balancer, forwards, progress.source === undefined);
  if (networking.valid) return networking.greenTargetGroupArn;
  throw rolledBackFor(`${INVALID_NETWORKING}: ${networking.reason}`);
}

interface Groups {
  readonly all: readonly string[];
  readonly green: string;
}

/** Both groups of each load balancer, and which one is green's. */
function shiftsOf({ green }: Run): (Groups & { advancedConfiguration: AdvancedConfiguration })[] {
  const { settings, loadBalancers } = green.revision;
  return settings.loadBalancers.flatMap(({ targetGroupArn, advancedConfiguration }, at) =>
    advancedConfiguration
      ? {
          advancedConfiguration,
          all: [targetGroupArn, advancedConfiguration.alternateTargetGroupArn],
          green: loadBalancers[at]?.targetGroupArn ?? targetGroupArn,
        }
      : [],
  );
}

function write({ ports }: Run, ruleArn: string | undefined, groups: Groups, percent: number): void {
  if (ruleArn === undefined) return;
  const { green, blue } = weightsFor(percent);
  const weights = new Map(groups.all.map((group) => [group, group === groups.green ? green : blue]));
  try {
    ports.rules.setWeights(ruleArn, weights);
  } catch (error) {
    if (error instanceof Interrupted || !(error instanceof AwsError)) throw error;
    throw rolledBackFor(`${INVALID_NETWORKING}: ${error.message}`);
  }
}
