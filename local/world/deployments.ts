/** Finds what Sidestep has done for a service: its executions, and the deployment's record in the table. */
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Deployment } from '../../lambdas/common/deployment.ts';
import { localArn } from '../arns.ts';
import type { Clients } from './clients.ts';

/**
 * The record of the deployment that an execution works on; of one that was superseded, that of the one that took its place.
 * @returns undefined while there is none
 */
export async function findRecord(
  clients: Pick<Clients, 'dynamodb'>,
  { tableName, service, executionArn }: { tableName: string; service: string; executionArn: string },
): Promise<Deployment | undefined> {
  const records = await findRecords(clients, { tableName, service });
  let found = records.find(({ startedBy }) => startedBy.executionArn === executionArn);
  for (let next = found; next; next = records.find(({ deploymentId }) => deploymentId === next?.successor))
    found = next;
  return found;
}

/** Every record of a service, newest first. */
export async function findRecords(
  { dynamodb }: Pick<Clients, 'dynamodb'>,
  { tableName, service }: { tableName: string; service: string },
): Promise<Deployment[]> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :service AND begins_with(sk, :deployments)',
      ExpressionAttributeValues: {
        ':service': { S: `service#${service}` },
        ':deployments': { S: 'deployment#' },
      },
      ScanIndexForward: false,
      ConsistentRead: true,
    }),
  );
  return Items.map((item) => unmarshall(item) as Deployment);
}

/** Starts the machine as a person does in the console. @returns the execution's ARN */
export async function requestDeployment(
  { sfn }: Pick<Clients, 'sfn'>,
  input: Readonly<Record<string, unknown>>,
): Promise<string> {
  const stateMachineArn = localArn('states', STATE_MACHINE);
  const started = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return started.executionArn ?? '';
}

const STATE_MACHINE = 'stateMachine:sidestep-deploy';

export interface StartedExecution {
  readonly executionArn: string;
  readonly service: string;
}

/** ARNs of the newest executions of every state machine. */
export async function listExecutions({ sfn }: Pick<Clients, 'sfn'>): Promise<string[]> {
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const lists = await Promise.all(
    stateMachines.map(({ stateMachineArn }) =>
      sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: NEWEST })),
    ),
  );
  return lists.flatMap(({ executions = [] }) => executions.flatMap(({ executionArn }) => executionArn ?? []));
}

const NEWEST = 10;

/** Executions that a push of this digest under this tag has started, without those that were there before. */
export async function findStartedByPush(
  clients: Pick<Clients, 'sfn'>,
  { digest, tag, before }: { digest: string; tag: string; before: readonly string[] },
): Promise<StartedExecution[]> {
  const started = (await listExecutions(clients)).filter((executionArn) => !before.includes(executionArn));
  const found: StartedExecution[] = [];
  for (const executionArn of started) {
    const { input = '{}' } = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    const { service = '', push } = JSON.parse(input) as { service?: string; push?: Record<string, unknown> };
    if (push?.digest === digest && push.tag === tag) found.push({ executionArn, service });
  }
  return found;
}
