/** Alarms of the service and of each side: which refuse a start, which end a bake, and which are no verdict on green. */
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const SIDES = {
  checks: { alarms: { service: ['orders-5xx'], sides: { 'orders-a': ['a-slow'], 'orders-b': ['b-slow'] } } },
  bake: '10m',
};

/** An alarm that only this test moves. */
async function makeAlarm(AlarmName: string): Promise<void> {
  await bed.clients.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: 'Test',
      MetricName: AlarmName,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
    }),
  );
}

const fire = (AlarmName: string) =>
  bed.clients.cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'on purpose' }),
  );

async function makeBedWithAlarms(): Promise<void> {
  bed = await makeBed({ service: SIDES });
  await makeAlarm('a-slow');
  await makeAlarm('b-slow');
}

describe('an alarm of a side', () => {
  it("ends the bake at once if it is green's", async () => {
    await makeBedWithAlarms();
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(30);
    const firedAtMs = bed.cloud.clock.now();
    await fire('b-slow');
    await bed.untilState('RestoreListener', 1);
    expect(bed.cloud.clock.now() - firedAtMs).toBeLessThan(10_000);
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/alarm b-slow is in ALARM/);
  });

  it("says nothing about green if it is blue's, which loses its traffic", async () => {
    await makeBedWithAlarms();
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(30);
    await fire('a-slow');
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each(['a-slow', 'b-slow'])(
    'refuses a person and lets a push wait, with its name, if %s fires already',
    async (name) => {
      await makeBedWithAlarms();
      await fire(name);
      await bed.push('v2');
      const [queued] = await bed.untilEnded();
      expect(queued?.output).toMatchObject({
        queued: true,
        reason: expect.stringContaining(`alarm ${name} is in ALARM`),
      });
      await bed.start({ service: 'orders', tag: 'v2' }, 'by-hand');
      await bed.untilEnded(2);
      const refused = (await bed.executions()).find(({ executionArn }) => executionArn.endsWith('by-hand'));
      expect(refused).toMatchObject({ status: 'FAILED', error: 'REFUSED' });
      expect(refused?.cause).toMatch(`AlarmAlreadyFiring: alarm ${name}`);
    },
  );

  it('that fires at the start is gone over by a person with a reason, which is recorded', async () => {
    await makeBedWithAlarms();
    await bed.push('v2');
    await bed.untilEnded();
    await fire('a-slow');
    await bed.push('v3');
    await bed.untilEnded(2);
    await bed.start({ service: 'orders', tag: 'v3', despite: 'it mends it' });
    await bed.untilState('Bake');
    const [, record] = await bed.deployments();
    expect(record?.despite).toEqual({
      reason: 'it mends it',
      alarms: ['a-slow'],
      refusals: ['AlarmAlreadyFiring'],
    });
  });
});
