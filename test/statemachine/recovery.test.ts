/** Executions that die: StopExecution runs no Catch, so the record, the lock and the sweep have to bring the deployment home. */
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';
import { BACK, BEFORE_THE_POINT } from './states.ts';

let bed: Bed;
afterEach(() => bed?.close());

const kill = (executionArn: string) => bed.clients.sfn.send(new StopExecutionCommand({ executionArn }));
const loseEvents = (pattern: RegExp) =>
  bed.cloud.events.disturb((event) =>
    pattern.test(event['detail-type']) ? [] : [{ copies: 1, delayMs: 0 }],
  );

/** Exactly one side serves everything with healthy targets, the other is gone, and nothing is held. */
async function expectOneWholeSide(): Promise<'orders-a' | 'orders-b'> {
  const sides = await bed.sides();
  const serving = sides.find(({ percent }) => percent === 100);
  const other = sides.find(({ percent }) => percent === 0);
  expect(serving).toMatchObject({ healthyCount: 2, desiredCount: 2 });
  expect(other).toMatchObject({ runningCount: 0, desiredCount: 0 });
  expect(await bed.items('locks')).toEqual([]);
  expect(bed.cloud.faults).toEqual([]);
  return serving?.service ?? 'orders-a';
}

describe('StopExecution', () => {
  it.each(BEFORE_THE_POINT)('in %s puts the traffic back and stops green', async (state) => {
    bed = await makeBed({ seed: `stop in ${state}` });
    await bed.push('v2');
    await bed.stopIn(state);

    await bed.until(async () => (await bed.executions()).length > 1, 'a recovery');
    await bed.untilEnded(2);

    expect(await expectOneWholeSide()).toBe('orders-a');
    expect(await bed.deployments()).toMatchObject([{ outcome: 'ROLLBACK_SUCCESSFUL' }]);
  });

  it('while blue drains goes on to the end: green is the only good side', async () => {
    bed = await makeBed();
    await bed.push('v2');
    const executionArn = await bed.untilState('DrainBlue');
    await bed.until(
      async () => (await bed.deployments())[0]?.pointOfNoReturn === true,
      'the point of no return',
    );
    await kill(executionArn);

    await bed.untilEnded(2);

    expect(await expectOneWholeSide()).toBe('orders-b');
    expect(await bed.deployments()).toMatchObject([{ outcome: 'SUCCESSFUL' }]);
  });

  it.each(BACK)('in %s of a rollback finishes the rollback', async (state) => {
    bed = await makeBed({ seed: `stop in ${state}` });
    await bed.push('v2', { HEALTH_STATUS: '503' });
    await bed.stopIn(state);
    await bed.untilEnded(2);
    expect(await expectOneWholeSide()).toBe('orders-a');
  });

  it.each(['ResolveDeployment', 'AcquireLock', 'ReleaseLock'])(
    'in %s leaves no lock behind',
    async (state) => {
      bed = await makeBed({ seed: `stop in ${state}` });
      await bed.push('v2');
      await bed.stopIn(state);
      await bed.pass(300);
      await bed.untilEnded();
      await expectOneWholeSide();
    },
  );

  it('is noticed by the sweep when its event is lost', async () => {
    bed = await makeBed();
    loseEvents(/Step Functions/);
    await bed.push('v2');
    await bed.stopIn('Bake');

    await bed.untilEnded(2);

    expect(await expectOneWholeSide()).toBe('orders-a');
  });

  it('is noticed by the next deployment, which waits for the recovery and then has its turn', async () => {
    bed = await makeBed();
    loseEvents(/Step Functions|Scheduled Event/);
    await bed.push('v2');
    await bed.stopIn('Bake');
    const { digest } = await bed.push('v3');

    await bed.until(
      async () => (await bed.deployments()).some(({ outcome }) => outcome === 'SUCCESSFUL'),
      'v3 to be deployed',
    );

    expect(await expectOneWholeSide()).toBe('orders-b');
    const last = (await bed.deployments()).find(({ outcome }) => outcome === 'SUCCESSFUL');
    expect(last?.image.digest).toBe(digest);
  });

  it('twice, of the recovery too, is recovered again', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.stopIn('Bake');
    await bed.stopIn('RestoreListener');

    await bed.until(async () => (await bed.executions()).length > 2, 'a second recovery');
    await bed.untilEnded(3);

    expect(await expectOneWholeSide()).toBe('orders-a');
  });
});
