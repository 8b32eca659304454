/** Going back: to the last version that was good, from wherever a deployment stands, and staying there. */
import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
/** Tag → digest of what was pushed. */
const tags = new Map<string, string>();
afterEach(() => bed?.close());

const QUICK = { bakeSeconds: 5, propagationSeconds: 1 };

async function records() {
  return bed.deployments();
}

/** Pushes, and lets the deployment end. @returns its record */
async function deployed(tag: string) {
  const { length } = await bed.executions();
  tags.set(tag, (await bed.push(tag)).digest);
  await bed.until(async () => (await bed.executions()).length > length, `${tag} begins`);
  await bed.untilEnded();
  return (await records()).find(({ image }) => image.tag === tag);
}

/** The version that has all the traffic. */
async function serving(): Promise<string | undefined> {
  const side = (await bed.sides()).find(({ percent }) => percent === 100);
  const asked = new DescribeTaskDefinitionCommand({ taskDefinition: side?.taskDefinitionArn });
  const { taskDefinition } = await bed.clients.ecs.send(asked);
  const digest = taskDefinition?.containerDefinitions?.[0]?.image?.split('@')[1];
  return [...tags].find(([, pushed]) => pushed === digest)?.[0] ?? 'v1';
}

const restraints = async () =>
  (await bed.items('service#orders')).find(({ sk }) => sk === 'restraints') as
    | { suspended?: { by: string; why: string; deploymentId?: string } }
    | undefined;

describe('rollback', () => {
  it('goes back version by version, on the revisions that are there, and stays until resume', async () => {
    bed = await makeBed({ configuration: QUICK });
    const v2 = await deployed('v2');
    const v3 = await deployed('v3');
    expect([v2?.outcome, v3?.outcome]).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);

    // An alarm that is not there, a freeze: nothing keeps a service from going back.
    await bed
      .signal('freeze', { until: '2099-01-01T00:00:00Z', reason: 'too long' })
      .then((said) => expect(said).toMatchObject({ errorType: 'BadInput' }));
    const until = new Date(bed.cloud.clock.now() + 86_400_000).toISOString();
    expect(await bed.signal('freeze', { until, reason: 'inventory' })).toMatchObject({
      frozen: { why: 'inventory', by: 'arn:aws:iam::000000000000:role/ada', session: 'local' },
    });
    const alarms = { service: ['there-is-no-such-alarm'], sides: {} };
    const checks = { ...v3?.configuration.checks, alarms };
    await bed.configure({ checks } as never);
    expect(await bed.signal('rollback', { reason: 'a customer called' })).toMatchObject({
      execution: expect.stringMatching(/^rollback-orders-/),
    });
    await bed.untilState('ReleaseLock');
    await bed.untilEnded(3);
    const back = (await records()).at(-1);
    expect(back).toMatchObject({
      outcome: 'SUCCESSFUL',
      image: { digest: v2?.image.digest },
      revisionArn: v2?.revisionArn,
      rollback: {
        toDeploymentId: v2?.deploymentId,
        fromDeploymentId: v3?.deploymentId,
        fromDigest: v3?.image.digest,
        by: 'arn:aws:iam::000000000000:role/ada',
        why: 'a customer called',
      },
    });
    expect(await restraints()).toMatchObject({
      suspended: { by: 'arn:aws:iam::000000000000:role/ada', deploymentId: back?.deploymentId },
    });
    await bed.configure({ checks: v3?.configuration.checks });
    await bed.signal('unfreeze');

    const v4 = await deployed('v4');
    expect(v4).toMatchObject({
      outcome: 'NOTHING_TO_DEPLOY',
      reason: expect.stringMatching(/suspended since .* by .*ada: a customer called/),
    });
    expect(await serving()).toBe('v2');

    // Once more: what was stepped back from is not gone forth to.
    await bed.start({ service: 'orders', rollback: true });
    await bed.untilState('ReleaseLock');
    await bed.untilEnded(5);
    expect(await serving()).toBe('v1');
    const count = (await bed.executions()).length;
    await bed.start({ service: 'orders', rollback: true });
    const ended = await bed.untilEnded(count + 1);
    expect(ended.at(-1)).toMatchObject({ status: 'FAILED', error: 'REFUSED' });
    expect(ended.at(-1)?.cause).toMatch(/NothingToGoBackTo: orders serves sha256:/);

    expect(await bed.signal('resume')).toMatchObject({ lifted: true, service: 'orders' });
    expect(await bed.signal('resume')).toMatchObject({
      errorType: 'SignalRefused',
      errorMessage: 'orders is not suspended, and no deployment of orders is under way',
    });
    expect(await deployed('v5')).toMatchObject({ outcome: 'SUCCESSFUL' });
    await bed.start({ service: 'orders', rollback: v3?.deploymentId });
    await bed.untilState('ReleaseLock');
    await bed.untilEnded(count + 3);
    expect(await serving()).toBe('v3');
  });

  it.each(['WaitForSteadyState', 'Bake', 'Standby', 'DrainBlue'])(
    'during %s ends with the version before, and automation at rest',
    async (state) => {
      bed = await makeBed({ configuration: { ...QUICK, keepBlueSeconds: state === 'Standby' ? 3_600 : 0 } });
      await bed.push('v2', { BOOT_MS: '10000' });
      await bed.untilState(state);
      await bed.pass(1);
      const said = await bed.signal('rollback', { reason: 'not this one' });
      expect(said).toHaveProperty(state === 'DrainBlue' ? 'execution' : 'deploymentId');
      // The push, the rollback that has to wait for the drain, and its turn.
      await bed.untilEnded(state === 'DrainBlue' ? 3 : 1);
      expect(await serving()).toBe('v1');
      expect(await restraints()).toMatchObject({ suspended: { why: 'not this one' } });
      const [first] = await records();
      expect(await bed.items('service#orders')).toContainEqual(
        expect.objectContaining({ sk: `digest#${first?.image.digest}`, outcome: 'ROLLBACK_SUCCESSFUL' }),
      );
      expect(await deployed('v3')).toMatchObject({ outcome: 'NOTHING_TO_DEPLOY' });
    },
  );

  it.each([
    'RegisterRevision',
    'AttachGreen',
    'StartGreen',
    'VerifyTargets',
    'ModifyListener',
    'JudgeBake',
    'RestoreListener',
    'ReleaseLock',
  ])('said as %s begins ends with the version before, and automation at rest', async (state) => {
    const failsInBake = state === 'RestoreListener';
    bed = await makeBed({ configuration: { ...QUICK, bakeSeconds: failsInBake ? 60 : 5 } });
    await bed.push('v2', failsInBake ? { EXIT_CODE: '1', EXIT_AFTER_MS: '20000' } : {});
    await bed.untilState(state);
    const said = await bed.signal('rollback', { reason: 'not this one' });
    expect(said).not.toHaveProperty('errorType');
    const isOver = async () =>
      (await serving()) === 'v1' &&
      (await bed.items('locks')).length === 0 &&
      (await bed.executions()).every(({ status }) => status !== 'RUNNING');
    await bed.until(isOver, 'v1 serves and nothing is under way');
    expect(await bed.items('waits')).toEqual([]);
    expect(await restraints()).toMatchObject({ suspended: { why: 'not this one' } });
    expect(await deployed('v3')).toMatchObject({ outcome: 'NOTHING_TO_DEPLOY' });
    expect((await bed.sides()).map(({ percent }) => percent)).toEqual([100, 0]);
  });

  it('that the console asks for in mid-deployment is heard by that deployment', async () => {
    bed = await makeBed({ configuration: { ...QUICK, bakeSeconds: 3_600 } });
    await bed.push('v2');
    await bed.untilState('Bake');
    const executionArn = await bed.start({ service: 'orders', rollback: true });
    const executions = await bed.untilEnded(2);
    expect(executions.find((one) => one.executionArn === executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: { reason: expect.stringMatching(/^orders-.* was told to step back$/) },
    });
    expect(await serving()).toBe('v1');
    expect(await restraints()).toMatchObject({ suspended: { by: executionArn } });
  });

  it('without anything that was good before is refused, and nothing rests', async () => {
    bed = await makeBed({ configuration: QUICK });
    await bed.signal('rollback', { to: 'orders-20261121t034211z-1f2e3d' });
    expect(await bed.signal('rollback')).toMatchObject({ errorType: 'SignalRefused' });
    await bed.pass(1);
    await bed.signal('rollback');
    const executions = await bed.untilEnded(2);
    expect(executions.map(({ cause = '' }) => cause.split(':')[0])).toEqual([
      'UnknownDeployment',
      'NothingToGoBackTo',
    ]);
    expect(await restraints()).toBeUndefined();
  });
});
