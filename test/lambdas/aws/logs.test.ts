/** What functions wrote about something, read from the local cloud as from CloudWatch Logs. */

import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, describe, expect, it } from 'vitest';
import { logs } from '../../../lambdas/aws/logs.ts';
import { sts } from '../../../lambdas/aws/sts.ts';
import { lambdaRuntime, type Runtime } from '../../../lambdas/common/runtime.ts';
import { createVirtualCloud, type VirtualCloud } from '../../../local/virtual.ts';

let cloud: VirtualCloud;
let runtime: Runtime;
beforeAll(async () => {
  cloud = await createVirtualCloud({ seed: 'logs' });
  runtime = { ...lambdaRuntime(), clientConfiguration: cloud.clientConfiguration('sidestep') };
});

async function write(logGroupName: string, ...lines: [number, string][]): Promise<void> {
  const client = new CloudWatchLogsClient(cloud.clientConfiguration('person'));
  await client.send(new CreateLogGroupCommand({ logGroupName }));
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 's' }));
  const logEvents = lines.map(([timestamp, message]) => ({ timestamp, message }));
  await client.send(new PutLogEventsCommand({ logGroupName, logStreamName: 's', logEvents }));
}

describe('logs', () => {
  it('finds the groups of a prefix, and in each the lines that hold a phrase', async () => {
    await write(
      '/sidestep/functions/bake',
      [1_000, '{"deploymentId":"orders-1"}\n'],
      [2_000, 'orders-2'],
      [3_000, 'of orders-1'],
    );
    await write('/other/functions/bake', [1_000, 'orders-1']);
    const port = logs(runtime);
    const groups = await port.describeLogGroups('/sidestep/functions/');
    expect(groups).toEqual(['/sidestep/functions/bake']);
    const lines = await port.filterLines('/sidestep/functions/bake', { phrase: 'orders-1', fromMs: 0 });
    expect(lines.map(({ timestampMs, message }) => [timestampMs, message])).toEqual([
      [1_000, '{"deploymentId":"orders-1"}'],
      [3_000, 'of orders-1'],
    ]);
    const early = await port.filterLines('/sidestep/functions/bake', {
      phrase: 'orders-1',
      fromMs: 0,
      toMs: 2_000,
    });
    expect(early.map(({ eventId }) => eventId)).toEqual([lines[0]?.eventId]);
  });
});

describe('the caller', () => {
  it("is told the local cloud's own time, which is not the wall's", async () => {
    expect(await sts(runtime).describeCaller()).toMatchObject({ cloudMs: cloud.clock.now() });
  });
});
