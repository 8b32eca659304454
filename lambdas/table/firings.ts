/** Firings: which deployment each schedule's newest time belongs to. */
import type { Key, Table } from '../aws/dynamodb.ts';

export interface Firing {
  readonly service: string;
  /** The schedule's name. */
  readonly schedule: string;
  /** The time that it fired for, as Scheduler writes it: ISO 8601, so that later ones sort behind. */
  readonly scheduledAt: string;
  readonly deploymentId: string;
}

const firingKey = ({ service, schedule }: Firing): Key => ({
  pk: `service#${service}`,
  sk: `schedule#${schedule}`,
});

/** Takes a time for a deployment, if it is newer than the last that was taken. @returns whose that time is */
export async function claimFiring(table: Table, firing: Firing): Promise<string> {
  const isOurs = await table.write({
    put: { ...firingKey(firing), ...firing },
    condition: {
      expression: 'attribute_not_exists(#pk) OR #scheduledAt < :scheduledAt',
      values: { scheduledAt: firing.scheduledAt },
    },
  });
  if (isOurs) return firing.deploymentId;
  const taken = await table.getItem<Firing>(firingKey(firing));
  return taken?.deploymentId ?? firing.deploymentId;
}
