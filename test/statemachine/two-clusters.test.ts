/** Sides in clusters, and of task definition families, of their own. */
import { DescribeServicesCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { afterEach, describe, expect, it } from 'vitest';
import { startVirtualLoad } from '../../local/load/index.ts';
import { findScenario } from '../../local/world/scenarios.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const { service, world } = findScenario('two-clusters');

const load = () =>
  startVirtualLoad({
    clock: bed.cloud.clock,
    plane: bed.cloud.plane,
    listenerPort: 8080,
    ratePerSecond: 20,
    maxSeconds: 3_600,
  });

async function describeService(cluster: string, name: string) {
  const { services } = await bed.clients.ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
  const { desiredCount, runningCount, taskDefinition = '' } = services?.[0] ?? {};
  const described = await bed.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const { family, containerDefinitions: [app] = [] } = described.taskDefinition ?? {};
  return { desiredCount, runningCount, family, image: app?.image, environment: app?.environment };
}

describe('a service with two clusters and two families', () => {
  it('is deployed to the other cluster and back, each side in its own family', async () => {
    bed = await makeBed({ service, world });
    const run = load();
    const second = await bed.push('v2');
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
    expect(await describeService('prod-b', 'orders-b')).toMatchObject({
      desiredCount: 2,
      runningCount: 2,
      family: 'orders-b',
      image: expect.stringContaining(second.digest),
    });
    expect(await describeService('prod', 'orders-a')).toMatchObject({ desiredCount: 0, family: 'orders' });

    const third = await bed.push('v3');
    expect((await bed.untilEnded(2))[1]).toMatchObject({ status: 'SUCCEEDED' });
    expect(await describeService('prod', 'orders-a')).toMatchObject({
      runningCount: 2,
      family: 'orders',
      image: expect.stringContaining(third.digest),
    });
    expect(await describeService('prod-b', 'orders-b')).toMatchObject({ desiredCount: 0, runningCount: 0 });
    expect(await run.stop()).toMatchObject({ failed: 0, failedByApplication: 0 });
  });

  it('wakes to what happens in the other cluster: no wait lasts until the sweep finds it', async () => {
    bed = await makeBed({ service, world });
    const enteredAtMs: Record<string, number> = {};
    bed.cloud.states.onHistoryEvent((_, { stateEnteredEventDetails: { name = '' } = {}, timestamp }) => {
      enteredAtMs[name] ??= timestamp?.getTime() ?? 0;
    });
    const oneBed = await makeBed();
    const oneAtMs: Record<string, number> = {};
    oneBed.cloud.states.onHistoryEvent((_, { stateEnteredEventDetails: { name = '' } = {}, timestamp }) => {
      oneAtMs[name] ??= timestamp?.getTime() ?? 0;
    });
    await Promise.all([bed.push('v2'), oneBed.push('v2')]);
    await bed.untilEnded();
    await oneBed.untilEnded();
    await oneBed.close();
    const took = (at: Record<string, number>, from: string, to: string): number =>
      ((at[to] ?? Number.NaN) - (at[from] ?? Number.NaN)) / 1000;
    for (const [from, to] of [
      ['WaitForSteadyState', 'VerifyTargets'],
      ['DrainBlue', 'ReleaseLock'],
    ] as const) {
      expect(Math.abs(took(enteredAtMs, from, to) - took(oneAtMs, from, to))).toBeLessThan(10);
    }
  });

  it('takes the traffic back from a bad version, whose cluster is empty again', async () => {
    bed = await makeBed({ service, world });
    await bed.push('v2', { REQUEST_STATUS: '500' });
    const run = load();
    const [execution] = await bed.untilEnded();
    await run.stop();
    expect(execution).toMatchObject({ status: 'FAILED' });
    expect(await bed.deployments()).toMatchObject([{ outcome: 'ROLLBACK_SUCCESSFUL' }]);
    expect(await bed.sides()).toMatchObject([
      { percent: 100, runningCount: 2 },
      { percent: 0, desiredCount: 0, runningCount: 0 },
    ]);
  });

  it('scales the side of either cluster as it serves or rests', async () => {
    bed = await makeBed({ service, world: { ...world, autoscaling: { min: 2, max: 6, policies: true } } });
    await bed.push('v2');
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
    const [deployment] = await bed.deployments();
    expect(deployment?.scaling).toMatchObject({ blue: { min: 2, max: 6 }, differences: [] });
    expect(await describeService('prod', 'orders-a')).toMatchObject({ desiredCount: 0 });
  });

  it('ships the newest revision of the family that serves, under the name of the other', async () => {
    bed = await makeBed({
      service: { ...service, image: { base: 'family-latest' } },
      world: { ...world, newerEnvironment: { FEATURE: 'on' } },
    });
    await bed.push('v2');
    await bed.untilEnded();
    expect(await describeService('prod-b', 'orders-b')).toMatchObject({
      family: 'orders-b',
      environment: expect.arrayContaining([{ name: 'FEATURE', value: 'on' }]),
    });
  });
});
