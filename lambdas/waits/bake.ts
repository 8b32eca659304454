/** The look of Bake: does an alarm fire, do green's tasks fail, does it do worse than blue? Only the end of the time ends a bake well, and JudgeBake decides then. */
import type { CloudWatch } from '../aws/cloudwatch.ts';
import { analyse } from '../common/analysis.ts';
import type { Deployment } from '../common/deployment.ts';
import { AlarmFired, ComparisonFailed } from '../common/errors.ts';
import { firingAlarms } from '../decisions/alarms.ts';
import { ordersOf } from '../decisions/orders.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';
import { lookAtSteadyState, type SteadyStatePorts } from './steady-state.ts';

export interface BakePorts extends SteadyStatePorts {
  readonly cloudwatch: CloudWatch;
}

/** Alarms that fired before a repair began are given the bake's time to recover. */
export async function lookAtBake(
  deployment: Deployment,
  ports: BakePorts & { readonly now: () => number },
): Promise<Look> {
  if (ordersOf(deployment).promote) return answered({});
  const look = await lookWhileServing(deployment, alarmsToWatch(deployment), ports);
  if (!look.open) return look;
  const { verdict, reason } = await analyse(deployment, ports, ports.now());
  return verdict === 'fail' ? failed(new ComparisonFailed(reason)) : look;
}

/** The service's alarms and green's: what blue's say while it loses its traffic is no verdict on green. */
export function watchedAlarms({ configuration, green }: Deployment): string[] {
  const { service, sides } = configuration.checks.alarms;
  return [...service, ...(sides[green.service] ?? [])];
}

/** Without those that fired before a repair began. */
export function alarmsToWatch(deployment: Deployment): string[] {
  return watchedAlarms(deployment).filter((name) => !deployment.despite?.alarms.includes(name));
}

/** A failure, or still open: green serves, and nothing speaks against it. */
export async function lookWhileServing(
  deployment: Deployment,
  alarms: readonly string[],
  ports: BakePorts,
): Promise<Look> {
  const firing = firingAlarms(await ports.cloudwatch.describeAlarms(alarms));
  if (firing) return failed(new AlarmFired(firing));
  const steady = await lookAtSteadyState(deployment, ports);
  return !steady.open && 'failure' in steady ? steady : stillOpen('the bake time');
}
