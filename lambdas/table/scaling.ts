/** How a side scaled before it was parked: for its next use, if the side that then serves does not scale at all. */
import type { Key, Table } from '../aws/dynamodb.ts';
import type { CapturedScaling } from '../common/deployment.ts';

const scalingKey = (service: string, ecsServiceArn: string): Key => ({
  pk: `service#${service}`,
  sk: `scaling#${ecsServiceArn}`,
});

export async function rememberScaling(
  table: Table,
  service: string,
  ecsServiceArn: string,
  { min, max, suspended }: CapturedScaling,
): Promise<void> {
  await table.write({ update: scalingKey(service, ecsServiceArn), set: { min, max, suspended } });
}

export function getRememberedScaling(
  table: Table,
  service: string,
  ecsServiceArn: string,
): Promise<CapturedScaling | undefined> {
  return table.getItem<CapturedScaling>(scalingKey(service, ecsServiceArn));
}
