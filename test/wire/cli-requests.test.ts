/** Requests as the AWS CLI 1.45 and boto3 1.43 send them (captured), answered as they expect. */
import { cbor } from '@smithy/core/cbor';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../local/wire/endpoint.ts';
import { DAY, received, signed, toyCloud } from './toy-cloud.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

let endpoint: Endpoint;
beforeAll(async () => {
  ({ endpoint } = await toyCloud());
});

async function send(
  ...request: Parameters<typeof signed>
): Promise<{ statusCode: number; text: string; headers: Record<string, string>; body: Uint8Array }> {
  const response = await endpoint.handle(signed(...request));
  return { ...response, text: Buffer.from(response.body).toString('utf8') };
}

describe('forms', () => {
  it('elbv2 modify-rule: nested lists come back in order, as XML', async () => {
    const group = (n: number, arn: string, weight: number): string =>
      `Actions.member.1.ForwardConfig.TargetGroups.member.${n}.TargetGroupArn=${arn}&Actions.member.1.ForwardConfig.TargetGroups.member.${n}.Weight=${weight}`;
    // Ten and more elements must be ordered as numbers.
    const groups = [2, 10, 1].map((n) => group(n, `g${n}`, n));
    const body = `Action=ModifyRule&Version=2015-12-01&RuleArn=arn%3Ar&Actions.member.1.Type=forward&${groups.join('&')}&Actions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled=false`;
    const { statusCode, text } = await send('elasticloadbalancing', { headers: FORM, body });

    expect(statusCode).toBe(200);
    expect(text).toMatch(
      /^<ModifyRuleResponse xmlns="http:\/\/elasticloadbalancing[^"]+"><ModifyRuleResult><Rules><member>/,
    );
    expect(
      [...text.matchAll(/<TargetGroupArn>(\w+)<\/TargetGroupArn><Weight>(\d+)/g)].map(([, arn, weight]) => [
        arn,
        weight,
      ]),
    ).toEqual([
      ['g1', '1'],
      ['g2', '2'],
      ['g10', '10'],
    ]);
    expect(text).toContain('<TargetGroupStickinessConfig><Enabled>false</Enabled>');
    expect(text).toMatch(
      /<ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/ModifyRuleResponse>$/,
    );
  });

  it('elbv2 describe-rules: an empty list is there, and text is escaped', async () => {
    const { text } = await send('elasticloadbalancing', {
      headers: FORM,
      body: 'Action=DescribeRules&Version=2015-12-01&ListenerArn=arn%3Ax',
    });

    expect(text).toContain('<RuleArn>rule &amp; &lt;one&gt;</RuleArn><Conditions></Conditions>');
  });

  it('elbv2 describe-target-health: the error has its wire code', async () => {
    const { statusCode, text } = await send('elasticloadbalancing', {
      headers: FORM,
      body: 'Action=DescribeTargetHealth&Version=2015-12-01&TargetGroupArn=x',
    });

    expect(statusCode).toBe(400);
    expect(text).toMatch(
      /^<ErrorResponse [^>]+><Error><Type>Sender<\/Type><Code>TargetGroupNotFound<\/Code><Message>One or more target groups not found<\/Message><\/Error><RequestId>.+<\/RequestId><\/ErrorResponse>$/,
    );
  });

  it('sns publish: maps travel as numbered entries', async () => {
    const entry = 'MessageAttributes.entry.1';
    const body = `Action=Publish&Version=2010-03-31&TopicArn=t&Message=m&${entry}.Name=k&${entry}.Value.DataType=String&${entry}.Value.StringValue=v`;
    const { text } = await send('sns', { headers: FORM, body });

    expect(text).toContain(
      '{&quot;k&quot;:{&quot;DataType&quot;:&quot;String&quot;,&quot;StringValue&quot;:&quot;v&quot;}}',
    );
  });

  it('sts get-caller-identity: also as a presigned URL', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    expect((await send('sts', { headers: FORM, body })).text).toContain('<Arn>AKIDTOY</Arn>');

    const query = `${body}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=bob%2F20260304%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Signature=0`;
    const presigned = { method: 'GET', path: '/', query, headers: {}, body: new Uint8Array() };
    expect(Buffer.from((await endpoint.handle(presigned)).body).toString()).toContain('<Arn>bob</Arn>');
  });

  it('cloudwatch describe-alarms of an old botocore', async () => {
    const body = 'Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=5xx';
    const { text } = await send('monitoring', { headers: FORM, body });

    expect(text).toContain(`<StateUpdatedTimestamp>${DAY.toISOString()}</StateUpdatedTimestamp>`);
  });
});

describe('JSON', () => {
  const json = (target: string, version: string): Record<string, string> => ({
    'x-amz-target': target,
    'content-type': `application/x-amz-json-${version}`,
  });

  it('ecs describe-services', async () => {
    const headers = json('AmazonEC2ContainerServiceV20141113.DescribeServices', '1.1');
    const response = await send('ecs', { headers, body: '{"cluster": "prod", "services": ["orders-a"]}' });

    expect(response.headers).toMatchObject({ 'content-type': 'application/x-amz-json-1.1' });
    expect(JSON.parse(response.text)).toEqual({
      services: [
        {
          serviceName: 'orders-a',
          clusterArn: 'prod',
          createdAt: 1772600767.089,
          desiredCount: 2,
          deployments: [],
        },
      ],
      failures: [],
    });
  });

  it('events put-events: time as epoch seconds', async () => {
    const body = '{"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}", "Time": 1772600767}]}';
    const { text } = await send('events', { headers: json('AWSEvents.PutEvents', '1.1'), body });

    expect(JSON.parse(text)).toEqual({
      FailedEntryCount: 0,
      Entries: [{ EventId: '2026-03-04T05:06:07.000Z' }],
    });
  });

  it('dynamodb transact-write-items: the error carries its reasons', async () => {
    const body =
      '{"TransactItems": [{"Delete": {"TableName": "t", "Key": {"pk": {"S": "a"}}}}], "ClientRequestToken": "621a4c99"}';
    const { statusCode, text, headers } = await send('dynamodb', {
      headers: json('DynamoDB_20120810.TransactWriteItems', '1.0'),
      body,
    });

    expect([statusCode, headers['x-amzn-errortype']]).toEqual([400, 'TransactionCanceledException']);
    expect(JSON.parse(text)).toEqual({
      __type: 'TransactionCanceledException',
      Message: 'Transaction cancelled',
      CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: { pk: { S: 'lock' } } }],
    });
  });

  it('sqs send-message: the error names its old code in a header', async () => {
    const headers = { ...json('AmazonSQS.SendMessage', '1.0'), 'x-amzn-query-mode': 'true' };
    const response = await send('sqs', { headers, body: '{"QueueUrl": "u", "MessageBody": "b"}' });

    expect(response.headers['x-amzn-query-error']).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
  });
});

describe('REST', () => {
  it('lambda invoke: no content type, the body is the payload', async () => {
    const response = await send('lambda', { path: '/2015-03-31/functions/f/invocations', body: '{"a":1}\n' });

    expect([response.statusCode, response.text]).toEqual([200, '{"a":1}\n']);
    expect(response.headers['x-amz-executed-version']).toBe('$LATEST');
  });

  it('lambda list-functions: a trailing slash does not matter', async () => {
    const response = await send('lambda', {
      method: 'GET',
      path: '/2015-03-31/functions/',
      query: 'MaxItems=3',
    });

    expect(JSON.parse(response.text)).toEqual({ Functions: [{ FunctionName: 'at most 3' }] });
  });

  it('scheduler get-schedule: labels are percent-decoded', async () => {
    const response = await send('scheduler', {
      method: 'GET',
      path: '/schedules/a%2Fb',
      query: 'groupName=g',
    });

    expect(JSON.parse(response.text)).toMatchObject({
      Name: 'a/b',
      GroupName: 'g',
      CreationDate: 1772600767.089,
    });
  });
});

describe('CBOR', () => {
  const headers = {
    'smithy-protocol': 'rpc-v2-cbor',
    'content-type': 'application/cbor',
    'x-amzn-query-mode': 'true',
  };
  const call = (operation: string, base64: string): ReturnType<typeof send> =>
    send('monitoring', {
      path: `/service/GraniteServiceVersion20100801/operation/${operation}`,
      headers,
      body: new Uint8Array(Buffer.from(base64, 'base64')),
    });

  it('cloudwatch describe-alarms', async () => {
    const response = await call('DescribeAlarms', 'oWpBbGFybU5hbWVzgWFh');

    expect(response.headers).toMatchObject({
      'smithy-protocol': 'rpc-v2-cbor',
      'content-type': 'application/cbor',
    });
    expect(cbor.deserialize(response.body)).toMatchObject({
      MetricAlarms: [{ AlarmName: 'a', StateUpdatedTimestamp: { tag: 1, value: 1772600767.089 } }],
    });
  });

  it('cloudwatch put-metric-data: timestamps are tagged', async () => {
    received.length = 0;
    await call(
      'PutMetricData',
      'omlOYW1lc3BhY2VhbmpNZXRyaWNEYXRhgaNqTWV0cmljTmFtZWFtZVZhbHVl+z/4AAAAAAAAaVRpbWVzdGFtcMEaaae9vw==',
    );

    expect(received).toEqual([new Date('2026-03-04T05:06:07Z')]);
  });

  it('cloudwatch get-dashboard: the error, in CBOR', async () => {
    const response = await call('GetDashboard', 'oW1EYXNoYm9hcmROYW1lYXg=');

    expect(response.statusCode).toBe(400);
    expect(cbor.deserialize(response.body)).toEqual({
      __type: 'InvalidParameterValueException',
      message: 'no dashboard',
    });
  });
});
