/** A deadline for the whole deployment: what cannot meet it is not begun, and what misses it steps back in time. */
import { afterEach, describe, expect, it } from 'vitest';
import { globPolicy } from '../../lambdas/common/configuration/glob.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const ISO = (ms: number): string => new Date(ms).toISOString();
const MINUTE_MS = 60_000;

/** When each state was entered last, in minutes of cloud time since `fromMs`. */
function watchStates(): { enteredMs: Map<string, number> } {
  const enteredMs = new Map<string, number>();
  bed.cloud.states.onHistoryEvent((_, { stateEnteredEventDetails }) => {
    if (stateEnteredEventDetails?.name) enteredMs.set(stateEnteredEventDetails.name, bed.cloud.clock.now());
  });
  return { enteredMs };
}

async function expectBlueServes(): Promise<void> {
  const [blue, green] = await bed.sides();
  expect(blue).toMatchObject({ percent: 100, healthyCount: 2 });
  expect(green).toMatchObject({ percent: 0, runningCount: 0 });
  expect(await bed.items('locks')).toEqual([]);
}

describe('a deadline', () => {
  it('that is met changes nothing', async () => {
    bed = await makeBed({ service: { deadline: '30m', bake: '10m' } });
    await bed.push('v2');
    expect((await bed.untilEnded())[0]).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    const [record] = await bed.deployments();
    expect((record?.deadlineMs ?? 0) - (record?.startedAtMs ?? 0)).toBe(30 * MINUTE_MS);
  });

  it('counts from the outer deployment that the request names', async () => {
    bed = await makeBed({ service: { deadline: '30m', bake: '10m' } });
    await bed.push('v2');
    await bed.untilEnded();
    const startedAt = ISO(bed.cloud.clock.now() - 15 * MINUTE_MS);
    await bed.start({ service: 'orders', tag: 'v1', startedAt });
    const [, execution] = await bed.untilEnded(2);
    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    expect((await bed.deployments())[1]?.deadlineMs).toBe(Date.parse(startedAt) + 30 * MINUTE_MS);
  });

  it.each([
    ['has passed', 31, /DeadlineTooEarly: the deadline is \S+Z: it has passed/],
    ['leaves less than the bakes take', 21, /DeadlineTooEarly: .*: 5\d\d s are left, .* take 600 s/],
  ])('that %s is a refusal: nothing is begun', async (_, minutes, cause) => {
    bed = await makeBed({ service: { deadline: '30m', bake: '10m' } });
    // A push that no service follows: only the request below starts anything.
    const image = {
      repository: 'orders',
      containers: ['app'],
      tags: globPolicy('none'),
      base: 'running',
      minimumAgeSeconds: 0,
      sidecars: [],
    } as const;
    await bed.configure({ image });
    await bed.push('v2');
    const startedAt = ISO(bed.cloud.clock.now() - minutes * MINUTE_MS);
    await bed.start({ service: 'orders', tag: 'v2', startedAt });
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'REFUSED', cause: expect.stringMatching(cause) });
    expect(await bed.items('locks')).toEqual([]);
    await expectBlueServes();
  });
});

describe('a deadline that passes', () => {
  it.each([
    ['RegisterRevision', {}, {}],
    ['WaitForSteadyState', {}, { BOOT_MS: '900000' }],
    ['VerifyTargets', { checks: { http: [{ path: '/health', status: 204 }] } }, {}],
    ['WaitForApproval', { approval: { gates: ['before-traffic'], timeout: '2h', otherwise: 'approve' } }, {}],
  ])('in %s steps back within a minute', async (state, service, environment) => {
    bed = await makeBed({
      // Tasks that take their time are not replaced meanwhile.
      world: { healthCheckGracePeriodSeconds: 3_600 },
      service: { deadline: '6m', bake: '1m', ...service },
    });
    const { enteredMs } = watchStates();
    if (state === 'RegisterRevision') failUntilLate(state);
    await bed.push('v2', environment);

    const [execution] = await bed.untilEnded();

    const [record] = await bed.deployments();
    expect(execution).toMatchObject({
      error: 'ROLLBACK_SUCCESSFUL',
      cause: expect.stringMatching(/DeadlinePassed: green does not serve by the deadline/),
    });
    expect(execution?.cause).toContain(ISO(record?.deadlineMs ?? 0));
    const lateMs = (enteredMs.get('RollBack') ?? 0) - (record?.deadlineMs ?? 0);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(MINUTE_MS + 30_000);
    await expectBlueServes();
  });

  it('before the bakes could be over keeps the traffic where it is', async () => {
    bed = await makeBed({
      service: { deadline: '30m', bake: '10m', approval: { gates: ['before-traffic'], timeout: '2h' } },
    });
    await bed.push('v2');
    await bed.untilState('WaitForApproval');
    await bed.pass(22 * 60);
    await bed.signal('approve');
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({
      error: 'ROLLBACK_SUCCESSFUL',
      cause: expect.stringMatching(
        /DeadlinePassed: .* s are left, and the bakes that have yet to come take 600 s/,
      ),
    });
    const writes = bed.cloud.endpoint.calls.filter(
      ({ operation, caller }) => operation === 'ModifyRule' && /SidestepModifyListener/.test(caller),
    );
    expect(writes).toEqual([]);
    await expectBlueServes();
  });

  it('in a pause between two steps takes the traffic back', async () => {
    bed = await makeBed({
      service: { strategy: { type: 'canary', percent: 10, bake: '1m' }, bake: '1m', deadline: '15m' },
    });
    const { enteredMs } = watchStates();
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(5);
    await bed.signal('pause');
    await bed.untilState('Pause');
    const [execution] = await bed.untilEnded();
    const [record] = await bed.deployments();
    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    const lateMs = (enteredMs.get('RollBack') ?? 0) - (record?.deadlineMs ?? 0);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(MINUTE_MS + 30_000);
    await expectBlueServes();
  });

  it('after green serves changes nothing: the standby goes on', async () => {
    bed = await makeBed({ service: { deadline: '15m', bake: '1m', keepBlue: '2h' } });
    await bed.push('v2');
    expect((await bed.untilEnded())[0]).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });
});

/** Lets a state's first calls fail as if AWS did not answer, until the deadline has passed. */
function failUntilLate(state: string): void {
  const fromMs = bed.cloud.clock.now();
  bed.cloud.endpoint.intercept({
    before({ operation, caller }) {
      const isOurs = caller.includes(`Sidestep${state}Function`) && operation === 'RegisterTaskDefinition';
      if (isOurs && bed.cloud.clock.now() < fromMs + 6 * MINUTE_MS)
        throw new AwsError('ServerException', 'out of order', { statusCode: 500 });
    },
  });
}
