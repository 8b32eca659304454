/** The refusals that a deployment would meet once it is resolved: all of them, where the machine stops at the first. */
import type { Deployment } from '../../lambdas/common/deployment.ts';
import { Refusal } from '../../lambdas/common/errors.ts';
import { refuseImageForFleet } from '../../lambdas/resolution/fleet.ts';
import type { Asked } from '../../lambdas/resolution/requested-image.ts';
import { refuseIfAlarmsFire, refuseIfTooLate } from '../../lambdas/resolution/worth.ts';
import type { PlanPorts } from './ports.ts';

export async function refusalsOf(
  request: Asked,
  deployment: Deployment,
  ports: PlanPorts,
): Promise<Refusal[]> {
  const { configuration, green } = deployment;
  const checks = [
    async () => refuseImageForFleet(request, green, configuration.name),
    async () => refuseIfTooLate(deployment, ports.now()),
    () => refuseIfAlarmsFire(configuration, request, ports),
  ];
  const results = await Promise.all(checks.map(refusalIn));
  return results.flatMap((refusal) => refusal ?? []);
}

async function refusalIn(check: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
