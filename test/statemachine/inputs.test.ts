/** What people type into the console: what is right starts a deployment, what is wrong says so and changes nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.close());

let count = 0;
async function startAndEnd(input: object) {
  const executionArn = await bed.start(input);
  count += 1;
  const all = await bed.untilEnded(count);
  return all.find((execution) => execution.executionArn === executionArn);
}

describe('bad console input', () => {
  it.each([
    ['no service', {}, /BadInput.*names no service/],
    ['an unknown service', { service: 'order' }, /UnknownService.*'order'.*known are: orders/],
    ['a service that is no text', { service: 7 }, /BadInput.*service is 7; it must be a text/],
    ['an unknown member', { service: 'orders', img: 'v2' }, /BadInput.*unknown members: img/],
    [
      'image and tag at once',
      { service: 'orders', image: 'orders:v2', tag: 'v2' },
      /image and tag; give one/,
    ],
    ['a tag that is none', { service: 'orders', tag: 'not a tag' }, /tag 'not a tag' is no image tag/],
    ['a digest that is none', { service: 'orders', digest: 'sha256:12' }, /digest 'sha256:12' is none/],
    [
      'an image of another repository',
      { service: 'orders', image: 'users:v2' },
      /ImageNotForThisService.*users.*takes images of orders/,
    ],
    [
      'an image that is not there',
      { service: 'orders', tag: 'v404' },
      /ImageNotFound.*orders:v404 is not in ECR/,
    ],
    [
      'a sidecar that there is not',
      { service: 'orders', sidecars: { router: 'r2' } },
      /'router' is no sidecar of orders; they are: none/,
    ],
    ['sidecars that name no tag', { service: 'orders', sidecars: { router: 2 } }, /it must be an object of/],
    ['a deployment that never was', { recover: 'orders-20200101t000000z-abcdef' }, /UnknownDeployment/],
    ['a deployment id that is none', { recover: 'yesterday' }, /'yesterday' is no deployment id/],
  ])('%s is refused', async (_what, input, message) => {
    const execution = await startAndEnd(input);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'REFUSED' });
    expect(execution?.cause).toMatch(message);
    expect(await bed.items('locks')).toEqual([]);
    expect((await bed.sides())[0]).toMatchObject({ percent: 100, healthyCount: 2 });
  });
});

describe('good console input', () => {
  it.each([
    ['a tag', () => ({ tag: 'v2' })],
    ['repository and tag', () => ({ image: 'orders:v3' })],
    ['a whole URI', () => ({ image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/orders:v2' })],
    ['the tag alone, with its colon', () => ({ image: ':v3' })],
  ])('%s deploys it', async (_what, input) => {
    if (count === 13) {
      // Pushes would deploy by themselves; their executions are counted here.
      await bed.push('v2');
      count += 1;
      await bed.untilEnded(count);
      await bed.push('v3');
      count += 1;
      await bed.untilEnded(count);
    }
    const execution = await startAndEnd({ service: 'orders', ...input() });
    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });
});
