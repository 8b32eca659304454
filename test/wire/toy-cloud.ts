/** A toy local cloud: one or two operations of each service, just enough to see each protocol at work. */
import { createVirtualClock, type VirtualClock } from '../../local/clock/virtual-clock.ts';
import { createRandom } from '../../local/random.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { createEndpoint, type EndpointOptions } from '../../local/wire/create-endpoint.ts';
import type { Endpoint, WireRequest } from '../../local/wire/endpoint.ts';
import type {
  CloudWatchApi,
  CloudWatchLogsApi,
  DynamoDbApi,
  EcrApi,
  EcsApi,
  Elbv2Api,
  EventBridgeApi,
  LambdaApi,
  SchedulerApi,
  SfnApi,
  SnsApi,
  SqsApi,
  SsmApi,
  StsApi,
} from '../../local/wire/models.ts';
import type { Operations } from '../../local/wire/operations.ts';

export const DAY = new Date('2026-03-04T05:06:07.089Z');
export const GROUP_ARN =
  'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/blue/0123456789abcdef';

const ecs: Operations<typeof EcsApi> = {
  DescribeServices: ({ cluster, services = [] }) => ({
    services: services.map((name) => ({
      serviceName: name,
      clusterArn: cluster,
      createdAt: DAY,
      desiredCount: 2,
      deployments: [],
    })),
    failures: [],
  }),
  UpdateService: () => {
    throw new AwsError('ServiceNotFoundException', 'Service not found.');
  },
  ListTasks: () => {
    throw new AwsError('ThrottlingException', 'Rate exceeded');
  },
  DescribeClusters: () => {
    throw new TypeError('cannot read clusters');
  },
  ListClusters: () => ({ clusterArns: [], clusters: 'none' }),
  // @ts-expect-error: what the checks of outputs are for.
  ListServices: () => ({ serviceArns: [7] }),
};

const elbv2: Operations<typeof Elbv2Api> = {
  ModifyRule: ({ RuleArn, Actions }) => ({ Rules: [{ RuleArn, Actions, Priority: '10', IsDefault: false }] }),
  DescribeRules: () => ({
    Rules: [
      {
        RuleArn: 'rule & <one>',
        Conditions: [],
        Actions: [
          { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: GROUP_ARN, Weight: 100 }] } },
        ],
      },
    ],
  }),
  DescribeLoadBalancers: () => ({ LoadBalancers: [{ LoadBalancerName: 'web', CreatedTime: DAY }] }),
  DescribeTargetHealth: () => {
    throw new AwsError('TargetGroupNotFoundException', 'One or more target groups not found');
  },
};

const states: Operations<typeof SfnApi> = {
  ListExecutions: ({ stateMachineArn }) => ({
    executions: [{ executionArn: 'arn:e', stateMachineArn, name: 'one', status: 'RUNNING', startDate: DAY }],
  }),
  StartExecution: () => {
    throw new AwsError('ExecutionAlreadyExists', 'Execution Already Exists');
  },
};

const items = new Map<
  string,
  NonNullable<Parameters<NonNullable<Operations<typeof DynamoDbApi>['PutItem']>>[0]['Item']>
>();

const dynamodb: Operations<typeof DynamoDbApi> = {
  PutItem: ({ Item = {} }) => {
    items.set(String(Item.pk?.S), Item);
    return {};
  },
  GetItem: ({ Key = {} }) => ({ Item: items.get(String(Key.pk?.S)) }),
  TransactWriteItems: () => {
    throw new AwsError('TransactionCanceledException', 'Transaction cancelled', {
      fields: { CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: { pk: { S: 'lock' } } }] },
    });
  },
  DeleteItem: () => {
    throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed', {
      fields: { Items: {} },
    });
  },
};

/** The SDK types a payload as its own class, of which the wire wants the bytes only. */
type InvokePayload = LambdaApi.InvokeCommandOutput['Payload'];

const lambda: Operations<typeof LambdaApi> = {
  Invoke: ({ FunctionName, InvocationType, Payload }) =>
    FunctionName === 'fails'
      ? {
          StatusCode: 200,
          FunctionError: 'Unhandled',
          Payload: Buffer.from('{"errorType":"Drift"}') as unknown as InvokePayload,
        }
      : {
          StatusCode: InvocationType === 'Event' ? 202 : 200,
          Payload: Payload as InvokePayload,
          ExecutedVersion: '$LATEST',
        },
  GetFunction: ({ FunctionName, Qualifier }) => {
    throw new AwsError('ResourceNotFoundException', `Function not found: ${FunctionName}:${Qualifier}`, {
      fields: { Type: 'User' },
    });
  },
  ListFunctions: ({ MaxItems }) => ({ Functions: [{ FunctionName: `at most ${MaxItems}` }] }),
};

const scheduler: Operations<typeof SchedulerApi> = {
  GetSchedule: ({ Name, GroupName }) => ({
    Name,
    GroupName,
    CreationDate: DAY,
    ScheduleExpression: 'rate(1 minute)',
  }),
  CreateSchedule: ({ Name }) => ({ ScheduleArn: `arn:schedule/${Name}` }),
  ListSchedules: ({ MaxResults }) => ({ Schedules: [{ Name: String(MaxResults) }] }),
};

const monitoring: Operations<typeof CloudWatchApi> = {
  DescribeAlarms: ({ AlarmNames = [] }) => ({
    MetricAlarms: AlarmNames.map((AlarmName) => ({
      AlarmName,
      StateValue: 'OK',
      StateUpdatedTimestamp: DAY,
      Threshold: 0.5,
    })),
  }),
  PutMetricData: ({ MetricData = [] }) => {
    received.push(...MetricData.map(({ Timestamp }) => Timestamp));
    return {};
  },
  GetDashboard: () => {
    throw new AwsError('InvalidParameterValueException', 'no dashboard');
  },
};

/** Timestamps that PutMetricData was given. */
export const received: (Date | undefined)[] = [];

const others = {
  ecr: {
    PutImage: ({ repositoryName, imageManifest, imageTag }) => ({
      image: { repositoryName, imageManifest, imageId: { imageTag, imageDigest: 'sha256:00' } },
    }),
  } satisfies Operations<typeof EcrApi>,
  ssm: {
    GetParametersByPath: ({ Path }) => ({
      Parameters: [{ Name: `${Path}/a`, Value: 'x', Version: 1, LastModifiedDate: DAY }],
    }),
  } satisfies Operations<typeof SsmApi>,
  logs: {
    GetLogEvents: () => ({ events: [{ timestamp: DAY.getTime(), message: 'started' }] }),
  } satisfies Operations<typeof CloudWatchLogsApi>,
  events: {
    ListRules: () => ({ Rules: [{ Name: 'pushes', State: 'ENABLED' }] }),
    PutEvents: ({ Entries = [] }) => ({
      FailedEntryCount: 0,
      Entries: Entries.map(({ Time }) => ({ EventId: Time?.toISOString() })),
    }),
  } satisfies Operations<typeof EventBridgeApi>,
  sns: {
    Publish: ({ MessageAttributes = {} }) => ({ MessageId: JSON.stringify(MessageAttributes) }),
  } satisfies Operations<typeof SnsApi>,
  sqs: {
    SendMessage: () => {
      throw new AwsError('QueueDoesNotExist', 'no such queue');
    },
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: `http://queue/${QueueName}` }),
  } satisfies Operations<typeof SqsApi>,
  sts: {
    GetCallerIdentity: (_input, { caller }) => ({ Account: '000000000000', Arn: caller, UserId: 'u' }),
  } satisfies Operations<typeof StsApi>,
};

export interface ToyCloud {
  readonly endpoint: Endpoint;
  readonly clock: VirtualClock;
  readonly faults: unknown[];
}

export async function toyCloud(options: Partial<EndpointOptions> = {}): Promise<ToyCloud> {
  const clock = createVirtualClock();
  const faults: unknown[] = [];
  const endpoint = await createEndpoint({
    clock,
    random: createRandom('toy'),
    fault: (error) => faults.push(error),
    services: {
      ecs: { operations: ecs },
      elasticloadbalancing: { operations: elbv2 },
      states: { operations: states },
      dynamodb: { operations: dynamodb },
      lambda: { operations: lambda },
      scheduler: { operations: scheduler },
      monitoring: { operations: monitoring },
      ecr: { operations: others.ecr },
      ssm: { operations: others.ssm },
      logs: { operations: others.logs },
      events: { operations: others.events },
      sns: { operations: others.sns },
      sqs: { operations: others.sqs },
      sts: { operations: others.sts },
    },
    ...options,
  });
  return { endpoint, clock, faults };
}

/** A signed request as a foreign client might send it. */
export function signed(
  scope: string,
  request: Partial<Omit<WireRequest, 'body'>> & { body?: string | Uint8Array },
): WireRequest {
  const { body = '', headers = {}, ...rest } = request;
  const credential = `AKIDTOY/20260304/us-east-1/${scope}/aws4_request`;
  return {
    method: 'POST',
    path: '/',
    query: '',
    ...rest,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
      ...headers,
    },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
}
