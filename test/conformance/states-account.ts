/** Where the conformance cases run: the local simulator, or with AWS=1 a real account. */
import * as Sfn from '@aws-sdk/client-sfn';
import { createFakeStates } from '../states/simulator.ts';

/** A Step Functions API with an echo function: it returns the event that it was given. */
export interface StatesAccount {
  call(operation: string, input: object): Promise<Answer>;
  /** Waits until `isSo` holds. @throws Error when it does not within the limit */
  until(isSo: () => Promise<boolean>): Promise<void>;
  readonly roleArn: string;
  /** Undefined if the account has none: cases that need one are left out. */
  readonly echoFunction: string | undefined;
}

/** The members of answers that the cases read. */
export interface Answer {
  stateMachineArn?: string;
  executionArn?: string;
  status?: string;
  output?: string;
  error?: string;
  cause?: string;
  result?: string;
  startDate?: Date;
  events?: Sfn.HistoryEvent[];
}

export function createAccount(): StatesAccount {
  return process.env.AWS === '1' ? realAccount() : localAccount();
}

function localAccount(): StatesAccount {
  const states = createFakeStates({ functions: { echo: (event: unknown) => event } });
  return {
    roleArn: 'arn:aws:iam::000000000000:role/conformance',
    echoFunction: 'echo',
    call: (operation, input) => states.call(operation as 'DescribeExecution', input) as Promise<Answer>,
    async until(isSo) {
      for (let second = 0; second < LIMIT_SECONDS; second += 1) {
        await states.pass(1);
        if (await isSo()) return;
      }
      throw new Error(`not so within ${LIMIT_SECONDS} s`);
    },
  };
}

const LIMIT_SECONDS = 60;
const POLL_MS = 500;

/** Ambient credentials; SIDESTEP_CONFORMANCE_ROLE_ARN, and SIDESTEP_CONFORMANCE_FUNCTION for the cases with a function. */
function realAccount(): StatesAccount {
  const { SIDESTEP_CONFORMANCE_ROLE_ARN: roleArn, SIDESTEP_CONFORMANCE_FUNCTION: echoFunction } = process.env;
  if (!roleArn)
    throw new Error('AWS=1 needs SIDESTEP_CONFORMANCE_ROLE_ARN: a role that Step Functions can assume');
  const client = new Sfn.SFNClient({});
  const commands = Sfn as unknown as Record<string, new (input: object) => Sfn.DescribeExecutionCommand>;
  return {
    roleArn,
    echoFunction,
    async call(operation, input) {
      const Command = commands[`${operation}Command`];
      if (!Command) throw new Error(`the SDK has no operation ${operation}`);
      return (await client.send(new Command(input))) as Answer;
    },
    async until(isSo) {
      for (let waitedMs = 0; waitedMs < LIMIT_SECONDS * 1000; waitedMs += POLL_MS) {
        if (await isSo()) return;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      throw new Error(`not so within ${LIMIT_SECONDS} s`);
    },
  };
}
