/** Step Functions of the local cloud: Standard state machines in JSONata, with their real execution history. */
import { LOCAL_REGION, type Platform } from '../platform.ts';
import { createExecutions } from './executions.ts';
import type { HistoryEvent } from './history.ts';
import { type Integrations, type InvokeFunction, lambdaIntegrations } from './integrations.ts';
import { createOperations, type SfnOperations } from './operations.ts';
import { createStateMachines } from './state-machines.ts';
import { createTaskTokens } from './task-tokens.ts';

export type { HistoryEvent } from './history.ts';
export type { CallResult, Integration, Integrations, InvokeFunction } from './integrations.ts';

export interface StepFunctionsPorts {
  /** Runs a function once, by name or ARN; a function that threw is a result, not a rejection. */
  invokeFunction: InvokeFunction;
  /** What a Task can call beyond Lambda, or instead: by name, such as `lambda:invoke`. */
  integrations?: Integrations;
}

export interface StepFunctionsSimulator {
  readonly operations: SfnOperations;
  /** Calls `listener` with each event of every history; the result unsubscribes. */
  onHistoryEvent(listener: (executionArn: string, event: HistoryEvent) => void): () => void;
  /** Starts an execution as EventBridge and Scheduler do: under a name of its own. Rejects if it cannot be started. */
  deliver(stateMachineArn: string, input: unknown): Promise<void>;
  /** Cuts all executions off where they are: no event, no Catch. */
  close(): void;
}

/**
 * Not emulated, and refused by name: Express, activities, versions and aliases, distributed Map, `.sync`,
 * integrations other than Lambda (unless given as a port), TestState, RedriveExecution.
 */
export function createStepFunctions(platform: Platform, ports: StepFunctionsPorts): StepFunctionsSimulator {
  const random = platform.random.fork('states');
  const own: Platform = {
    clock: platform.clock,
    random,
    latencies: platform.latencies,
    emit: (event) => platform.emit(event),
    fault: (error) => platform.fault(error),
  };
  const listeners = new Set<(executionArn: string, event: HistoryEvent) => void>();
  const integrations = {
    ...lambdaIntegrations(ports.invokeFunction, platform.clock, random),
    ...ports.integrations,
  };
  const knowsIntegration = (name: string): boolean => Object.hasOwn(integrations, name);
  const tokens = createTaskTokens(random.fork('tokens'));
  const stateMachines = createStateMachines(own, knowsIntegration);
  const executions = createExecutions({
    platform: own,
    region: LOCAL_REGION,
    tokens,
    integrations,
    invokeFunction: ports.invokeFunction,
    onEvent: (executionArn, event) => {
      for (const listener of listeners) listener(executionArn, event);
    },
  });
  return {
    operations: createOperations({ stateMachines, executions, tokens, knowsIntegration }),
    onHistoryEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async deliver(stateMachineArn, input) {
      executions.start(stateMachines.get(stateMachineArn).revision, undefined, JSON.stringify(input));
    },
    close() {
      listeners.clear();
      executions.close();
    },
  };
}
