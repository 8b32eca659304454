/** Step Functions: start and look at executions of our machine, and answer its waits. */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { environment } from '../common/config.ts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface Sfn {
  /** @returns false if an execution of that name was started before: what it stands for is already handled */
  startExecution(name: string, input: object): Promise<boolean>;
  /** The status as AWS spells it; undefined if there is no such execution. */
  describeExecution(executionArn: string): Promise<string | undefined>;
  /** Why an execution failed, in its own words; empty if it did not. */
  describeFailure(executionArn: string): Promise<string>;
  /** @returns false if the wait was over already: somebody else answered, or its time was up */
  sendTaskSuccess(taskToken: string, output: object): Promise<boolean>;
  /** See {@link sendTaskSuccess}. AWS cuts nothing: an error is at most 256 characters, a cause 32,768. */
  sendTaskFailure(taskToken: string, error: string, cause: string): Promise<boolean>;
}

const clientFor = clientOf(SFNClient);

export function sfn(runtime: Runtime): Sfn {
  const client = clientFor(runtime);
  const { stateMachineArn } = environment(runtime.env);
  return {
    async startExecution(name, input) {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
        return true;
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return false;
        throw error;
      }
    },
    async describeExecution(executionArn) {
      try {
        return (await client.send(new DescribeExecutionCommand({ executionArn }))).status;
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return undefined;
        throw error;
      }
    },
    async describeFailure(executionArn) {
      const { error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
      return [error, cause].filter(Boolean).join(': ');
    },
    sendTaskSuccess: (taskToken, output) =>
      answered(client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }))),
    sendTaskFailure: (taskToken, error, cause) =>
      answered(client.send(new SendTaskFailureCommand({ taskToken, error, cause: cause.slice(0, 32_768) }))),
  };
}

/** A token that is no longer open has been answered by somebody else, or its state has ended. */
async function answered(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist) return false;
    throw error;
  }
}
