/** The digest that serves, deployed again: with new tasks, whatever the strategy. */
import { ListTasksCommand } from '@aws-sdk/client-ecs';
import { afterEach, expect, it } from 'vitest';
import { type Bed, type BedOptions, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const TARGET_GROUP =
  'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/orders-a/de5a858b94d19b19';
const oneSide = (type: string, side: object, more: object = {}) => ({
  strategy: { type },
  traffic: undefined,
  sides: [{ cluster: 'prod', ...side }],
  ...more,
});
const NO_HTTP = { checks: { http: undefined } };

async function tasksOf(serviceName: string): Promise<string[]> {
  const { taskArns = [] } = await bed.clients.ecs.send(
    new ListTasksCommand({ cluster: 'prod', serviceName }),
  );
  return taskArns;
}

it.each<[string, string, BedOptions]>([
  [
    'rolling',
    'orders-a',
    { service: oneSide('rolling', { service: 'orders-a', targetGroup: TARGET_GROUP }, NO_HTTP) },
  ],
  [
    'native',
    'orders',
    {
      service: oneSide('native', { service: 'orders' }, { bake: undefined }),
      configuration: { checks: { http: [], lambda: [], task: [], alarms: { service: [], sides: {} } } },
      world: { controller: 'native-blue-green' },
    },
  ],
])('%s replaces every task', async (_strategy, service, options) => {
  bed = await makeBed(options);
  // A service's creation is a deployment of ECS too, with a bake where ECS shifts.
  await bed.pass(180);
  const before = await tasksOf(service);
  await bed.start({ service: 'orders', tag: 'v1', force: true });
  expect(await bed.untilEnded(1)).toMatchObject([{ output: { outcome: 'SUCCESSFUL' } }]);
  const after = await tasksOf(service);
  expect(after).toHaveLength(before.length);
  expect(after.filter((arn) => before.includes(arn))).toEqual([]);
});
