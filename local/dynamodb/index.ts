/** DynamoDB: tables, items, expressions, queries and transactions, in memory. */
import type { Platform } from '../platform.ts';
import type { DynamoDbApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { itemOperations } from './items.ts';
import { searchOperations } from './search.ts';
import { createTables } from './tables.ts';
import { transactionOperations } from './transactions.ts';

export interface DynamoDbSimulator {
  readonly operations: Operations<typeof DynamoDbApi>;
}

/**
 * Weaker than AWS on purpose: a table is ACTIVE at once, reads and indexes are always consistent, items do not
 * expire by their time to live, nothing is throttled, and streams, local indexes, PartiQL and backups are absent.
 */
export function createDynamoDb(platform: Platform): DynamoDbSimulator {
  const tables = createTables(platform);
  return {
    operations: {
      ...tables.operations,
      ...itemOperations(tables),
      ...searchOperations(tables),
      ...transactionOperations(tables, platform.clock),
    },
  };
}
