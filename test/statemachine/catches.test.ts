/** Every Catch of the machine, one by one: the real definition, with functions that throw what the Catch names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createStepFunctions, type StepFunctionsSimulator } from '../../local/states/index.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

interface State {
  Type: string;
  StartAt?: string;
  Branches?: { States: Record<string, State> }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
}

const definition = readFileSync(join(import.meta.dirname, '../../statemachine/deploy.asl.json'), 'utf8');
const machine = JSON.parse(definition) as { States: Record<string, State> };

/** Each Catch once per error that it names: where it is, who throws there, what, and where it leads. */
const CASES = Object.entries(machine.States).flatMap(([name, state]) => {
  const inside = state.Branches?.flatMap((branch) => Object.entries(branch.States)) ?? [];
  const own = casesOf(name, state, throwerIn(name, state));
  return [...own, ...inside.flatMap(([inner, innerState]) => casesOf(inner, innerState, inner))];
});

function casesOf(name: string, { Catch = [] }: State, thrower: string): [string, string, string, string][] {
  return Catch.flatMap(({ ErrorEquals, Next }) =>
    ErrorEquals.map((error): [string, string, string, string] => [name, error, thrower, Next]),
  );
}

/** A try fails when the first Task inside it does. */
function throwerIn(name: string, { Branches = [] }: State): string {
  const tasks = Object.entries(Branches[0]?.States ?? {}).filter(([, { Type }]) => Type === 'Task');
  return tasks[0]?.[0] ?? name;
}

let states: StepFunctionsSimulator | undefined;
afterEach(() => states?.close());

/** What the functions return where nothing goes wrong. */
const RESULTS: Record<string, object> = {
  ResolveDeployment: {
    deploymentId: 'orders-20260101t000000z-000000',
    worthDeploying: true,
    waits: false,
    reason: '',
  },
  RegisterRevision: { verifiesImage: false, migrates: false },
  VerifyTargets: nextIs('modifyListener'),
  JudgeApproval: nextIs('modifyListener'),
  JudgeBake: nextIs('done'),
};

function nextIs(next: string) {
  return { next, trafficStep: 0, bakeSeconds: 60 };
}

/** What leads to a state that not every deployment enters. */
const DETOURS: Record<string, { results?: Record<string, object>; plan?: object }> = {
  RunMigration: { results: { RegisterRevision: { verifiesImage: false, migrates: true } } },
  WaitForApproval: { results: { VerifyTargets: nextIs('waitForApproval') } },
  WaitForGroup: { results: { VerifyTargets: nextIs('waitForGroup') } },
  Standby: { plan: { keepsBlue: true } },
};

const SECONDS = 60;
const PLAN = {
  start: 'beside',
  keepsBlue: false,
  timeouts: Object.fromEntries(
    [
      'image',
      'migration',
      'steadyState',
      'checks',
      'approval',
      'group',
      'pause',
      'standby',
      'drain',
      'serviceDeployment',
    ].map((wait) => [wait, SECONDS]),
  ),
};

/** Runs the machine with one function that fails. @returns the states entered, and how it ended */
async function play(thrower: string, error: string, turn = 'deploy') {
  const { results = {}, plan = {} } = DETOURS[thrower] ?? {};
  const platform = testPlatform();
  const called: string[] = [];
  const simulator = createStepFunctions(platform, {
    async invokeFunction(functionName, payload) {
      const name = functionName.split(':').at(-1) ?? '';
      called.push(name);
      const { taskToken, outcome, deploymentId } = payload as Record<string, string | undefined>;
      if (name === thrower && error !== 'States.Timeout')
        return { error: { errorType: thrown(error), errorMessage: 'on purpose' } };
      // A token that nobody answers is how a wait times out.
      if (taskToken && !(name === thrower && error === 'States.Timeout')) {
        await sfn.SendTaskSuccess({ taskToken, output: JSON.stringify(nextIs('done')) });
      }
      if (taskToken) return { payload: {} };
      if (name === 'AcquireLock') return { payload: { turn, reason: '', plan: { ...PLAN, ...plan } } };
      return { payload: results[name] ?? RESULTS[name] ?? { outcome, reason: 'as it came', deploymentId } };
    },
  });
  states = simulator;
  const sfn = clientOf(simulator.operations);
  const { stateMachineArn } = await sfn.CreateStateMachine({
    name: 'machine',
    roleArn: 'arn:aws:iam::000000000000:role/machine',
    definition: definition.replace(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:$1'),
  });
  const { executionArn } = await sfn.StartExecution({ stateMachineArn, input: '{"service":"orders"}' });
  let status: string | undefined = 'RUNNING';
  simulator.onHistoryEvent(async () => {
    status = (await sfn.DescribeExecution({ executionArn })).status;
  });
  await platform.clock.run(() => status !== 'RUNNING', 86_400_000);
  const { events = [] } = await sfn.GetExecutionHistory({ executionArn, maxResults: 1000 });
  const ended = await sfn.DescribeExecution({ executionArn });
  return {
    entered: events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
    ended,
    called,
  };
}

/** What a function must throw for a Catch of `error`: States.ALL stands for any name that no other Catch has. */
const thrown = (error: string): string => (error === 'States.ALL' ? 'SomethingElse' : error);

/** Errors that Step Functions raises itself and no function can throw; each is brought about where it can be. */
const RAISED_BY_SERVICE = new Set(['States.DataLimitExceeded', 'States.Runtime']);

describe('a Catch', () => {
  const throwable = CASES.filter(([, error]) => !RAISED_BY_SERVICE.has(error));

  it.each(throwable)('of %s for %s, thrown by %s, leads to %s', async (state, error, thrower, next) => {
    const turn = { RollBack: 'rollBack', StopGreen: 'rollBack', CleanUp: 'cleanUp' }[state] ?? 'deploy';
    const { entered, ended } = await play(thrower, error, turn);
    const at = entered.lastIndexOf(thrower);
    expect(entered.slice(at + 1), `after ${thrower}`).toContain(next);
    expect(entered[at + 1]).toBe(next);
    expect(ended.status).not.toBe('RUNNING');
  });

  it('stands for every error that the machine names', () => {
    expect(CASES.length).toBeGreaterThan(20);
    expect(CASES.filter(([, error]) => RAISED_BY_SERVICE.has(error)).map(([state]) => state)).toEqual(
      expect.arrayContaining(['Deploy', 'CleanUp', 'RollBack']),
    );
  });
});

describe('a result that is too large', () => {
  it.each([
    ['Deploy', 'RegisterRevision', 'deploy', 'ROLLBACK_SUCCESSFUL'],
    ['RollBack', 'RestoreListener', 'rollBack', 'ROLLBACK_FAILED'],
  ])('in %s ends as its Catch says', async (_state, large, turn, error) => {
    RESULTS[large] = { filler: 'x'.repeat(300_000) };
    try {
      const { ended } = await play('nobody', '', turn);
      expect(ended).toMatchObject({ status: 'FAILED', error });
    } finally {
      delete RESULTS[large];
    }
  });
});
