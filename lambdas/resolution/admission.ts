/** What is refused of a deployment that is complete and worth its while, in the order in which it is asked. */
import type { CloudWatch } from '../aws/cloudwatch.ts';
import type { Deployment } from '../common/deployment.ts';
import type { Ground } from '../common/step.ts';
import { refuseIfClosed } from './calendar.ts';
import { mergeDespites } from './despite.ts';
import { refuseImageForFleet } from './fleet.ts';
import type { Asked } from './requested-image.ts';
import { ignoreFiringAlarms, refuseIfAlarmsFire, refuseIfTooLate } from './worth.ts';

/** Throws a Refusal, or gives the word that overruled one. */
export type Admission = () => Promise<Deployment['despite']>;

export function admissionsOf(
  request: Asked,
  deployment: Deployment,
  ports: Pick<Ground, 'table' | 'now'> & { readonly cloudwatch: CloudWatch },
): Admission[] {
  const { configuration, green, rollback } = deployment;
  // Whatever speaks against a new version speaks for going back.
  if (rollback) {
    return [
      async () => void refuseImageForFleet(request, green, configuration.name),
      () => ignoreFiringAlarms(configuration, rollback.why, ports),
    ];
  }
  return [
    async () => void refuseImageForFleet(request, green, configuration.name),
    async () => void refuseIfTooLate(deployment, ports.now()),
    () => refuseIfClosed(deployment, request, ports),
    () => refuseIfAlarmsFire(configuration, request, ports),
  ];
}

/** @throws the first refusal */
export async function admit(admissions: readonly Admission[]): Promise<Deployment['despite']> {
  const despites: Deployment['despite'][] = [];
  for (const ask of admissions) despites.push(await ask());
  return mergeDespites(despites);
}
