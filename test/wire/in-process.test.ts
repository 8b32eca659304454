/** Clients in process wait for nothing but promises and the clock: no timers, no real time, no files, no sockets. */
import { createHook } from 'node:async_hooks';
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeServicesCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import {
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRandom } from '../../local/random.ts';
import type { WireRequest } from '../../local/wire/endpoint.ts';
import { inProcessClientConfiguration } from '../../local/wire/in-process-handler.ts';
import { DAY, type ToyCloud, toyCloud } from './toy-cloud.ts';

let cloud: ToyCloud;
beforeEach(async () => {
  cloud = await toyCloud();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const configuration = (seed = 'c'): object =>
  inProcessClientConfiguration(cloud.endpoint, {
    caller: 'a',
    clock: cloud.clock,
    random: createRandom(seed),
  });

async function callEveryService(): Promise<void> {
  const MetricData = Array.from({ length: 200 }, () => ({
    MetricName: 'm'.repeat(99),
    Value: 1,
    Timestamp: DAY,
  }));
  await new ECSClient(configuration()).send(new DescribeServicesCommand({ services: ['a'] }));
  await new ElasticLoadBalancingV2Client(configuration()).send(new DescribeRulesCommand({}));
  await new SFNClient(configuration()).send(new ListExecutionsCommand({ stateMachineArn: 'arn:sm' }));
  await new DynamoDBClient(configuration()).send(
    new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } }),
  );
  await new EventBridgeClient(configuration()).send(new ListRulesCommand({}));
  await new LambdaClient(configuration()).send(
    new InvokeCommand({ FunctionName: 'f', Payload: Buffer.from('{}') }),
  );
  await new STSClient(configuration()).send(new GetCallerIdentityCommand({}));
  const cloudWatch = new CloudWatchClient(configuration());
  await cloudWatch.send(new DescribeAlarmsCommand({}));
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'n', MetricData }));
}

/** `Date`, telling of each look at the present. */
const watchedDate = (looked: () => void): DateConstructor =>
  new Proxy(Date, {
    construct: (target, values) => {
      if (values.length === 0) looked();
      return Reflect.construct(target, values);
    },
    get: (target, name) => {
      if (name === 'now') looked();
      return Reflect.get(target, name);
    },
  });

it('calls use promises alone: no timer, file, socket or thread is asked for, and no real time is read', async () => {
  const asked: string[] = [];
  const hook = createHook({ init: (_id, type) => void (type !== 'PROMISE' && asked.push(type)) });
  vi.stubGlobal(
    'Date',
    watchedDate(() => asked.push('the present')),
  );
  const random = vi.spyOn(Math, 'random');
  hook.enable();
  try {
    await callEveryService();
  } finally {
    hook.disable();
  }

  // The SDK draws an invocation id from real randomness, without waiting; the handler drops it.
  expect(asked.filter((type) => !['TickObject', 'RANDOMBYTESREQUEST'].includes(type))).toEqual([]);
  expect(random).not.toHaveBeenCalled();
});

it('the same seed gives the same requests and the same back-off', async () => {
  const run = async (): Promise<unknown> => {
    cloud = await toyCloud();
    const requests: WireRequest[] = [];
    const { handle } = cloud.endpoint;
    Object.assign(cloud.endpoint, {
      handle: (request: WireRequest) => {
        requests.push(request);
        return handle(request);
      },
    });
    const sent = new ECSClient(configuration('same')).send(new ListTasksCommand({})).catch(() => {});
    await cloud.clock.run(() => false, 60_000);
    await sent;
    return { requests, timesMs: cloud.endpoint.calls.map(({ atMs }) => atMs) };
  };

  expect(await run()).toEqual(await run());
});
