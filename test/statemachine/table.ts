/** The stack's table as a handler has it, for tests that play one. */
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { dynamodb, type Table } from '../../lambdas/aws/dynamodb.ts';
import type { Bed } from './bed.ts';

/** Called as a person. */
export async function tableOf({ cloud }: Bed): Promise<Table> {
  const clientConfiguration = cloud.clientConfiguration('person');
  const { TableNames = [] } = await new DynamoDBClient(clientConfiguration).send(new ListTablesCommand({}));
  const silent = () => {};
  const random = cloud.random.fork('table');
  return dynamodb({
    now: () => cloud.clock.now(),
    random: () => random.next(),
    sleep: (ms) => cloud.clock.sleep(ms),
    env: {
      TABLE_NAME: TableNames[0],
      CONFIGURATION_PREFIX: '/sidestep/services/',
      STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:sidestep-deploy',
    },
    clientConfiguration,
    log: { info: silent, warn: silent, error: silent, append: silent },
    request: () => Promise.reject(new Error('a test sends no requests through the table')),
  });
}
