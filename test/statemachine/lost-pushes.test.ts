/** Pushes whose event never comes, or comes too late: the sweep finds them, once. */
import { afterEach, describe, expect, it } from 'vitest';
import { globPolicy } from '../../lambdas/common/configuration/glob.ts';
import { freeze, unfreeze } from '../../lambdas/table/restraints.ts';
import type { EventEnvelope } from '../../local/eventbridge/index.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { type Bed, makeBed } from './bed.ts';
import { tableOf } from './table.ts';

let bed: Bed;
afterEach(() => bed?.close());

const isEcr = (event: EventEnvelope): boolean => event.source === 'aws.ecr';
const loseImages = () => bed.cloud.events.disturb((event) => (isEcr(event) ? [] : undefined));
/** From one look at the repositories to the next. */
const PERIOD_SECONDS = 300;
const BY = { by: 'arn:aws:iam::000000000000:role/ada', atMs: 0 };

describe('a push that no event tells of', () => {
  it('is deployed within the period of the sweep, and its event may still come', async () => {
    bed = await makeBed();
    const late = 900_000;
    bed.cloud.events.disturb((event) => (isEcr(event) ? [{ copies: 2, delayMs: late }] : undefined));
    const pushedAtMs = bed.cloud.clock.now();
    const { digest } = await bed.push('v2');
    await bed.untilEnded(1);
    const [found] = await bed.deployments();
    expect(found).toMatchObject({
      outcome: 'SUCCESSFUL',
      image: { digest, tag: 'v2' },
      startedBy: { kind: 'push', input: { found: 'sweep' } },
    });
    expect((found?.startedAtMs ?? 0) - pushedAtMs).toBeLessThanOrEqual(PERIOD_SECONDS * 1000 + 1000);
    await bed.pass(1200);
    expect((await bed.executions()).map(({ output }) => (output as { outcome?: string }).outcome)).toEqual([
      'SUCCESSFUL',
      'NOTHING_TO_DEPLOY',
    ]);
  });

  it('is tried once, if not by the first sweep then by the next, and what it overtook is not brought back', async () => {
    bed = await makeBed();
    loseImages();
    const busyUntilMs = bed.cloud.clock.now() + 1.5 * PERIOD_SECONDS * 1000;
    bed.cloud.endpoint.intercept({
      before({ service, caller }) {
        if (service !== 'ecr' || !/SweepImages/.test(caller) || bed.cloud.clock.now() > busyUntilMs) return;
        throw new AwsError('ThrottlingException', 'Rate exceeded');
      },
    });
    await bed.push('v2');
    await bed.push('v3', { HEALTH_STATUS: '503' });
    await bed.untilEnded(1);
    await bed.pass(3 * PERIOD_SECONDS);
    expect((await bed.deployments()).map(({ image, outcome }) => [image.tag, outcome])).toEqual([
      ['v3', 'ROLLBACK_SUCCESSFUL'],
    ]);
    expect(await bed.executions()).toHaveLength(1);
  });

  it('waits in the place while the service is frozen, and is not started again meanwhile', async () => {
    bed = await makeBed();
    const table = await tableOf(bed);
    await freeze(table, 'orders', { ...BY, untilMs: bed.cloud.clock.now() + 86_400_000, why: 'the sale' });
    loseImages();
    await bed.push('v2');
    await bed.pass(3 * PERIOD_SECONDS);
    expect(await bed.executions()).toMatchObject([{ output: { queued: true } }]);
    expect(await bed.items('waiting')).toMatchObject([{ input: { found: 'sweep' } }]);
    await unfreeze(table, 'orders', BY);
    expect((await bed.untilEnded(2)).at(-1)).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });

  it('came before the service was looked after is left to people', async () => {
    bed = await makeBed();
    loseImages();
    // What runs has not been missed, though nobody has deployed it with Sidestep.
    await bed.pass(PERIOD_SECONDS);
    expect(await bed.executions()).toEqual([]);
    // As on an account in which Sidestep begins to look long after.
    const table = await tableOf(bed);
    await bed.push('v2');
    const key = { pk: 'service#orders', sk: 'looked-after' };
    await table.write({ put: { ...key, sinceMs: bed.cloud.clock.now() + 1 } });
    await bed.pass(2 * PERIOD_SECONDS);
    expect(await bed.executions()).toEqual([]);
  });

  it('is too young at first, and deployed when it is old enough', async () => {
    bed = await makeBed();
    const image = { repository: 'orders', containers: ['app'], tags: globPolicy('v*'), sidecars: [] };
    await bed.configure({ image: { ...image, base: 'running', minimumAgeSeconds: 400 } });
    await bed.push('v2');
    const [early, found] = await bed.untilEnded(2);
    expect(early).toMatchObject({ output: { outcome: 'NOTHING_TO_DEPLOY' } });
    expect(found).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });
});
