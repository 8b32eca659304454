/** All executions: names and their idempotency, listing, stopping. */
import { AwsError } from '../wire/aws-error.ts';
import { cutOff, type Engine, type Execution, type ExecutionStatus, startExecution } from './execution.ts';
import { cancelBranch } from './interpreter/branch.ts';
import { DATA_BYTES_MAX } from './json.ts';
import { checkLength } from './lengths.ts';
import { checkName } from './names.ts';
import type { Revision } from './state-machines.ts';

export interface Executions {
  /**
   * Starts one, or gives the running one of the same name and input.
   * @throws AwsError `ExecutionAlreadyExists`, `InvalidName`, `InvalidExecutionInput`, `ValidationException`
   */
  start(revision: Revision, name: string | undefined, input: string): Execution;
  /** @throws AwsError `InvalidArn`, `ExecutionDoesNotExist` */
  get(arn: string): Execution;
  /** In the order of their starts. */
  list(stateMachineArn: string, status: ExecutionStatus | undefined): Execution[];
  /** Stops it, if it runs. */
  stop(arn: string, error: string | undefined, cause: string | undefined): Execution;
  /** Cuts all off where they are, without a word to anybody. */
  close(): void;
}

const EXECUTION_ARN = /^arn:[a-z-]+:states:[^:]+:\d{12}:execution:[^:]+:[^:]+$/;
/** How long the name of a closed execution is taken. */
const NAME_TAKEN_MS = 90 * 24 * 3600 * 1000;

export function createExecutions(engine: Engine): Executions {
  const executions = new Map<string, Execution>();
  const { clock, random } = engine.platform;
  const get = (arn: string): Execution => {
    if (!EXECUTION_ARN.test(arn))
      throw new AwsError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${arn}'`);
    const execution = executions.get(arn);
    if (!execution) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  };
  const isTaken = ({ stoppedAtMs }: Execution): boolean =>
    stoppedAtMs === undefined || clock.now() - stoppedAtMs < NAME_TAKEN_MS;
  return {
    get,
    start(revision, givenName, input) {
      const name = givenName ?? random.uuid();
      checkName(name);
      checkInput(input);
      const arn = `${revision.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
      const existing = executions.get(arn);
      if (existing && isTaken(existing)) return sameAs(existing, input);
      executions.delete(arn);
      const execution = startExecution(engine, { arn, name, revision, input });
      executions.set(arn, execution);
      return execution;
    },
    list: (stateMachineArn, status) =>
      [...executions.values()]
        .filter(({ revision }) => revision.stateMachineArn === stateMachineArn)
        .filter((execution) => status === undefined || execution.status === status),
    stop(arn, error, cause) {
      const execution = get(arn);
      cutOff(engine, execution, 'ABORTED', error, cause);
      return execution;
    },
    close() {
      for (const { root } of executions.values()) cancelBranch(root);
    },
  };
}

function checkInput(input: string): void {
  checkLength('input', input, DATA_BYTES_MAX);
  try {
    JSON.parse(input);
  } catch (error) {
    throw new AwsError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}

function sameAs(existing: Execution, input: string): Execution {
  if (existing.status === 'RUNNING' && existing.input === input) return existing;
  throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${existing.arn}'`);
}
