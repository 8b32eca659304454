/** Telling: what listeners hear of a deployment and of a rollback, and what the table remembers of both. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
} from '@aws-sdk/client-cloudwatch';
import { DescribeImagesCommand } from '@aws-sdk/client-ecr';
import { ModifyRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, it } from 'vitest';
import * as z from 'zod';
import { type AuditEntry, brokenAt } from '../../lambdas/table/audit.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { type Bed, makeBed } from './bed.ts';
import { type HeardEvent, listen } from './listener.ts';

let bed: Bed;
afterEach(() => bed?.close());

const schemaOf = (file: string) =>
  z.fromJSONSchema(
    JSON.parse(
      readFileSync(join(import.meta.dirname, `../../docs/events/${file}.schema.json`), 'utf8'),
    ) as Parameters<typeof z.fromJSONSchema>[0],
  );
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  'Sidestep Deployment State Change': schemaOf('deployment-state-change'),
  'Sidestep Service State Change': schemaOf('service-state-change'),
};

function expectPublishedShape(events: readonly HeardEvent[]): void {
  for (const event of events)
    expect(SCHEMAS[event['detail-type']]?.safeParse(event.detail).error, JSON.stringify(event)).toBe(
      undefined,
    );
}

/** Without stages, and as `WEIGHTS_CHANGED 100`. */
function storyOf(events: readonly HeardEvent[]): string[] {
  const inOrder = [...events].sort((a, b) => (`${a.detail.sequence}` < `${b.detail.sequence}` ? -1 : 1));
  return inOrder
    .filter(({ detail }) => !`${detail.transition}`.startsWith('STAGE_'))
    .map(({ detail: { transition, greenPercent } }) =>
      greenPercent === undefined ? `${transition}` : `${transition} ${greenPercent}`,
    );
}

async function auditOf(deploymentId = ''): Promise<AuditEntry[]> {
  const items = await bed.items(`audit#${deploymentId}`);
  return items.map(
    ({ pk: _pk, sk: _sk, expiresAtSeconds: _expires, ...entry }) => entry as unknown as AuditEntry,
  );
}

async function deployedParameters(): Promise<Record<string, string | undefined>> {
  const ssm = new SSMClient(bed.cloud.clientConfiguration('person'));
  const { Parameters = [] } = await ssm.send(
    new GetParametersByPathCommand({ Path: '/sidestep/deployed/orders', Recursive: true }),
  );
  return Object.fromEntries(Parameters.map(({ Name = '', Value }) => [Name.split('/').at(-1), Value]));
}

async function digestOf(imageTag: string): Promise<string | undefined> {
  const { imageDetails = [] } = await bed.clients.ecr.send(
    new DescribeImagesCommand({ repositoryName: 'orders', imageIds: [{ imageTag }] }),
  );
  return imageDetails[0]?.imageDigest;
}

it('tells each transition once as an event of the published shape, and people what they want to hear', async () => {
  bed = await makeBed({
    service: {
      image: { keepTag: 'in-use', tags: { glob: '*' } },
      approval: 'before-traffic',
      keepBlue: '2m',
    },
  });
  const listener = await listen(bed.cloud);
  const v2 = await bed.push('v2');
  await bed.untilState('WaitForApproval');
  await bed.pass(5);
  await bed.signal('approve', { reason: 'as agreed' });
  await bed.untilEnded();
  await bed.pass(5);

  const events = await listener.events();
  expectPublishedShape(events);
  expect(storyOf(events)).toEqual([
    'REQUESTED',
    'STARTED',
    'WAITING_FOR_APPROVAL',
    'SIGNAL_RECEIVED',
    'WEIGHTS_CHANGED 100',
    'SUCCEEDED',
    'POINT_OF_NO_RETURN',
    'SUCCESSFUL',
  ]);
  expect(new Set(events.map(({ detail }) => detail.sequence)).size).toBe(events.length);
  const text = JSON.stringify(events);
  const [first] = await bed.deployments();
  expect(text).not.toMatch(/taskToken/i);
  expect(events.at(-1)?.detail).toMatchObject({
    deploymentId: first?.deploymentId,
    service: 'orders',
    tag: 'v2',
    digest: v2.digest,
  });

  const messages = await listener.messages();
  expect(messages.map(({ metadata }) => (metadata as { eventType: string }).eventType)).toEqual([
    'STARTED',
    'WAITING_FOR_APPROVAL',
    'SIGNAL_RECEIVED',
    'WEIGHTS_CHANGED',
    'SUCCEEDED',
    'SUCCESSFUL',
  ]);
  expect(messages[1]).toMatchObject({
    version: '1.0',
    source: 'custom',
    content: {
      nextSteps: [expect.stringContaining(`approve orders --digest ${v2.digest}`), expect.anything()],
    },
    metadata: { threadId: first?.deploymentId },
  });

  expect(await deployedParameters()).toEqual({
    digest: v2.digest,
    image: first?.image.uri,
    'task-definition': first?.revisionArn,
  });
  expect(first?.trafficWrites?.map(({ kind }) => kind)).toEqual(['attach', 'shift']);
  expect(first?.httpChecks).toMatchObject({ passed: ['GET /health'] });
  expect(await digestOf('in-use.serves.orders')).toBe(v2.digest);
  // What serves stays in the history; the tag, although the policy follows every tag, has deployed nothing.
  expect(first).not.toHaveProperty('expiresAtSeconds');
  expect(await bed.executions()).toHaveLength(1);

  await bed.push('v3');
  await bed.untilState('WaitForApproval');
  await bed.pass(5);
  await bed.signal('approve');
  await bed.untilState('Bake');
  await bed.pass(5);
  await bed.signal('abort');
  await bed.untilEnded(2);
  await bed.pass(5);

  const ofAbort = await listener.events();
  expectPublishedShape(ofAbort);
  expect(storyOf(ofAbort).slice(4)).toEqual([
    'WEIGHTS_CHANGED 100',
    'SIGNAL_RECEIVED',
    'ROLLBACK_STARTED',
    'WEIGHTS_CHANGED 0',
    'STOPPED',
  ]);
  expect(await deployedParameters()).toMatchObject({ digest: v2.digest });
  const [, stopped] = await bed.deployments();
  expect(stopped).toMatchObject({
    expiresAtSeconds: Math.ceil((stopped?.endedAtMs ?? 0) / 1000) + 400 * 86_400,
  });

  const audit = await auditOf(stopped?.deploymentId);
  expect(brokenAt(audit)).toBe(undefined);
  const intents = audit.filter((entry) => entry.kind === 'intent');
  const results = audit.filter((entry) => entry.kind === 'result');
  expect(results.map(({ of, result }) => [of, result])).toEqual(
    intents.map(({ sequence }) => [sequence, 'done']),
  );
  expect(intents.map(({ cause, operation }) => `${cause} ${operation}`)).toEqual([
    'RegisterRevision RegisterTaskDefinition',
    'AttachGreen ModifyRule',
    'StartGreen UpdateService',
    'ModifyListener ModifyRule',
    'RestoreListener ModifyRule',
    'RestoreListener ModifyRule',
    'StopGreen UpdateService',
  ]);
  const { blue, green } = stopped ?? {};
  expect(intents[3]).toMatchObject({
    before: { [blue?.targetGroup ?? '']: expect.any(Number), [green?.targetGroup ?? '']: 0 },
    after: { [blue?.targetGroup ?? '']: 0, [green?.targetGroup ?? '']: expect.any(Number) },
    actor: { startedBy: expect.stringMatching(/^push arn:/) },
  });
  expect(intents.at(-1)).toMatchObject({
    before: { desiredCount: 2, taskDefinition: stopped?.revisionArn },
    after: { desiredCount: 0 },
  });
});

it('tells nothing twice that cannot be recognised, and loses nothing, when it is killed or fails', async () => {
  bed = await makeBed({ seed: 'killed telling' });
  const listener = await listen(bed.cloud);
  let invocations = 0;
  const release = bed.cloud.interrupt((functionName) => {
    if (!/TellTransitions/.test(functionName)) return undefined;
    invocations += 1;
    // Before its first call, after the events, in the middle of the messages; then it is let live.
    const afterCalls = [0, 1, undefined, 1, 2][invocations - 1];
    return afterCalls === undefined ? undefined : { afterCalls, as: 'exit' };
  });
  // And where it lives, the bus and the topic refuse it now and then.
  let refusals = 0;
  const agree = bed.cloud.endpoint.intercept({
    before({ caller, operation }) {
      if (!/TellTransitions/.test(caller) || !['PutEvents', 'Publish'].includes(operation)) return;
      refusals += 1;
      if (refusals % 3 === 2) throw new AwsError('AccessDeniedException', 'not now');
    },
  });
  await bed.push('v2', { HEALTH_STATUS: '503' });
  await bed.untilEnded();
  await bed.pass(300);
  release();
  agree();

  const events = await listener.events();
  expect(invocations).toBeGreaterThan(5);
  const bySequence = new Map(events.map((event) => [event.detail.sequence, event]));
  expect(bySequence.size).toBeLessThan(events.length);
  for (const event of events) expect(event.detail).toEqual(bySequence.get(event.detail.sequence)?.detail);
  expect(storyOf([...bySequence.values()])).toEqual([
    'REQUESTED',
    'STARTED',
    'ROLLBACK_STARTED',
    'ROLLBACK_SUCCESSFUL',
  ]);
  // The topic has alarms' messages too: the late telling's, and the failed execution's.
  const heard = (await listener.messages()).flatMap(({ source, metadata }) =>
    source === 'custom' ? (metadata as { eventType: string }).eventType : [],
  );
  expect([...new Set(heard)]).toEqual(['STARTED', 'ROLLBACK_STARTED', 'ROLLBACK_SUCCESSFUL']);

  expect(await deployedParameters()).toEqual({});
  await bed.push('v3');
  await bed.untilEnded(2);
  await bed.pass(5);
  const ssm = new SSMClient(bed.cloud.clientConfiguration('person'));
  const Name = '/sidestep/deployed/orders/digest';
  await ssm.send(new PutParameterCommand({ Name, Value: 'sha256:other', Overwrite: true }));
  const { functionName = '' } =
    bed.cloud.lambda.functions().find(({ functionName }) => /PublishDeployment/.test(functionName)) ?? {};
  // As a rule does each hour.
  await bed.cloud.lambda.deliverAsync(functionName, { 'detail-type': 'Scheduled Event' });
  await bed.pass(1);
  const [, second] = await bed.deployments();
  expect(await deployedParameters()).toMatchObject({ digest: second?.image.digest });
});

it('keeps an alarm in ALARM while a deployment waits for a person, and shows its end among the metrics', async () => {
  bed = await makeBed({ seed: 'held' });
  await bed.push('v2');
  await bed.untilState('WaitForSteadyState');
  const { 'orders-a': a, 'orders-b': b } = bed.world.targetGroups;
  await bed.clients.elbv2.send(
    new ModifyRuleCommand({
      RuleArn: bed.world.productionRuleArn,
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: a, Weight: 70 },
              { TargetGroupArn: b, Weight: 30 },
            ],
          },
        },
      ],
    }),
  );
  await bed.untilEnded();
  await bed.pass(200);

  const cloudwatch = new CloudWatchClient(bed.cloud.clientConfiguration('person'));
  const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }));
  expect(MetricAlarms.map(({ MetricName }) => MetricName)).toContain('DeploymentsHeld');
  const { Datapoints = [] } = await cloudwatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'Sidestep/sidestep',
      MetricName: 'Deployments',
      Dimensions: [
        { Name: 'Service', Value: 'orders' },
        { Name: 'Outcome', Value: 'HALTED' },
      ],
      StartTime: new Date(bed.cloud.clock.now() - 3_600_000),
      EndTime: new Date(bed.cloud.clock.now()),
      Period: 3600,
      Statistics: ['Sum'],
    }),
  );
  expect(Datapoints).toMatchObject([{ Sum: 1 }]);
});
