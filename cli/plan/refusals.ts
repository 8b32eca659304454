/** The refusals that a deployment would meet once it is resolved: all of them, where the machine stops at the first. */
import type { Deployment } from '../../lambdas/common/deployment.ts';
import { Refusal } from '../../lambdas/common/errors.ts';
import { admissionsOf } from '../../lambdas/resolution/admission.ts';
import type { Asked } from '../../lambdas/resolution/requested-image.ts';
import type { PlanPorts } from './ports.ts';

export async function refusalsOf(
  request: Asked,
  deployment: Deployment,
  ports: PlanPorts,
): Promise<Refusal[]> {
  const results = await Promise.all(admissionsOf(request, deployment, ports).map(refusalIn));
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
