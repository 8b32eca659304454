/** Handlers that are killed after any of their calls, or run twice: every step survives both, and the deployment ends well. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceConfiguration } from '../../lambdas/common/service.ts';
import { type Bed, makeBed } from './bed.ts';
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
const configurationFor = (state: string): Partial<ServiceConfiguration> =>
  (OF_PATIENCE as readonly string[]).includes(state) ? PATIENT : {};

const isOf = (state: string, functionName: string): boolean =>
  new RegExp(`Sidestep-Sidestep${state}Function`).test(functionName);

/** Kills the first invocation of a state's function after so many calls. @returns whether it came to that */
function killOnce(state: string, afterCalls: number): () => boolean {
  let killed = false;
  bed.cloud.interrupt((functionName) => {
    if (killed || !isOf(state, functionName)) return undefined;
    killed = true;
    return { afterCalls, as: 'exit' };
  });
  return () => killed;
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

describe('a handler that is killed after its n-th call', () => {
  it.each([...STRAIGHT, ...OF_PATIENCE])('%s: is run again, and the deployment succeeds', async (state) => {
    for (let calls = 1; calls <= CALLS_MAX; calls += 1) {
      bed = await makeBed({ seed: `${state} ${calls}`, configuration: configurationFor(state) });
      const killed = killOnce(state, calls);
      await bed.push('v2', GOOD);
      await bed.untilEnded();
      const label = `${state} killed after call ${calls}`;
      expect(killed(), label).toBe(true);
      await expectWhole('SUCCESSFUL', label);
      await expectMadeOnce(label);
      const wasKilled = await killShows(state);
      await bed.close();
      // Fewer calls than that: the kill came to nothing, and so would every later one.
      if (!wasKilled) return;
    }
    expect.fail(`${state} makes ${CALLS_MAX} calls or more: kills after later ones were not tried`);
  });

  it.each(BACK)('%s: is run again, and the rollback succeeds', async (state) => {
    for (let calls = 1; calls <= CALLS_MAX; calls += 1) {
      bed = await makeBed({ seed: `${state} ${calls}` });
      killOnce(state, calls);
      await bed.push('v2', BAD);
      await bed.untilEnded();
      await expectWhole('ROLLBACK_SUCCESSFUL', `${state} killed after call ${calls}`);
      const wasKilled = await killShows(state);
      await bed.close();
      if (!wasKilled) return;
    }
    expect.fail(`${state} makes ${CALLS_MAX} calls or more: kills after later ones were not tried`);
  });
});

/** Whether the state's task failed because its process was gone. */
async function killShows(state: string): Promise<boolean> {
  const executions = await bed.executions();
  const histories = await Promise.all(executions.map(({ executionArn }) => bed.failuresOf(executionArn)));
  return histories.flat().some((failure) => failure.state === state && failure.error === 'Runtime.ExitError');
}

describe('a handler that is run twice', () => {
  it.each([...STRAIGHT, ...OF_PATIENCE, ...BACK])(
    '%s: the second run changes nothing more',
    async (state) => {
      bed = await makeBed({ seed: `twice ${state}`, configuration: configurationFor(state) });
      const again: Promise<unknown>[] = [];
      // Its own input once more, as a late duplicate of the invocation would bring it, right after it is done.
      bed.cloud.states.onHistoryEvent((_arn, event) => {
        const { parameters } = event.taskScheduledEventDetails ?? {};
        if (!parameters) return;
        const { FunctionName, Payload } = JSON.parse(parameters) as {
          FunctionName: string;
          Payload: unknown;
        };
        if (isOf(state, FunctionName) && again.length === 0)
          again.push(bed.cloud.lambda.invoke(FunctionName, Payload));
      });
      const bad = (BACK as readonly string[]).includes(state);
      await bed.push('v2', bad ? BAD : GOOD);
      await bed.untilEnded();
      expect(again).toHaveLength(1);
      await expectWhole(bad ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL', state);
    },
  );
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
