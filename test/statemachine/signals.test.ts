/** A person's word: heard in every wait within seconds, recorded with who said it, and good once only. */
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const GATED = { approval: { gates: ['before-traffic'], timeout: '1h' } };
const CANARY = { strategy: { type: 'canary', percent: 10, bake: '10m' } };
const ADA = 'arn:aws:iam::000000000000:role/ada';

async function record() {
  const [first] = await bed.deployments();
  if (!first) throw new Error('there is no deployment');
  return first;
}

async function expectBlueServes(): Promise<void> {
  const [blue, green] = await bed.sides();
  expect(blue).toMatchObject({ percent: 100, healthyCount: 2 });
  expect(green).toMatchObject({ percent: 0, runningCount: 0 });
  expect(await bed.items('locks')).toEqual([]);
}

describe('an approval before traffic', () => {
  it('is waited for with green verified and without traffic, and then traffic moves at once', async () => {
    bed = await makeBed({ service: GATED });
    await bed.push('v2');
    await bed.untilState('WaitForApproval');
    await bed.pass(600);
    const [, green] = await bed.sides();
    expect(green).toMatchObject({ percent: 0, healthyCount: 2 });

    const saidAtMs = bed.cloud.clock.now();
    expect(await bed.signal('approve', { reason: 'looks good' })).toMatchObject({ signal: 'approve' });
    await bed.untilState('ModifyListener', 1);
    expect(bed.cloud.clock.now() - saidAtMs).toBeLessThan(5_000);

    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
    const { signals, gatesPassed, image } = await record();
    expect(Object.values(signals)).toEqual([
      expect.objectContaining({ name: 'approve', by: ADA, reason: 'looks good', digest: image.digest }),
    ]);
    expect(gatesPassed).toEqual(['before-traffic']);
  });

  it('that is rejected ends the deployment with who said so', async () => {
    bed = await makeBed({ service: GATED });
    await bed.push('v2');
    await bed.untilState('WaitForApproval');
    await bed.pass(1);
    await bed.signal('reject', { reason: 'not today' });
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/ApprovalRejected: reject by .*ada: not today/);
    await expectBlueServes();
  });

  it('is refused for another digest, a second time, and when none is asked for', async () => {
    bed = await makeBed({ service: { ...GATED, ...CANARY } });
    await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    expect(await bed.signal('approve')).toMatchObject({ errorType: 'SignalRefused' });
    await bed.untilState('WaitForApproval');
    await bed.pass(1);
    const other = `sha256:${'0'.repeat(64)}`;
    expect(await bed.signal('approve', { digest: other })).toMatchObject({
      errorType: 'SignalRefused',
      errorMessage: expect.stringMatching(/the approval is for sha256:.*found sha256:0000/),
    });
    await bed.signal('approve');
    expect(await bed.signal('reject')).toMatchObject({
      errorType: 'SignalRefused',
      errorMessage: expect.stringContaining('answered already'),
    });
    await bed.untilEnded();
    expect(Object.values((await record()).signals)).toHaveLength(1);
  });

  it.each([
    ['reject', 'FAILED', 'ROLLBACK_SUCCESSFUL'],
    ['approve', 'SUCCEEDED', undefined],
  ])('that nobody answers becomes its default, %s', async (otherwise, status, error) => {
    bed = await makeBed({ service: { approval: { gates: ['before-traffic'], timeout: '1h', otherwise } } });
    await bed.push('v2');
    await bed.untilState('WaitForApproval');
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ status, ...(error && { error }) });
    if (error) expect(execution?.cause).toContain('nobody answered');
  });

  it('is asked for again before full traffic', async () => {
    const gates = ['before-traffic', 'before-full-traffic'];
    bed = await makeBed({ service: { ...CANARY, approval: { gates, timeout: '1h' } } });
    await bed.push('v2');
    await bed.untilState('WaitForApproval');
    await bed.pass(1);
    await bed.signal('approve');
    await bed.untilState('WaitForApproval');
    await bed.pass(1);
    expect((await bed.sides())[1].percent).toBe(10);
    await bed.signal('approve');
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
    expect((await record()).gatesPassed).toEqual(gates);
  });
});

describe('abort', () => {
  it.each(['WaitForSteadyState', 'WaitForApproval', 'Bake'])(
    'in %s gives everything back to blue within seconds, and the outcome is STOPPED',
    async (state) => {
      const gated = state === 'WaitForApproval' ? GATED : {};
      bed = await makeBed({ service: { ...CANARY, ...gated } });
      await bed.push('v2', { BOOT_MS: '20000' });
      await bed.untilState(state);
      await bed.pass(1);
      const saidAtMs = bed.cloud.clock.now();
      await bed.signal('abort', { reason: 'wrong ticket' });
      await bed.untilState('RestoreListener', 1);
      expect(bed.cloud.clock.now() - saidAtMs).toBeLessThan(5_000);
      const [execution] = await bed.untilEnded();
      expect(execution).toMatchObject({ status: 'FAILED', error: 'STOPPED' });
      expect(execution?.cause).toMatch(/DeploymentAborted: abort by .*ada: wrong ticket/);
      await expectBlueServes();
    },
  );

  it.each(['WaitForSteadyState', 'WaitForApproval', 'Bake', 'Pause'])(
    'ends %s whatever was said there before: an approval that nobody asked for is refused, a promotion passes no gate',
    async (state) => {
      bed = await makeBed({ service: { ...CANARY, ...(state === 'WaitForApproval' ? GATED : {}) } });
      await bed.push('v2', { BOOT_MS: '20000' });
      await bed.untilState(state === 'Pause' ? 'Bake' : state);
      await bed.pass(1);
      if (state === 'Pause') {
        await bed.signal('pause');
        await bed.untilState('Pause', 1);
        await bed.pass(1);
      } else {
        const promoted = await bed.signal('promote');
        expect(promoted).toHaveProperty('deploymentId');
        await bed.pass(1);
      }
      if (state === 'WaitForApproval') expect((await bed.sides())[1].percent).toBe(0);
      else
        expect(await bed.signal('approve')).toMatchObject({
          errorType: 'SignalRefused',
          errorMessage: expect.stringContaining('asks for no approval'),
        });
      await bed.signal('abort');
      expect((await bed.untilEnded())[0]).toMatchObject({ error: 'STOPPED' });
      await expectBlueServes();
    },
  );

  it('is refused once blue drains, because green is the only good side', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.untilState('DrainBlue');
    await bed.pass(20);
    expect(await bed.signal('abort')).toMatchObject({ errorType: 'SignalRefused' });
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('pause and resume', () => {
  it('hold the next traffic step for as long as the person wants', async () => {
    bed = await makeBed({ service: CANARY });
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(1);
    await bed.signal('pause', { reason: 'lunch' });
    await bed.untilState('Pause', 1);
    await bed.pass(3_600);
    expect((await bed.sides())[1].percent).toBe(10);
    await bed.signal('resume');
    await bed.untilState('ModifyListener', 2);
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('that is never resumed steps back when its time is up', async () => {
    bed = await makeBed({ service: { ...CANARY, pause: { timeout: '2h' } } });
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(1);
    await bed.signal('pause');
    expect((await bed.untilEnded())[0]).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    await expectBlueServes();
  });
});

describe('promote', () => {
  it('ends this bake, and the next one is as long as it was', async () => {
    bed = await makeBed({ service: { ...CANARY, bake: '10m' } });
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(1);
    const saidAtMs = bed.cloud.clock.now();
    await bed.signal('promote');
    await bed.untilState('ModifyListener', 2);
    expect(bed.cloud.clock.now() - saidAtMs).toBeLessThan(5_000);
    await bed.untilState('DrainBlue');
    expect(bed.cloud.clock.now() - saidAtMs).toBeGreaterThanOrEqual(600_000);
  });

  it('of all ends every bake, but no alarm is ignored for it', async () => {
    bed = await makeBed({
      service: { strategy: { type: 'linear', percent: 25, every: '10m' }, bake: '10m' },
    });
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(1);
    const saidAtMs = bed.cloud.clock.now();
    await bed.signal('promote', { all: true });
    await bed.untilState('DrainBlue');
    expect(bed.cloud.clock.now() - saidAtMs).toBeLessThan(60_000);
  });
});

describe('standby', () => {
  const KEPT = { keepBlue: '1h' };

  it('keeps blue whole, and rollback is one write to the listener', async () => {
    bed = await makeBed({ service: KEPT });
    await bed.push('v2');
    await bed.untilState('Standby');
    await bed.pass(1_800);
    const [a, b] = await bed.sides();
    expect([a.healthyCount, b.percent]).toEqual([2, 100]);
    expect((await record()).succeededAtMs).toBeGreaterThan(0);
    const callsBefore = bed.cloud.endpoint.calls.length;
    await bed.signal('rollback', { reason: 'a customer called' });
    await bed.untilState('StopGreen', 1);
    const writes = bed.cloud.endpoint.calls
      .slice(callsBefore)
      .filter(({ operation }) => operation === 'ModifyRule');
    const production = writes.filter(({ input }) =>
      JSON.stringify(input).includes(bed.world.productionRuleArn ?? ''),
    );
    expect(production).toHaveLength(1);
    expect((await bed.untilEnded())[0]).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    await expectBlueServes();
  });

  it('ends by itself when its time is up', async () => {
    bed = await makeBed({ service: KEPT });
    await bed.push('v2');
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });
    const { succeededAtMs = 0, stages } = await record();
    expect((stages.DrainBlue?.intendedAtMs ?? 0) - succeededAtMs).toBeGreaterThanOrEqual(3_600_000);
  });

  it('ends for a new push, which then has its turn', async () => {
    bed = await makeBed({ service: KEPT });
    await bed.push('v2');
    await bed.untilState('Standby');
    await bed.pass(60);
    const pushedAtMs = bed.cloud.clock.now();
    await bed.push('v3');
    await bed.untilState('DrainBlue');
    expect(bed.cloud.clock.now() - pushedAtMs).toBeLessThan(10_000);
    await bed.untilState('Standby');
    const records = await bed.deployments();
    expect(records.find(({ image }) => image.tag === 'v2')).toMatchObject({ outcome: 'SUCCESSFUL' });
  });

  it('that dies is recovered into the same standby', async () => {
    bed = await makeBed({ service: KEPT });
    await bed.push('v2');
    const executionArn = await bed.untilState('Standby');
    await bed.pass(1);
    await bed.clients.sfn.send(new StopExecutionCommand({ executionArn }));
    await bed.untilState('Standby', 2);
    await bed.pass(1);
    await bed.signal('rollback');
    await bed.untilEnded(2);
    await expectBlueServes();
  });
});
