/** `sidestep logs`: what the functions wrote about one deployment, merged by time. */
import { Command } from 'commander';
import { dynamodb } from '../lambdas/aws/dynamodb.ts';
import { type Logs, logs as logsOf } from '../lambdas/aws/logs.ts';
import type { Deployment } from '../lambdas/common/deployment.ts';
import { getDeployment } from '../lambdas/table/deployments.ts';
import { pause, untilDetached } from './detach.ts';
import { CannotDo } from './failures.ts';
import { knownDeployment } from './known-deployment.ts';
import { type LogDocument, logDocument, logText } from './logs/line.ts';
import { createMerge } from './logs/merge.ts';
import { createOutput, paintFor } from './output.ts';
import { addStackOptions } from './request-options.ts';
import { type ConnectedStack, connect, type StackOptions } from './stack.ts';

export interface LogsOptions extends StackOptions {
  follow?: boolean;
  json?: boolean;
}

/** What was written shortly before the record was, and shortly after it ended, is of the deployment too. */
const MARGIN_MS = 60_000;
/** Between two looks. CloudWatch Logs allows few FilterLogEvents a second, and there is one group per function. */
const EVERY_MS = { aws: 10_000, local: 500 };
/** Calls at a time. */
const CALLS_MAX = 4;

/** @param finish receives the exit code */
export function logsCommand(finish: (exitCode: number) => void, run = logs): Command {
  const command = new Command('logs')
    .summary('tell what the functions logged about a deployment')
    .description('Prints the log lines of all functions that name the deployment, in order of time.')
    .argument('<deployment>', "a deployment's id, or a service: the one under way, or else its newest")
    .option('--follow', 'go on until the deployment has ended; Ctrl-C stops following');
  return addStackOptions(command)
    .option('--json', 'one JSON object a line on stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (target: string, options: LogsOptions) => finish(await run(target, options)));
}

const EXAMPLES = `Examples:
  sidestep logs orders --follow
  sidestep logs orders-20261121t034211z-1f2e3d
  sidestep logs orders --json | jq 'select(.level == "ERROR")'
`;

async function logs(target: string, options: LogsOptions): Promise<number> {
  const stack = await connect(options);
  const record = await knownDeployment(stack, target);
  const port = logsOf(stack.runtime);
  const groups = await groupsOf(stack, port);
  const { result } = createOutput();
  const paint = paintFor(process.stdout);
  const tell = (document: LogDocument): void =>
    result(options.json ? JSON.stringify(document) : logText(document, paint));
  const read = createReader(record, groups, port, tell);
  if (options.follow) await follow(record, stack, read);
  else await read(record.endedAtMs);
  return 0;
}

async function groupsOf({ logGroupPrefix, place }: ConnectedStack, port: Logs): Promise<string[]> {
  if (logGroupPrefix === undefined)
    throw new CannotDo(
      `the stack in ${place} does not say where its functions log: an older version deployed it; deploy it again`,
    );
  return port.describeLogGroups(logGroupPrefix);
}

/** Reads on from where it stood, and tells each line once. @param endMs of the deployment, if it has ended */
type Read = (endMs: number | undefined) => Promise<void>;

function createReader(
  { deploymentId, startedAtMs }: Deployment,
  groups: readonly string[],
  port: Logs,
  tell: (line: LogDocument) => void,
): Read {
  const merge = createMerge(startedAtMs - MARGIN_MS);
  return async (endMs) => {
    const filter = {
      phrase: deploymentId,
      fromMs: merge.fromMs(),
      toMs: endMs === undefined ? undefined : endMs + MARGIN_MS,
    };
    const found = await inTurns(groups, (group) => port.filterLines(group, filter));
    for (const line of merge.add(found.flat())) tell(logDocument(line));
  };
}

/** At most so many calls at a time. */
async function inTurns<A, B>(list: readonly A[], call: (one: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  const queue = list.entries();
  const work = async (): Promise<void> => {
    for (const [index, one] of queue) results[index] = await call(one);
  };
  await Promise.all(Array.from({ length: CALLS_MAX }, work));
  return results;
}

/** To the deployment's end, and its last lines: they arrive a moment after they were written. */
function follow({ deploymentId, service }: Deployment, stack: ConnectedStack, read: Read): Promise<void> {
  const table = dynamodb(stack.runtime);
  const { commandLine } = stack;
  const back = (): string[] => [
    'nothing but the following has stopped',
    `  come back to it: ${commandLine('logs', deploymentId, '--follow')}`,
    `  look at it:      ${commandLine('status', service)}`,
    `  stop it:         ${commandLine('abort', service)}`,
  ];
  const work = async (signal: AbortSignal): Promise<void> => {
    const everyMs = stack.isLocal ? EVERY_MS.local : EVERY_MS.aws;
    for (;;) {
      const { outcome, endedAtMs } = await getDeployment(table, deploymentId);
      await read(undefined);
      signal.throwIfAborted();
      if (outcome) {
        await pause(everyMs, signal);
        return read(endedAtMs);
      }
      await pause(everyMs, signal);
    }
  };
  return untilDetached(work, back, createOutput());
}
