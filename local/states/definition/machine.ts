/** A state machine as the interpreter takes it: checked, with every expression compiled. */
import type { Template } from '../expressions.ts';
import type { Retrier } from '../retry.ts';

export interface Machine extends Scope {
  timeoutSeconds: number | undefined;
}

/** States that can reach each other: the machine itself, a branch of a Parallel, the processor of a Map. */
export interface Scope {
  startAt: string;
  states: ReadonlyMap<string, State>;
}

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

interface Named<Type extends string> {
  type: Type;
  name: string;
}

/** What computes a state's result, and the variables that change with it. */
export interface Exit {
  output: Template | undefined;
  assign: Template | undefined;
}

/** `next` is undefined where the state ends its scope. */
export interface Onward extends Exit {
  next: string | undefined;
}

export interface Catcher extends Exit {
  errorEquals: string[];
  next: string;
}

export interface Recovery {
  retriers: Retrier[];
  catchers: Catcher[];
}

export interface PassState extends Named<'Pass'>, Onward {}

export interface TaskState extends Named<'Task'>, Onward, Recovery {
  resource: Resource;
  arguments: Template | undefined;
  timeoutSeconds: Template | undefined;
  heartbeatSeconds: Template | undefined;
}

/** `integration` is a name of the table of integrations, such as `lambda:invoke`. */
export type Resource =
  | { kind: 'function'; functionArn: string }
  | { kind: 'integration'; integration: string; waitsForTaskToken: boolean };

export interface ChoiceState extends Named<'Choice'>, Exit {
  choices: ChoiceRule[];
  default: string | undefined;
}

export interface ChoiceRule extends Exit {
  condition: Template;
  next: string;
}

export interface WaitState extends Named<'Wait'>, Onward {
  seconds: Template | undefined;
  timestamp: Template | undefined;
}

export interface SucceedState extends Named<'Succeed'> {
  output: Template | undefined;
}

export interface FailState extends Named<'Fail'> {
  error: Template | undefined;
  cause: Template | undefined;
}

export interface ParallelState extends Named<'Parallel'>, Onward, Recovery {
  arguments: Template | undefined;
  branches: Scope[];
}

export interface MapState extends Named<'Map'>, Onward, Recovery {
  items: Template | undefined;
  itemSelector: Template | undefined;
  processor: Scope;
  maxConcurrency: Template | undefined;
  toleratedFailureCount: Template | undefined;
  toleratedFailurePercentage: Template | undefined;
}
