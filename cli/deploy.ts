/** `sidestep deploy`: starts a deployment as a person, and with --wait follows it to its end. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { dynamodb } from '../lambdas/aws/dynamodb.ts';
import { sfn } from '../lambdas/aws/sfn.ts';
import type { Deployment } from '../lambdas/common/deployment.ts';
import { queryDeployments } from '../lambdas/table/deployments.ts';
import { OUTCOME_EXIT_CODES } from './exit-codes.ts';
import { CannotDo, UsageError } from './failures.ts';
import { createOutput, type Output } from './output.ts';
import { type ConnectedStack, connect, type StackOptions } from './stack.ts';

export interface DeployOptions extends StackOptions {
  image?: string;
  tag?: string;
  digest?: string;
  taskDefinition?: string;
  to?: string;
  despite?: string;
  startedAt?: string;
  wait?: boolean;
  resultFile?: string;
  json?: boolean;
}

/** @param finish receives the exit code */
export function deployCommand(finish: (exitCode: number) => void, run = deploy): Command {
  return new Command('deploy')
    .summary('deploy a service')
    .description('Starts a deployment. With --wait it ends with the exit code of its outcome.')
    .argument('<service>', 'the service, as in sidestep.yaml')
    .option('--image <image>', 'repository:tag or repository@digest')
    .option('--tag <tag>', "a tag of the service's repository")
    .option('--digest <sha256:…>', "a digest of the service's repository")
    .option('--task-definition <name>', 'family:revision or ARN: what the new revision is made of')
    .option('--to <fleet>', 'give the traffic back to the VM fleet of this name')
    .option('--despite <reason>', 'go on although an alarm fires: this deployment is the repair')
    .option(
      '--started-at <time>',
      "when the outer deployment began (ISO 8601): the service's deadline counts from it",
    )
    .option('--wait', 'follow the deployment to its end; Ctrl-C stops following, not deploying')
    .option('--result-file <path>', 'written at the end, only if the deployment succeeded; implies --wait')
    .option(
      '--endpoint-url <url>',
      'a local cloud; the one that runs in this directory, or else AWS, if absent',
    )
    .option('--prefix <word>', "the stack's prefix; sidestep if absent")
    .option('--json', 'one JSON object on stdout, progress on stderr')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (service: string, options: DeployOptions) => finish(await run(service, options)));
}

const EXAMPLES = `Examples:
  sidestep deploy orders --tag v2 --wait
  sidestep deploy orders --digest sha256:… --despite 'this is the repair'
  sidestep deploy orders --tag v2 --wait --result-file /tmp/deployed.json
`;

/** What goes into the execution's input; absent members stay absent. */
const INPUT_MEMBERS = ['image', 'tag', 'digest', 'taskDefinition', 'to', 'despite', 'startedAt'] as const;

async function deploy(service: string, options: DeployOptions): Promise<number> {
  const { resultFile, json, startedAt } = options;
  if (startedAt !== undefined && Number.isNaN(Date.parse(startedAt)))
    throw new UsageError(`--started-at is '${startedAt}'; allowed is a time such as 2026-11-21T13:00:00Z`);
  // A file of an earlier deployment must not pass for this one's.
  if (resultFile) rmSync(resultFile, { force: true });
  const output = createOutput({ json });
  const stack = await connect(options);
  const asked = Object.fromEntries(
    INPUT_MEMBERS.flatMap((name) => (options[name] ? [[name, options[name]]] : [])),
  );
  const name = `cli-${service}-${stack.runtime.now()}`.slice(0, 80);
  await sfn(stack.runtime).startExecution(name, { service, ...asked });
  const executionArn = `${stack.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  output.progress(`started ${executionArn} in ${stack.place}`);
  if (!options.wait && !resultFile) {
    if (json) output.result(JSON.stringify({ executionArn }));
    return 0;
  }
  const end = await follow(service, executionArn, stack, output);
  if (resultFile && OUTCOME_EXIT_CODES[end.outcome] === 0) writeWhole(resultFile, end);
  output.result(json ? JSON.stringify(end) : `${end.outcome}: ${end.reason}`);
  return OUTCOME_EXIT_CODES[end.outcome];
}

interface End {
  readonly deploymentId: string;
  readonly outcome: NonNullable<Deployment['outcome']>;
  readonly reason: string;
  readonly digest: string;
  readonly revisionArn?: string;
}

/** Polls the record, which is complete at every moment; what waits is followed by its successor. */
async function follow(
  service: string,
  executionArn: string,
  { runtime, isLocal }: ConnectedStack,
  output: Output,
): Promise<End> {
  const table = dynamodb(runtime);
  const executions = sfn(runtime);
  const pauseMs = isLocal ? 300 : 3_000;
  let followed = executionArn;
  let told = '';
  for (;;) {
    const records = await queryDeployments(table, service);
    const record = records.find(({ startedBy }) => startedBy.executionArn === followed);
    const successor =
      record?.successor && records.find(({ deploymentId }) => deploymentId === record.successor);
    if (successor) {
      followed = successor.startedBy.executionArn;
      continue;
    }
    if (record) {
      const stage = stageOf(record);
      if (stage !== told) output.progress(`${record.deploymentId} ${stage}`);
      told = stage;
      const end = endOf(record);
      if (end) return end;
    } else {
      const status = await executions.describeExecution(executionArn);
      if (status === 'FAILED' || status === 'ABORTED' || status === 'TIMED_OUT')
        throw await refused(executionArn, executions);
    }
    await runtime.sleep(pauseMs);
  }
}

/** The newest stage that has begun. */
function stageOf({ stages }: Deployment): string {
  const begun = Object.entries(stages).sort(([, a], [, b]) => a.intendedAtMs - b.intendedAtMs);
  return begun.at(-1)?.[0] ?? 'waits for its turn';
}

/** Blue may stand by for hours: green serves, which is what was asked for. */
function endOf({
  deploymentId,
  outcome,
  reason,
  image,
  revisionArn,
  succeededAtMs,
}: Deployment): End | undefined {
  const common = { deploymentId, digest: image.digest, revisionArn };
  if (outcome) return { ...common, outcome, reason: reason ?? '' };
  if (succeededAtMs === undefined) return undefined;
  return { ...common, outcome: 'SUCCESSFUL', reason: 'green serves all the traffic; blue stands by' };
}

async function refused(executionArn: string, executions: ReturnType<typeof sfn>): Promise<Error> {
  const cause = await executions.describeFailure(executionArn);
  return new CannotDo(`the deployment was refused: ${cause}`);
}

/** In one stroke: whoever waits for the file must never read half of it. */
function writeWhole(path: string, end: End): void {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, `${JSON.stringify(end, undefined, 2)}\n`);
  renameSync(draft, path);
}
