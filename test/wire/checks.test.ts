/** Requests, answers and errors are checked against the SDK's schemas, and refused as each service refuses. */
import {
  DescribeClustersCommand,
  ECSClient,
  ListClustersCommand,
  ListServicesCommand,
} from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../local/random.ts';
import { createEndpoint } from '../../local/wire/create-endpoint.ts';
import { inProcessClientConfiguration } from '../../local/wire/in-process-handler.ts';
import { signed, type ToyCloud, toyCloud } from './toy-cloud.ts';

let cloud: ToyCloud;
beforeEach(async () => {
  cloud = await toyCloud();
});

interface Refused {
  statusCode: number;
  code: string | undefined;
  message: string | undefined;
}

async function refused(...request: Parameters<typeof signed>): Promise<Refused> {
  const { statusCode, body } = await cloud.endpoint.handle(signed(...request));
  const text = Buffer.from(body).toString('utf8');
  if (text.startsWith('<')) {
    return {
      statusCode,
      code: /<Code>(.*)<\/Code>/.exec(text)?.[1],
      message: /<Message>(.*)<\/Message>/.exec(text)?.[1],
    };
  }
  const { __type, message, Message } = JSON.parse(text) as Record<string, string>;
  return { statusCode, code: __type, message: message ?? Message };
}

const ecs = (operation: string, body: string): Promise<Refused> =>
  refused('ecs', { headers: { 'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}` }, body });

const elbv2 = (body: string): Promise<Refused> =>
  refused('elasticloadbalancing', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });

describe('a request is refused with the member, what was found and what is allowed', () => {
  it.each([
    [
      'a missing member',
      'UpdateService',
      '{}',
      'InvalidParameterException',
      'UpdateService.service is required in UpdateServiceRequest; found none',
    ],
    [
      'null for a required member',
      'UpdateService',
      '{"service":null}',
      'InvalidParameterException',
      'UpdateService.service is required',
    ],
    [
      'a member too many',
      'DescribeServices',
      '{"clutser":"x"}',
      'InvalidParameterException',
      'DescribeServices.clutser is no member of DescribeServicesRequest; allowed are services, cluster, include',
    ],
    [
      'a wrong type',
      'DescribeServices',
      '{"services":["a",7]}',
      'SerializationException',
      'DescribeServices.services[1] is the number 7; allowed is a string',
    ],
    [
      'a scalar for a list',
      'DescribeServices',
      '{"services":"a"}',
      'SerializationException',
      'DescribeServices.services is the string "a"; allowed is a list',
    ],
    [
      'null in a list',
      'DescribeServices',
      '{"services":[null]}',
      'SerializationException',
      'DescribeServices.services[0] is null',
    ],
    [
      'a list for the whole',
      'DescribeServices',
      '[]',
      'SerializationException',
      'DescribeServices is a list; allowed is a DescribeServicesRequest object',
    ],
    ['no JSON', 'DescribeServices', '{"services":', 'SerializationException', 'the body is not JSON'],
  ])('ECS: %s', async (_name, operation, body, code, message) => {
    expect(await ecs(operation, body)).toEqual({
      statusCode: 400,
      code,
      message: expect.stringContaining(message),
    });
  });

  it.each([
    [
      'a missing member',
      'Action=ModifyRule',
      'ModifyRule.RuleArn is required in ModifyRuleInput; found none',
    ],
    [
      'a member too many',
      'Action=ModifyRule&RuleArn=r&Weight=1',
      'ModifyRule.Weight is no member of ModifyRuleInput',
    ],
    [
      'no number',
      'Action=ModifyRule&RuleArn=r&Actions.member.1.Type=f&Actions.member.1.Order=x',
      'ModifyRule.Actions[0].Order is the string &quot;x&quot;; allowed is a number',
    ],
    [
      'a list without numbers',
      'Action=ModifyRule&RuleArn=r&Actions.member.one.Type=f',
      'ModifyRule.Actions is an object; allowed is a list',
    ],
  ])('ELBv2: %s', async (_name, body, message) => {
    expect(await elbv2(body)).toEqual({
      statusCode: 400,
      code: 'ValidationError',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    [
      '{"S":"a","N":"1"}',
      'ValidationException',
      'PutItem.Item.pk holds S and N; allowed is exactly one of S, N, B',
    ],
    ['{}', 'ValidationException', 'PutItem.Item.pk holds none'],
    [
      '{"B":"no base64!"}',
      'SerializationException',
      'PutItem.Item.pk.B is the string "no base64!"; allowed is binary data',
    ],
  ])('DynamoDB: an attribute value %s', async (value, code, message) => {
    const answer = await refused('dynamodb', {
      headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem' },
      body: `{"TableName":"t","Item":{"pk":${value}}}`,
    });

    expect(answer).toEqual({
      statusCode: 400,
      code,
      message: expect.stringContaining(message),
    });
  });

  it('REST: an unknown query parameter, a wrong one, a missing one, and a missing body member', async () => {
    const list = { method: 'GET', path: '/schedules' };
    expect((await refused('scheduler', { ...list, query: 'maxItems=1' })).message).toContain(
      'maxItems is no member of the query string',
    );
    expect((await refused('scheduler', { ...list, query: 'MaxResults=many' })).message).toBe(
      'ListSchedules.MaxResults is the string "many"; allowed is a number',
    );
    const untag = await refused('scheduler', { method: 'DELETE', path: '/tags/arn' });
    expect(untag.message).toContain('UntagResource.TagKeys is required in UntagResourceInput');
    expect((await refused('scheduler', { path: '/schedules/s', body: '{}' })).message).toContain(
      'ScheduleExpression is required',
    );
  });
});

describe('what does not exist', () => {
  it('an operation of the SDK without a simulator answers 501 and its name', async () => {
    expect(await ecs('CreateCluster', '{}')).toEqual({
      statusCode: 501,
      code: 'NotImplemented',
      message: 'the local cloud does not implement CreateCluster',
    });
  });

  it('a service without a simulator answers 501 and its name', async () => {
    const request = {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=ListUsers',
    };
    expect(await refused('iam', request)).toEqual({
      statusCode: 501,
      code: 'NotImplemented',
      message: expect.stringMatching(/^the local cloud has no service iam; it has .*ecs/),
    });
  });

  it('unknown operations answer UnknownOperationException', async () => {
    const unknown = { statusCode: 404, code: 'UnknownOperationException' };
    expect(await ecs('LaunchRocket', '{}')).toMatchObject(unknown);
    expect(await elbv2('Action=LaunchRocket')).toMatchObject(unknown);
    expect(await elbv2('')).toMatchObject(unknown);
    expect(
      await refused('ecs', {
        headers: { 'x-amz-target': 'AmazonSQS.DescribeServices' },
        body: '{"services":[]}',
      }),
    ).toMatchObject(unknown);
    expect(
      await refused('ecs', {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'Action=ListTasks',
      }),
    ).toMatchObject(unknown);
    const rest = await cloud.endpoint.handle(
      signed('lambda', { method: 'GET', path: '/2015-03-31/functions/%zz' }),
    );
    expect([rest.statusCode, rest.headers['x-amzn-errortype']]).toEqual([404, 'UnknownOperationException']);
  });

  it('an unsigned request is refused', async () => {
    const request = {
      ...signed('ecs', { body: '{}' }),
      headers: { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListTasks' },
    };
    const response = await cloud.endpoint.handle(request);

    expect([response.statusCode, response.headers['x-amzn-errortype']]).toEqual([
      403,
      'MissingAuthenticationTokenException',
    ]);
  });

  it('a table with an operation or service that the SDK does not know is refused at once', async () => {
    const ground = { clock: cloud.clock, random: createRandom('x') };
    const typo = createEndpoint({
      ...ground,
      services: { ecs: { operations: { DescribeServicez: () => ({}) } } },
    });
    await expect(typo).rejects.toThrow('ecs has no operation DescribeServicez');
    const services = { elbv2: { operations: {} } } as object;
    await expect(createEndpoint({ ...ground, services })).rejects.toThrow('service is elbv2; allowed are');
  });
});

describe('a bug of ours is a 500 that names it, and is reported', () => {
  it.each([
    [
      'an unknown member',
      new ListClustersCommand({}),
      'ListClusters.clusters is no member of ListClustersResponse',
    ],
    [
      'a wrong type',
      new ListServicesCommand({}),
      'ListServices.serviceArns[0] is the number 7; allowed is a string',
    ],
    ['an exception', new DescribeClustersCommand({}), 'TypeError: cannot read clusters'],
  ])('%s', async (_name, command, message) => {
    const random = createRandom('x');
    const client = new ECSClient(
      inProcessClientConfiguration(cloud.endpoint, { caller: 'a', clock: cloud.clock, random }),
    );
    const sent = client.send(command as ListClustersCommand).catch((error: unknown) => error);
    await cloud.clock.run(() => false, 60_000);

    expect(await sent).toMatchObject({
      name: 'InternalFailure',
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode: 500 },
    });
    expect(String(cloud.faults[0])).toContain(message.replace('TypeError: ', ''));
  });

  it.each([
    ['null', { nextToken: null }, 'ListTasks.nextToken is null; allowed is a string'],
    ['no date', { taskArns: 'x' }, 'ListTasks.taskArns is the string "x"; allowed is a list'],
  ])('an output with %s', async (_name, output, message) => {
    const operations = { ListTasks: () => output };
    cloud = await toyCloud({ services: { ecs: { operations } } });

    expect(await ecs('ListTasks', '{}')).toMatchObject({
      statusCode: 500,
      message: expect.stringContaining(message),
    });
  });

  it('an invalid date, a required output left out, an error with a member too many', async () => {
    const { AwsError } = await import('../../local/wire/aws-error.ts');
    const operations = {
      StartExecution: () => ({ executionArn: 'a', startDate: new Date('never') }),
      ListExecutions: () => ({}),
      StopExecution: () => {
        throw new AwsError('ExecutionDoesNotExist', 'gone', { fields: { hint: 'x' } });
      },
      DescribeExecution: () => {
        throw new AwsError('NoSuchError', 'gone', { fields: { hint: 'x' } });
      },
    };
    cloud = await toyCloud({ services: { states: { operations } } });
    const call = (operation: string, body: string): Promise<Refused> =>
      refused('states', { headers: { 'x-amz-target': `AWSStepFunctions.${operation}` }, body });

    expect((await call('StartExecution', '{"stateMachineArn":"s"}')).message).toContain(
      'StartExecution.startDate is a timestamp',
    );
    expect((await call('ListExecutions', '{}')).message).toContain(
      'ListExecutions.executions is required in ListExecutionsOutput',
    );
    expect((await call('StopExecution', '{"executionArn":"e"}')).message).toContain(
      'hint is no member of ExecutionDoesNotExist',
    );
    expect((await call('DescribeExecution', '{"executionArn":"e"}')).message).toContain(
      'NoSuchError is not modelled, so it cannot carry hint',
    );
  });
});
