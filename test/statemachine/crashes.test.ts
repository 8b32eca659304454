/** Handlers that are killed after any of their calls, or run twice: every step survives both, and the deployment ends well. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceConfiguration } from '../../lambdas/common/service.ts';
import { type Bed, makeBed } from './bed.ts';
import { groupsOf, isOf, killEach } from './kill-points.ts';
import { BACK, STRAIGHT } from './states.ts';

let bed: Bed;
afterEach(() => bed?.close());

/** More calls than any step makes: the sequence of kills ends when a step is done before the kill. */
const CALLS_MAX = 24;

/** A good version, or one whose tasks end during the bake. */
const GOOD = {};
const BAD = { EXIT_CODE: '1', EXIT_AFTER_MS: '20000' };

/** States of a deployment that waits for a person, who says nothing, and then keeps blue for a while. */
const OF_PATIENCE = ['WaitForApproval', 'JudgeApproval', 'Standby'] as const;
const PATIENT: Partial<ServiceConfiguration> = {
  approval: { gates: ['before-traffic'], timeoutSeconds: 60, otherwise: 'approve' },
  keepBlueSeconds: 60,
};
const FORWARD = [...STRAIGHT, ...OF_PATIENCE];

/** A deployment in which the handlers of these states are killed once each, until it ends. @returns those that had so many calls */
async function deployKilling(
  states: readonly string[],
  afterCalls: number,
  { version, configuration, outcome }: Played,
): Promise<string[]> {
  const label = `${states.join(', ')} killed after call ${afterCalls}`;
  bed = await makeBed({ seed: label, configuration });
  const invoked = killEach(bed.cloud, states, afterCalls);
  await bed.push('v2', version);
  await bed.untilEnded();
  expect([...invoked].sort(), label).toEqual([...states].sort());
  await expectWhole(outcome, label);
  await expectMadeOnce(label);
  const killed = await statesKilled();
  await bed.close();
  return states.filter((state) => killed.has(state));
}

interface Played {
  readonly version: Record<string, string>;
  readonly configuration?: Partial<ServiceConfiguration>;
  readonly outcome: 'SUCCESSFUL' | 'ROLLBACK_SUCCESSFUL';
}

/** One deployment for each number of calls, until every one of the handlers is done before it can be killed. */
async function sweepKills(states: readonly string[], played: Played): Promise<void> {
  let left = states;
  for (let calls = 1; calls <= CALLS_MAX && left.length > 0; calls += 1)
    left = await deployKilling(left, calls, played);
  expect(left, `handlers with ${CALLS_MAX} calls or more: kills after later ones were not tried`).toEqual([]);
}

async function expectWhole(outcome: 'SUCCESSFUL' | 'ROLLBACK_SUCCESSFUL', label: string): Promise<void> {
  const [a, b] = await bed.sides();
  const [serving, gone] = outcome === 'SUCCESSFUL' ? [b, a] : [a, b];
  expect(serving, label).toMatchObject({ percent: 100, healthyCount: 2, desiredCount: 2 });
  expect(gone, label).toMatchObject({ percent: 0, runningCount: 0, desiredCount: 0 });
  expect(await bed.items('locks'), label).toEqual([]);
  expect(await bed.items('waits'), label).toEqual([]);
  const [deployment, ...more] = await bed.deployments();
  expect(deployment, label).toMatchObject({ outcome });
  expect(more, label).toEqual([]);
}

/** Revisions of the family and ECS deployments of green: what a step that is run twice would make twice. */
async function expectMadeOnce(label: string): Promise<void> {
  const revisions = new Set<string>();
  for (const { operation, caller, error } of bed.cloud.endpoint.calls) {
    if (operation === 'RegisterTaskDefinition' && /Sidestep/.test(caller) && !error)
      revisions.add(`${revisions.size}`);
  }
  expect(revisions.size, label).toBe(1);
  const updates = bed.cloud.endpoint.calls.filter(
    ({ operation, caller, input }) =>
      operation === 'UpdateService' &&
      isOf('StartGreen', caller) &&
      (input as { forceNewDeployment?: boolean }).forceNewDeployment,
  );
  expect(updates, label).toHaveLength(1);
}

describe('handlers that are killed after their n-th call', () => {
  it.each(groupsOf(FORWARD))(
    'are run again, and the deployment succeeds: $group',
    async ({ group }) => {
      await sweepKills(group, { version: GOOD, configuration: PATIENT, outcome: 'SUCCESSFUL' });
    },
    180_000,
  );

  it.each(groupsOf(BACK))(
    'are run again, and the rollback succeeds: $group',
    async ({ group }) => {
      await sweepKills(group, { version: BAD, outcome: 'ROLLBACK_SUCCESSFUL' });
    },
    180_000,
  );
});

/** The states whose task failed because its process was gone. */
async function statesKilled(): Promise<Set<string>> {
  const executions = await bed.executions();
  const histories = await Promise.all(executions.map(({ executionArn }) => bed.failuresOf(executionArn)));
  const exits = histories.flat().filter(({ error }) => error === 'Runtime.ExitError');
  return new Set(exits.map(({ state }) => state));
}

describe('handlers that are run twice', () => {
  it.each([
    ...groupsOf(FORWARD).map(({ group }) => ({ group, outcome: 'SUCCESSFUL' as const })),
    ...groupsOf(BACK).map(({ group }) => ({ group, outcome: 'ROLLBACK_SUCCESSFUL' as const })),
  ])('change nothing more the second time: $group', async ({ group, outcome }) => {
    const isGood = outcome === 'SUCCESSFUL';
    bed = await makeBed({ seed: `twice ${group}`, configuration: isGood ? PATIENT : {} });
    const again = new Map<string, Promise<unknown>>();
    // Its own input once more, as a late duplicate of the invocation would bring it, right after it is done.
    bed.cloud.states.onHistoryEvent((_arn, event) => {
      const { parameters } = event.taskScheduledEventDetails ?? {};
      if (!parameters) return;
      const { FunctionName, Payload } = JSON.parse(parameters) as { FunctionName: string; Payload: unknown };
      const state = group.find((one) => isOf(one, FunctionName) && !again.has(one));
      if (state) again.set(state, bed.cloud.lambda.invoke(FunctionName, Payload));
    });
    await bed.push('v2', isGood ? GOOD : BAD);
    await bed.untilEnded();
    expect([...again.keys()].sort()).toEqual([...group].sort());
    await expectWhole(outcome, group.join());
  });
});

describe('a handler of an execution that died', () => {
  const MUTATING = [
    'AttachGreen',
    'StartGreen',
    'ModifyListener',
    'DrainBlue',
    'RestoreListener',
    'StopGreen',
  ] as const;

  it('has no effect once another has taken the deployment over, however late it comes', async () => {
    bed = await makeBed({ seed: 'late' });
    await bed.push('v2', GOOD);
    await bed.stopIn('Bake');
    await bed.untilEnded(2);
    const [first] = await bed.executions();
    const [deployment] = await bed.deployments();
    await expectWhole('ROLLBACK_SUCCESSFUL', 'recovered');
    const before = bed.cloud.endpoint.calls.length;

    const functions = [...new Set(bed.cloud.endpoint.calls.map(({ caller }) => caller))];
    const late = MUTATING.flatMap((state) => functions.filter((name) => isOf(state, name)));
    const event = {
      deploymentId: deployment?.deploymentId,
      executionArn: first?.executionArn,
      trafficStep: 0,
      taskToken: 'a token of then',
    };
    const answers = await Promise.all(late.map((name) => bed.cloud.lambda.invoke(name, event)));

    expect(late.length).toBeGreaterThanOrEqual(5);
    expect(answers.map((answer) => ('error' in answer ? answer.error.errorType : 'no error'))).toEqual(
      late.map((name) => (isOf('DrainBlue', name) ? 'ListenerChangedByOthers' : 'LockLost')),
    );
    const changes = bed.cloud.endpoint.calls
      .slice(before)
      .filter(({ operation }) => /^(Modify|UpdateService|Register)/.test(operation));
    expect(changes).toEqual([]);
    await expectWhole('ROLLBACK_SUCCESSFUL', 'after the late ones');
  });
});
