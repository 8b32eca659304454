/** Events: best effort, in any order, more than once; none of that may show in what is deployed. */
import {
  DisableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../local/eventbridge/index.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const isEcr = (event: EventEnvelope): boolean => event.source === 'aws.ecr';
const succeeded = { output: { outcome: 'SUCCESSFUL' } };

describe('ECR events', () => {
  it('delivered twice start one deployment', async () => {
    bed = await makeBed();
    bed.cloud.events.disturb((event) =>
      isEcr(event)
        ? [
            { copies: 2, delayMs: 0 },
            { copies: 1, delayMs: 90_000 },
          ]
        : undefined,
    );
    await bed.push('v2');
    await bed.untilEnded();
    await bed.pass(300);
    expect(await bed.executions()).toMatchObject([succeeded]);
  });

  it('that come late never bring an older version back', async () => {
    bed = await makeBed();
    const late = 600_000;
    let first = true;
    bed.cloud.events.disturb((event) => {
      if (!isEcr(event) || !first) return undefined;
      first = false;
      return [{ copies: 1, delayMs: late }];
    });
    await bed.push('v2');
    await bed.pass(5);
    const { digest } = await bed.push('v3');
    await bed.pass(900);
    const [newer, older] = await bed.executions();
    expect(newer).toMatchObject(succeeded);
    expect(older).toMatchObject({
      output: { outcome: 'NOTHING_TO_DEPLOY', reason: expect.stringContaining('newer push') },
    });
    const serving = (await bed.deployments()).find(({ outcome }) => outcome === 'SUCCESSFUL');
    expect(serving?.image.digest).toBe(digest);
  });

  it('of a tag that the policy does not match, of a failed push or of another action start nothing', async () => {
    bed = await makeBed();
    const { digest } = await bed.push('latest');
    const events = new EventBridgeClient(bed.cloud.clientConfiguration('person'));
    const detail = {
      result: 'FAILURE',
      'repository-name': 'orders',
      'image-digest': digest,
      'image-tag': 'v9',
      'action-type': 'PUSH',
    };
    const put = (changes: object) =>
      events.send(
        new PutEventsCommand({
          Entries: [
            {
              Source: 'aws.ecr',
              DetailType: 'ECR Image Action',
              Detail: JSON.stringify({ ...detail, ...changes }),
            },
          ],
        }),
      );
    await put({}).catch(() => {});
    await put({ result: 'SUCCESS', 'action-type': 'DELETE' }).catch(() => {});
    await bed.pass(60);
    expect(await bed.executions()).toEqual([]);
  });
});

describe('ECS events', () => {
  it('that never come cost a minute each, and nothing else: the sweep looks', async () => {
    bed = await makeBed();
    bed.cloud.events.disturb((event) => (event.source === 'aws.ecs' ? [] : undefined));
    await bed.push('v2');
    expect(await bed.untilEnded()).toMatchObject([succeeded]);
  });

  it('twice, reordered and late wake nobody wrongly', async () => {
    bed = await makeBed();
    let count = 0;
    bed.cloud.events.disturb((event) => {
      count += 1;
      return event.source === 'aws.ecs' ? [{ copies: 2, delayMs: (count % 5) * 3_000 }] : undefined;
    });
    await bed.push('v2');
    expect(await bed.untilEnded()).toMatchObject([succeeded]);
    expect((await bed.sides())[1]).toMatchObject({ percent: 100, healthyCount: 2 });
  });
});

describe('without a sweep', () => {
  it('events alone carry a deployment through: no wait is left to time', async () => {
    bed = await makeBed();
    const events = new EventBridgeClient(bed.cloud.clientConfiguration('person'));
    const { Rules = [] } = await events.send(new ListRulesCommand({}));
    const schedules = Rules.filter(({ ScheduleExpression }) => ScheduleExpression);
    const rates = schedules.map(({ ScheduleExpression }) => ScheduleExpression);
    expect(rates).toEqual(expect.arrayContaining(['rate(1 minute)', 'rate(5 minutes)']));
    for (const { Name } of schedules) await events.send(new DisableRuleCommand({ Name }));
    await bed.push('v2');
    expect(await bed.untilEnded()).toMatchObject([succeeded]);
  });
});
