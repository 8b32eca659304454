/** `sidestep deploy`: starts a deployment as a person, or goes back to one, and with --wait follows it to its end. */
import { Command } from 'commander';
import { sfn } from '../lambdas/aws/sfn.ts';
import { serviceOf } from '../lambdas/common/deployment.ts';
import { untilDetached } from './detach.ts';
import { OUTCOME_EXIT_CODES } from './exit-codes.ts';
import { UsageError } from './failures.ts';
import { type End, type Followed, followToEnd } from './follow.ts';
import { createOutput, type Output } from './output.ts';
import { addRequestOptions, addStackOptions, inputOf, type RequestOptions } from './request-options.ts';
import { prepareResultFile } from './result-file.ts';
import { type ConnectedStack, connect } from './stack.ts';

export interface DeployOptions extends RequestOptions {
  follow?: string;
  wait?: boolean;
  resultFile?: string;
  json?: boolean;
}

/** @param finish receives the exit code */
export function deployCommand(finish: (exitCode: number) => void, run = deploy): Command {
  const command = new Command('deploy')
    .summary('deploy a service')
    .description('Starts a deployment. With --wait it ends with the exit code of its outcome.');
  addRequestOptions(command)
    .option(
      '--follow <id>',
      'start nothing: follow this deployment (its id, or the ARN of its execution); implies --wait',
    )
    .option('--wait', 'follow the deployment to its end; Ctrl-C stops following, not deploying')
    .option('--result-file <path>', 'written at the end, only if the deployment succeeded; implies --wait');
  return addStackOptions(command)
    .option('--json', 'one JSON object on stdout, progress on stderr')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (service: string, options: DeployOptions) => finish(await run(service, options)));
}

const EXAMPLES = `Examples:
  sidestep deploy orders --tag v2 --wait
  sidestep deploy orders --digest sha256:… --despite 'this is the repair'
  sidestep deploy orders --tag v2 --result-file /tmp/deployed.json
  sidestep deploy orders --to orders-vm --wait           back to the fleet
`;

async function deploy(service: string, options: DeployOptions): Promise<number> {
  const { resultFile: path, json } = options;
  const followed = checkFollowed(service, options);
  const resultFile = path === undefined ? undefined : prepareResultFile(path);
  const output = createOutput();
  const stack = await connect(options);
  const started = followed ?? (await start(service, options, stack, output));
  if (!options.wait && !resultFile && !followed) {
    if (json) output.result(JSON.stringify(started));
    return 0;
  }
  const end = await followUnlessInterrupted(started, { service, options, stack, output });
  const exitCode = OUTCOME_EXIT_CODES[end.outcome];
  if (exitCode === 0) resultFile?.write(end);
  output.result(json ? JSON.stringify(end) : `${end.outcome}: ${end.reason}`);
  return exitCode;
}

/** @throws UsageError if the options contradict each other */
function checkFollowed(service: string, options: DeployOptions): Followed | undefined {
  const { follow } = options;
  if (follow === undefined) return undefined;
  const given = Object.keys(inputOf(options));
  if (given.length > 0)
    throw new UsageError(`--follow starts nothing; found ${given.map(optionOf).join(', ')} beside it`);
  if (/^arn:[^:]+:states:[^:]+:\d+:execution:/.test(follow)) return { executionArn: follow };
  if (serviceOf(follow) === service) return { deploymentId: follow };
  throw new UsageError(
    `--follow is '${follow}'; allowed are the id of a deployment of ${service}, such as ${service}-20261121t034211z-1f2e3d, and the ARN of an execution`,
  );
}

const optionOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

async function start(
  service: string,
  options: DeployOptions,
  { runtime, stateMachineArn, place }: ConnectedStack,
  output: Output,
): Promise<{ readonly executionArn: string }> {
  // Two at the same moment are two requests.
  const name = `cli-${service}-${runtime.now()}-${process.pid}`.slice(0, 80);
  await sfn(runtime).startExecution(name, { service, ...inputOf(options) });
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  output.progress(`started ${executionArn} in ${place}`);
  return { executionArn };
}

interface Following {
  readonly service: string;
  readonly options: DeployOptions;
  readonly stack: ConnectedStack;
  readonly output: Output;
}

/** The deployment needs nobody who looks on: whoever stops looking is told how to come back. */
function followUnlessInterrupted(followed: Followed, following: Following): Promise<End> {
  const { service, stack, output } = following;
  const { runtime, isLocal } = stack;
  return untilDetached(
    (signal) => followToEnd(followed, { service, runtime, isLocal, signal, tell: output.progress }),
    () => wayBack(followed, following),
    output,
  );
}

function wayBack(followed: Followed, { service, options, stack }: Following): string[] {
  const id = 'deploymentId' in followed ? followed.deploymentId : followed.executionArn;
  const file = options.resultFile === undefined ? [] : ['--result-file', options.resultFile];
  return [
    'the deployment goes on without this command',
    `  come back to it: ${stack.commandLine('deploy', service, '--follow', id, ...file)}`,
    `  look at it:      ${stack.commandLine('status', service)}`,
    `  stop it:         ${stack.commandLine('abort', service)}`,
  ];
}
