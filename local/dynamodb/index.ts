/** DynamoDB: tables, items, expressions, queries and transactions, in memory. */
import type { Platform } from '../platform.ts';
import type { ChangeStreams } from '../simulators.ts';
import type { DynamoDbApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { itemOperations } from './items.ts';
import { searchOperations } from './search.ts';
import { createTables } from './tables.ts';
import { transactionOperations } from './transactions.ts';

export interface DynamoDbSimulator {
  readonly operations: Operations<typeof DynamoDbApi>;
  readonly streams: ChangeStreams;
}

/**
 * Weaker than AWS on purpose: a table is ACTIVE at once, reads and indexes are always consistent, an item goes at the
 * first access after its time to live, a stream has one shard, is of new and old images and keeps nothing for those who
 * follow it later, nothing is throttled, and local indexes, PartiQL and backups are absent.
 */
export function createDynamoDb(platform: Platform): DynamoDbSimulator {
  const tables = createTables(platform);
  return {
    streams: tables.streams,
    operations: {
      ...tables.operations,
      ...itemOperations(tables),
      ...searchOperations(tables),
      ...transactionOperations(tables, platform.clock),
    },
  };
}
