/** `sidestep push`: pushes an image to a running local cloud, as `docker push` would to ECR. */
import { Command } from 'commander';
import { createScaledClock } from '../local/clock/scaled-clock.ts';
import { clientConfiguration } from '../local/wire/in-process-handler.ts';
import { findStartedByPush, listExecutions, type StartedExecution } from '../local/world/deployments.ts';
import { type Clients, createClients, type PushedImage, pushImage } from '../local/world/index.ts';
import { pair, type TaggedImage, taggedImage, words } from './arguments.ts';
import { findEndpoint } from './endpoint.ts';
import { CannotDo } from './failures.ts';
import { createOutput } from './output.ts';

export interface PushOptions {
  env?: Record<string, string>;
  command?: string[];
  endpointUrl?: string;
  json?: boolean;
}

/** How long an event may take to start something, wall time. */
const START_LIMIT_MS = 3_000;

/** @param finish receives the exit code */
export function pushCommand(finish: (exitCode: number) => void, run = push): Command {
  return new Command('push')
    .summary('push an image to a running local cloud')
    .description('Pushes a local image; the ECR event does the rest.')
    .argument('<image>', 'repository:tag, such as orders:v3', taggedImage)
    .option('--env <KEY=VALUE>', "a variable of the image's environment; may be given again", pair)
    .option(
      '--command <words>',
      'the program that the image stands for; the sample application if absent',
      words,
    )
    .option('--endpoint-url <url>', 'the local cloud; AWS_ENDPOINT_URL or .sidestep/local.json if absent')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (image: TaggedImage, options: PushOptions) => finish(await run(image, options)));
}

const EXAMPLES = `Examples:
  sidestep push orders:v3
  sidestep push orders:v4 --env HEALTH_STATUS=503        a version that never becomes healthy
  sidestep push orders:v5 --env RESPONSE_MS=250 --env BOOT_MS=2000
  sidestep push orders:v6 --command 'node server.js'     any program that listens on $PORT
`;

async function push(image: TaggedImage, options: PushOptions): Promise<number> {
  const { env: environment, command, json } = options;
  const output = createOutput();
  const endpoint = findEndpoint(options.endpointUrl, { directory: process.cwd(), env: process.env });
  const clients = createClients(clientConfiguration(endpoint, 'sidestep-push'));
  try {
    const before = await listExecutions(clients);
    const pushed = await pushImage(clients, { ...image, environment, command });
    const { digest, uri, isNew } = pushed;
    const started = isNew ? await waitForStart(clients, { digest, tag: image.tag, before }) : [];
    if (json) output.result(JSON.stringify({ digest, uri, started }));
    else for (const line of linesOf(image, pushed, started, endpoint)) output.result(line);
    return 0;
  } catch (error) {
    throw explainedPush(error, endpoint, image);
  } finally {
    clients.close();
  }
}

/** Nothing started within the time is an answer too: no service may follow this tag. */
async function waitForStart(
  clients: Clients,
  pushed: Parameters<typeof findStartedByPush>[1],
): Promise<StartedExecution[]> {
  const clock = createScaledClock();
  const deadlineMs = clock.now() + START_LIMIT_MS;
  while (clock.now() < deadlineMs) {
    const started = await findStartedByPush(clients, pushed);
    if (started.length > 0) return started;
    await clock.sleep(200);
  }
  return [];
}

function linesOf(
  { repository, tag }: TaggedImage,
  { digest, isNew }: PushedImage,
  started: readonly StartedExecution[],
  endpoint: string,
): string[] {
  if (!isNew) return [`${repository}:${tag} is ${digest} already: nothing was pushed, so nothing starts`];
  const pushed = `pushed ${repository}:${tag} as ${digest}`;
  if (started.length === 0) return [pushed, `it started nothing: no service follows ${repository}:${tag}`];
  const describe = `aws --endpoint-url ${endpoint} stepfunctions describe-execution --execution-arn`;
  const deployments = started.flatMap(({ service, executionArn }) => [
    `it started a deployment of ${service}: ${executionArn}`,
    `  ${describe} ${executionArn}`,
  ]);
  return [pushed, ...deployments];
}

/** The stack may follow a repository that nobody has made yet. */
function explainedPush(error: unknown, endpoint: string, { repository }: TaggedImage): unknown {
  if (!(error instanceof Error) || error.name !== 'RepositoryNotFoundException') return error;
  return new CannotDo(
    `there is no repository ${repository} in the local cloud; make one with \`aws --endpoint-url ${endpoint} ecr create-repository --repository-name ${repository}\``,
    { cause: error },
  );
}
