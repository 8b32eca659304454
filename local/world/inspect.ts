/** Reads what a person would look at when a deployment does not end: ECS's own words, open waits, the newest log lines. */
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  type DesiredStatus,
  ListTasksCommand,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { OpenWait } from '../../lambdas/table/open-waits.ts';
import type { Clients } from './clients.ts';
import { CLUSTER, SECOND_CLUSTER, SIDES } from './names.ts';

export interface InspectedService {
  readonly service: Service;
  /** Those that are meant to run, then those that are stopping or have stopped. */
  readonly tasks: readonly Task[];
}

/** Both sides' ECS services, in their fixed order, whichever clusters they are in. */
export async function inspectServices({ ecs }: Pick<Clients, 'ecs'>): Promise<InspectedService[]> {
  const { clusters = [] } = await ecs.send(
    new DescribeClustersCommand({ clusters: [CLUSTER, SECOND_CLUSTER] }),
  );
  const found = clusters.map(async ({ clusterName: cluster }) => {
    const command = new DescribeServicesCommand({ cluster, services: [...SIDES] });
    return (await ecs.send(command)).services ?? [];
  });
  const services = (await Promise.all(found)).flat();
  return Promise.all(services.map(async (service) => ({ service, tasks: await tasksOf({ ecs }, service) })));
}

async function tasksOf(
  { ecs }: Pick<Clients, 'ecs'>,
  { serviceName, clusterArn: cluster }: Service,
): Promise<Task[]> {
  const list = async (desiredStatus: DesiredStatus): Promise<string[]> => {
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, serviceName, desiredStatus }));
    return taskArns;
  };
  const tasks = [...(await list('RUNNING')), ...(await list('STOPPED'))];
  if (tasks.length === 0) return [];
  return (await ecs.send(new DescribeTasksCommand({ cluster, tasks }))).tasks ?? [];
}

/** Every open wait, without its token: that is secret. */
export async function readOpenWaits(
  { dynamodb }: Pick<Clients, 'dynamodb'>,
  tableName: string,
): Promise<Omit<OpenWait, 'taskToken'>[]> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :waits',
      ExpressionAttributeValues: { ':waits': { S: 'waits' } },
      ProjectionExpression: 'service, deploymentId, executionArn, #state, wokenBy, openedAtMs, waitingFor',
      ExpressionAttributeNames: { '#state': 'state' },
      ConsistentRead: true,
    }),
  );
  return Items.map((item) => unmarshall(item) as Omit<OpenWait, 'taskToken'>);
}

export interface LogLine {
  readonly logGroupName: string;
  readonly timestampMs: number;
  readonly message: string;
}

/** What these log groups hold, the oldest line first. A group that does not exist yet holds nothing. */
export async function readLogLines(
  { logs }: Pick<Clients, 'logs'>,
  logGroupNames: readonly string[],
): Promise<LogLine[]> {
  const read = async (logGroupName: string): Promise<LogLine[]> => {
    try {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
      return events.map(({ timestamp = 0, message = '' }) => ({
        logGroupName,
        timestampMs: timestamp,
        message,
      }));
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
      throw error;
    }
  };
  const lines = (await Promise.all(logGroupNames.map(read))).flat();
  return lines.sort((a, b) => a.timestampMs - b.timestampMs);
}
