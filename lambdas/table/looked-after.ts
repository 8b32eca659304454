/** Since when a service's repositories are compared with what was deployed. */
import type { Key, Table } from '../aws/dynamodb.ts';

const key = (service: string): Key => ({ pk: `service#${service}`, sk: 'looked-after' });

/** @param sinceMs written down if this is the first look. @returns what was written down then */
export async function lookedAfterSinceMs(table: Table, service: string, sinceMs: number): Promise<number> {
  const known = await table.getItem<{ sinceMs: number }>(key(service));
  if (known) return known.sinceMs;
  const condition = { expression: 'attribute_not_exists(#pk)' };
  await table.write({ put: { ...key(service), sinceMs }, condition });
  return sinceMs;
}
