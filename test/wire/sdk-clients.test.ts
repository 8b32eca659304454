/** The real SDK clients talk to the endpoint, over HTTP and in process, with the same results. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  InvalidParameterValueException,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import {
  CreateClusterCommand,
  DescribeServicesCommand,
  ECSClient,
  ServiceNotFoundException,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import {
  CreateScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import {
  ExecutionAlreadyExists,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, QueueDoesNotExist, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../local/random.ts';
import { type HttpServer, startHttpServer } from '../../local/wire/http-server.ts';
import { clientConfiguration, inProcessClientConfiguration } from '../../local/wire/in-process-handler.ts';
import { DAY, GROUP_ARN, received, type ToyCloud, toyCloud } from './toy-cloud.ts';

describe.each(['over HTTP', 'in process'])('%s', (way) => {
  let cloud: ToyCloud;
  let server: HttpServer;
  let configuration: Record<string, unknown>;

  beforeAll(async () => {
    cloud = await toyCloud();
    server = await startHttpServer(cloud.endpoint);
    configuration =
      way === 'over HTTP'
        ? clientConfiguration(server.url, 'alice')
        : inProcessClientConfiguration(cloud.endpoint, {
            caller: 'alice',
            clock: cloud.clock,
            random: createRandom('c'),
          });
  });
  afterAll(() => server.close());

  it('ECS gives services with their timestamps as dates', async () => {
    const command = new DescribeServicesCommand({ cluster: 'prod', services: ['orders-a', 'orders-b'] });
    const { services } = await new ECSClient(configuration).send(command);

    expect(services).toMatchObject([
      { serviceName: 'orders-a', createdAt: DAY, deployments: [] },
      { serviceName: 'orders-b' },
    ]);
  });

  it('ECS throws its typed errors, and 501 for what is not implemented', async () => {
    const client = new ECSClient(configuration);

    const unknown = client.send(new UpdateServiceCommand({ service: 'x' }));
    await expect(unknown).rejects.toSatisfy((error) => error instanceof ServiceNotFoundException);
    await expect(unknown).rejects.toMatchObject({
      message: 'Service not found.',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(client.send(new CreateClusterCommand({}))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('CreateCluster'),
      $metadata: { httpStatusCode: 501 },
    });
  });

  it('ELBv2 takes nested lists, and gives them back', async () => {
    const Actions = [
      {
        Type: 'forward' as const,
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: GROUP_ARN, Weight: 90 },
            { TargetGroupArn: 'green', Weight: 0 },
          ],
          TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
        },
      },
    ];
    const client = new ElasticLoadBalancingV2Client(configuration);
    const { Rules } = await client.send(new ModifyRuleCommand({ RuleArn: 'arn:r?&=+ é', Actions }));

    expect(Rules).toEqual([{ RuleArn: 'arn:r?&=+ é', Actions, Priority: '10', IsDefault: false }]);
  });

  it('ELBv2 gives empty lists, escaped text, dates, and errors under their wire code', async () => {
    const client = new ElasticLoadBalancingV2Client(configuration);

    const { Rules } = await client.send(new DescribeRulesCommand({}));
    expect(Rules).toMatchObject([{ RuleArn: 'rule & <one>', Conditions: [] }]);
    const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand({}));
    expect(LoadBalancers?.[0]?.CreatedTime).toEqual(DAY);
    const health = client.send(new DescribeTargetHealthCommand({ TargetGroupArn: 'x' }));
    await expect(health).rejects.toSatisfy((error) => error instanceof TargetGroupNotFoundException);
    await expect(health).rejects.toMatchObject({
      Code: 'TargetGroupNotFound',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('Step Functions lists executions and throws its typed errors', async () => {
    const client = new SFNClient(configuration);

    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn: 'arn:sm' }));
    expect(executions).toEqual([
      { executionArn: 'arn:e', stateMachineArn: 'arn:sm', name: 'one', status: 'RUNNING', startDate: DAY },
    ]);
    const start = client.send(new StartExecutionCommand({ stateMachineArn: 'arn:sm', name: 'one' }));
    await expect(start).rejects.toSatisfy((error) => error instanceof ExecutionAlreadyExists);
  });

  it('DynamoDB keeps every kind of attribute', async () => {
    const Item = {
      pk: { S: 'one' },
      n: { N: '12345678901234567890.5' },
      b: { B: new Uint8Array([0, 1, 254]) },
      sets: { M: { ss: { SS: ['a'] }, ns: { NS: ['1'] }, bs: { BS: [new Uint8Array([7])] } } },
      list: { L: [{ NULL: true }, { BOOL: false }, { L: [] }, { M: {} }] },
    };
    const client = new DynamoDBClient(configuration);
    await client.send(new PutItemCommand({ TableName: 't', Item }));

    const got = await client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'one' } } }));
    expect(got.Item).toEqual(Item);
    expect(
      (await client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: '?' } } }))).Item,
    ).toBeUndefined();
  });

  it('DynamoDB errors carry their members', async () => {
    const write = new DynamoDBClient(configuration).send(
      new TransactWriteItemsCommand({
        TransactItems: [{ Delete: { TableName: 't', Key: { pk: { S: 'a' } } } }],
      }),
    );

    await expect(write).rejects.toSatisfy((error) => error instanceof TransactionCanceledException);
    await expect(write).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: { pk: { S: 'lock' } } }],
    });
  });

  it('Lambda passes payloads through untouched, also for an ARN, and reports function errors', async () => {
    const client = new LambdaClient(configuration);
    const Payload = Buffer.from('{"n": 1.0 }');

    const answer = await client.send(
      new InvokeCommand({
        FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:f',
        InvocationType: 'Event',
        Payload,
      }),
    );
    expect(answer).toMatchObject({ StatusCode: 202, ExecutedVersion: '$LATEST' });
    expect(answer.Payload?.transformToString()).toBe('{"n": 1.0 }');
    const failed = await client.send(new InvokeCommand({ FunctionName: 'fails' }));
    expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  });

  it('Lambda reads labels and query strings, and throws its typed errors', async () => {
    const client = new LambdaClient(configuration);

    const get = client.send(new GetFunctionCommand({ FunctionName: 'f', Qualifier: '3' }));
    await expect(get).rejects.toSatisfy((error) => error instanceof ResourceNotFoundException);
    await expect(get).rejects.toMatchObject({
      message: 'Function not found: f:3',
      Type: 'User',
      $metadata: { httpStatusCode: 404 },
    });
    const { Functions } = await client.send(new ListFunctionsCommand({ MaxItems: 3 }));
    expect(Functions).toEqual([{ FunctionName: 'at most 3' }]);
  });

  it('Scheduler reads paths, queries and bodies', async () => {
    const client = new SchedulerClient(configuration);

    expect(await client.send(new GetScheduleCommand({ Name: 'sweep', GroupName: 'g' }))).toMatchObject({
      Name: 'sweep',
      GroupName: 'g',
      CreationDate: DAY,
    });
    const create = new CreateScheduleCommand({
      Name: 'sweep',
      ScheduleExpression: 'rate(1 minute)',
      StartDate: DAY,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'arn:f', RoleArn: 'arn:r' },
    });
    expect(await client.send(create)).toMatchObject({ ScheduleArn: 'arn:schedule/sweep' });
    expect(await client.send(new ListSchedulesCommand({ MaxResults: 5 }))).toMatchObject({
      Schedules: [{ Name: '5' }],
    });
  });

  // The SDK compresses a body above 10 KB, though not in CBOR, where its content-length would be wrong.
  it.each([
    ['JSON', 200, {}],
    ['CBOR', 20, { protocol: AwsSmithyRpcV2CborProtocol }],
  ])('CloudWatch speaks %s', async (_name, length, extra) => {
    const client = new CloudWatchClient({ ...configuration, ...extra });
    received.length = 0;
    const MetricData = Array.from({ length }, () => ({
      MetricName: 'm'.repeat(99),
      Value: 1.5,
      Timestamp: DAY,
    }));
    await client.send(new PutMetricDataCommand({ Namespace: 'n', MetricData }));

    expect(received).toHaveLength(length);
    expect(received[0]?.getTime()).toBeCloseTo(DAY.getTime(), -3);
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ['5xx'] }));
    expect(MetricAlarms).toEqual([
      { AlarmName: '5xx', StateValue: 'OK', StateUpdatedTimestamp: DAY, Threshold: 0.5 },
    ]);
    const dashboard = client.send(new GetDashboardCommand({ DashboardName: 'd' }));
    await expect(dashboard).rejects.toSatisfy((error) => error instanceof InvalidParameterValueException);
    await expect(dashboard).rejects.toMatchObject({ message: 'no dashboard' });
  });

  it('the other services answer as well', async () => {
    const image = new PutImageCommand({ repositoryName: 'orders', imageManifest: '{}', imageTag: 'v2' });
    expect((await new ECRClient(configuration).send(image)).image?.imageId?.imageTag).toBe('v2');
    const parameters = await new SSMClient(configuration).send(
      new GetParametersByPathCommand({ Path: '/s' }),
    );
    expect(parameters.Parameters).toEqual([{ Name: '/s/a', Value: 'x', Version: 1, LastModifiedDate: DAY }]);
    const logs = new GetLogEventsCommand({ logGroupName: 'g', logStreamName: 's' });
    expect((await new CloudWatchLogsClient(configuration).send(logs)).events?.[0]?.timestamp).toBe(
      DAY.getTime(),
    );
    const events = await new EventBridgeClient(configuration).send(
      new PutEventsCommand({ Entries: [{ Time: DAY }] }),
    );
    // The SDK sends whole seconds here.
    expect(events.Entries?.[0]?.EventId).toMatch(/^2026-03-04T05:06:07/);
    const attributes = { k: { DataType: 'String', StringValue: 'v' } };
    const publish = new PublishCommand({ TopicArn: 't', Message: 'm', MessageAttributes: attributes });
    expect((await new SNSClient(configuration).send(publish)).MessageId).toBe(JSON.stringify(attributes));
    expect((await new STSClient(configuration).send(new GetCallerIdentityCommand({}))).Arn).toBe('alice');
  });

  it('SQS throws its typed errors', async () => {
    const client = new SQSClient(configuration);

    expect((await client.send(new GetQueueUrlCommand({ QueueName: 'q' }))).QueueUrl).toBe('http://queue/q');
    const send = client.send(
      new SendMessageCommand({ QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/q', MessageBody: 'b' }),
    );
    await expect(send).rejects.toSatisfy((error) => error instanceof QueueDoesNotExist);
  });
});
