/** A Step Functions simulator on a virtual clock, with functions given as plain TypeScript. */
import { createVirtualClock, type VirtualClock } from '../../local/clock/virtual-clock.ts';
import { DEFAULT_LATENCIES, type ServiceEvent } from '../../local/platform.ts';
import { createRandom } from '../../local/random.ts';
import {
  createStepFunctions,
  type HistoryEvent,
  type Integrations,
  type InvokeFunction,
  type StepFunctionsSimulator,
} from '../../local/states/index.ts';
import type { SfnOperations } from '../../local/states/operations.ts';

export const ROLE_ARN = 'arn:aws:iam::000000000000:role/states';
const CALL = { caller: 'test', requestId: 'request-1' };
const HOUR_MS = 3600 * 1000;

/** What a function does with its payload; throwing is the function's own failure. */
export type FakeFunction = (payload: never, wait: (seconds: number) => Promise<void>) => unknown;

export interface FakeStates {
  readonly clock: VirtualClock;
  readonly simulator: StepFunctionsSimulator;
  readonly events: ServiceEvent[];
  readonly faults: unknown[];
  /** Calls an operation as the wire layer would. */
  call<Name extends keyof SfnOperations>(name: Name, input: object): Promise<OutputOf<Name>>;
  create(definition: object, name?: string): Promise<string>;
  start(stateMachineArn: string, input?: unknown, name?: string): Promise<string>;
  /** Lets time pass until the execution has ended, at most `limitHours`. */
  finish(executionArn: string, limitHours?: number): Promise<OutputOf<'DescribeExecution'>>;
  /** Creates, starts and finishes. */
  run(
    definition: object,
    input?: unknown,
  ): Promise<OutputOf<'DescribeExecution'> & { history: HistoryEvent[] }>;
  history(executionArn: string): Promise<HistoryEvent[]>;
  /** Lets `seconds` pass. */
  pass(seconds: number): Promise<void>;
}

type Operation = (input: object, call: typeof CALL) => Promise<never>;
type OutputOf<Name extends keyof SfnOperations> = Awaited<ReturnType<NonNullable<SfnOperations[Name]>>>;

export interface FakeOptions {
  functions?: Record<string, FakeFunction>;
  integrations?: Integrations;
  seed?: string;
}

export function createFakeStates({
  functions = {},
  integrations,
  seed = 'states',
}: FakeOptions = {}): FakeStates {
  const clock = createVirtualClock();
  const events: ServiceEvent[] = [];
  const faults: unknown[] = [];
  const platform = {
    clock,
    random: createRandom(seed),
    latencies: DEFAULT_LATENCIES,
    emit: (event: ServiceEvent) => void events.push(event),
    fault: (error: unknown) => void faults.push(error),
  };
  const invokeFunction = invoker(functions, (seconds) => clock.sleep(seconds * 1000));
  const simulator = createStepFunctions(platform, {
    invokeFunction,
    ...(integrations ? { integrations } : {}),
  });
  let machines = 0;

  const fake: FakeStates = {
    clock,
    simulator,
    events,
    faults,
    async call(name, input): Promise<never> {
      const operation = simulator.operations[name] as unknown as Operation;
      return operation(input, CALL);
    },
    async create(definition, name = `machine-${++machines}`) {
      const created = await fake.call('CreateStateMachine', {
        name,
        definition: JSON.stringify(definition),
        roleArn: ROLE_ARN,
      });
      return created.stateMachineArn ?? '';
    },
    async start(stateMachineArn, input = {}, name) {
      const started = await fake.call('StartExecution', {
        stateMachineArn,
        name,
        input: JSON.stringify(input),
      });
      return started.executionArn ?? '';
    },
    async finish(executionArn, limitHours = 24 * 400) {
      const describe = () => fake.call('DescribeExecution', { executionArn });
      let ended = false;
      const stopListening = simulator.onHistoryEvent((arn, { type = '' }) => {
        if (arn === executionArn && END_TYPES.includes(type)) ended = true;
      });
      ended ||= (await describe()).status !== 'RUNNING';
      await clock.run(() => ended, limitHours * HOUR_MS);
      stopListening();
      return describe();
    },
    async run(definition, input) {
      const executionArn = await fake.start(await fake.create(definition), input);
      const result = await fake.finish(executionArn);
      return { ...result, history: await fake.history(executionArn) };
    },
    async history(executionArn) {
      const { events: all = [] } = await fake.call('GetExecutionHistory', { executionArn, maxResults: 1000 });
      return all;
    },
    async pass(seconds) {
      let passed = false;
      clock.setTimer(seconds * 1000, () => {
        passed = true;
      });
      await clock.run(() => passed, seconds * 1000);
    },
  };
  return fake;
}

const END_TYPES = ['ExecutionSucceeded', 'ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut'];

function invoker(
  functions: Record<string, FakeFunction>,
  wait: (seconds: number) => Promise<void>,
): InvokeFunction {
  return async (nameOrArn, payload) => {
    const name = nameOrArn.split(':').at(-1) ?? nameOrArn;
    const run = functions[name];
    if (!run) throw new Error(`no function '${name}' in this test`);
    try {
      return { payload: await run(structuredClone(payload) as never, wait) };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      return { error: { errorType, errorMessage, trace: [] } };
    }
  };
}

/** The types of a history, in order. */
export function typesOf(history: readonly HistoryEvent[]): string[] {
  return history.map(({ type }) => type ?? '');
}

/** An error whose name is what a Retry or Catch sees. */
export function namedError(name: string, message = 'on purpose'): Error {
  return Object.assign(new Error(message), { name });
}

/** A Task that invokes `functionName` with the state's input as payload. */
export function invoke(functionName: string, more: object = {}): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functionName, Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    ...more,
  };
}

/** A Task that gives `functionName` its token and waits for the answer. */
export function invokeAndWait(functionName: string, more: object = {}): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: functionName, Payload: { token: '{% $states.context.Task.Token %}' } },
    ...more,
  };
}

/** A JSONata state machine of the given states, which starts at the first. */
export function machine(states: Record<string, object>, more: object = {}): object {
  return { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...more };
}
