/** `sidestep local`: keeps a local cloud running, with a service in it and Sidestep deployed, until it is told to stop. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { readConfigurationFile } from '../infra/configuration-file.ts';
import { FACTOR_MAX } from '../local/clock/scaled-clock.ts';
import { startSynthesis } from '../local/demo/assembly.ts';
import { exampleConfigurationPath } from '../local/demo/example-configuration.ts';
import { freePorts } from '../local/demo/free-ports.ts';
import { createStops, type Stops } from '../local/demo/stops.ts';
import { unlessAborted } from '../local/demo/unless-aborted.ts';
import { type RunningCloud, startLocalCloud } from '../local/start.ts';
import { createClients, createWorld, type World } from '../local/world/index.ts';
import { numberBetween, port } from './arguments.ts';
import { isRunning, readLocalCloudFile, writeLocalCloudFile } from './endpoint.ts';
import { CannotDo, UsageError } from './failures.ts';
import { interruptible } from './interrupt.ts';
import { commandName, createOutput, type Output } from './output.ts';

interface LocalOptions {
  port?: number;
  factor: number;
  config?: string;
  json?: boolean;
}

/** Taken if they are free, so that addresses stay the same from one day to the next. */
const PREFERRED_PORTS = { endpoint: 4588, production: 8080, test: 8081 };
const FACTOR_DEFAULT = 5;

/** @param finish receives the exit code */
export function localCommand(finish: (exitCode: number) => void): Command {
  return new Command('local')
    .summary('keep a local cloud running')
    .description(
      'Starts AWS on this machine, as far as Sidestep needs it, with the service `orders` in it and Sidestep deployed.',
    )
    .option('--port <port>', `the endpoint's port; ${PREFERRED_PORTS.endpoint} or a free one if absent`, port)
    .option(
      '--factor <times>',
      `how much faster than the wall the cloud's waits pass, 1 to ${FACTOR_MAX}`,
      numberBetween(1, FACTOR_MAX),
      FACTOR_DEFAULT,
    )
    .option('--config <path>', 'the configuration; ./sidestep.yaml, or else the example, if absent')
    .option('--json', 'progress on stderr, and one JSON object on stdout once it runs')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (options: LocalOptions) => finish(await local(options)));
}

const EXAMPLES = `Examples:
  sidestep local                       then, in another terminal: sidestep push orders:v2
  sidestep local --port 4588 --factor 1
`;

async function local(options: LocalOptions): Promise<number> {
  const directory = process.cwd();
  const other = readLocalCloudFile(directory);
  if (other && isRunning(other))
    throw new CannotDo(`a local cloud runs here already: ${other.endpoint}, process ${other.pid}`);
  const output = createOutput();
  const stops = createStops();
  try {
    await interruptible(async (signal) => {
      const running = await start(options, directory, { output, signal, stops });
      announce(running, options, output);
      await aborted(signal);
    });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'Interrupted')) throw error;
  } finally {
    await stops.stop();
  }
  output.progress('stopped: the local cloud and every process that it had started');
  return 0;
}

interface Running {
  cloud: RunningCloud;
  world: World;
}

interface Start {
  output: Output;
  signal: AbortSignal;
  stops: Stops;
}

async function start(
  options: LocalOptions,
  directory: string,
  { output, signal, stops }: Start,
): Promise<Running> {
  const configurationPath = configurationOf(options, directory);
  output.progress(`synthesizing ${configurationPath} …`);
  const synthesis = startSynthesis(configurationPath);
  stops.add(() => synthesis.stop());
  const cloud = await startCloud(options, output, signal);
  stops.add(() => cloud.close());
  signal.throwIfAborted();
  const clients = createClients(cloud.clientConfiguration('sidestep-local'));
  stops.add(() => clients.close());
  const world = await createWorld(clients, { ports: await worldPorts(), roles: true });
  const assembly = await unlessAborted(signal, synthesis.directory);
  output.progress('deploying Sidestep …');
  await cloud.deploy(assembly);
  signal.throwIfAborted();
  const file = { endpoint: cloud.url, pid: process.pid, loadBalancer: world.productionUrl };
  stops.add(writeLocalCloudFile(directory, file));
  return { cloud, world };
}

/** @throws CannotDo with every problem of the file, before anything is started */
function configurationOf({ config }: LocalOptions, directory: string): string {
  const path = resolve(directory, config ?? 'sidestep.yaml');
  const isThere = existsSync(path);
  if (!isThere && config !== undefined) throw new UsageError(`--config is ${config}; there is no such file`);
  if (!isThere) return exampleConfigurationPath();
  try {
    readConfigurationFile(path);
    return path;
  } catch (cause) {
    throw new CannotDo(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function startCloud(
  { port, factor }: LocalOptions,
  output: Output,
  signal: AbortSignal,
): Promise<RunningCloud> {
  const [free] = port === undefined ? await freePorts([PREFERRED_PORTS.endpoint]) : [port];
  const onFault = (error: unknown): void => {
    // A terminal's Ctrl-C reaches every process: what fails then only ends a little sooner than it was told to.
    if (!signal.aborted)
      output.progress(
        output.paint('yellow', `local cloud: ${error instanceof Error ? error.message : error}`),
      );
  };
  try {
    return await startLocalCloud({ factor, port: free, onFault });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new CannotDo(`port ${free} is taken; give another with --port`, { cause: error });
  }
}

async function worldPorts(): Promise<{ production: number; test: number }> {
  const [production = 0, test = 0] = await freePorts([PREFERRED_PORTS.production, PREFERRED_PORTS.test]);
  return { production, test };
}

function announce({ cloud, world }: Running, { factor, json }: LocalOptions, output: Output): void {
  const file = { endpoint: cloud.url, pid: process.pid, loadBalancer: world.productionUrl };
  const lines = json ? [JSON.stringify(file)] : instructions({ cloud, world }, factor, output);
  for (const line of lines) output.result(line);
}

function instructions({ cloud, world }: Running, factor: number, output: Output): string[] {
  const aws = `aws --endpoint-url ${cloud.url}`;
  return [
    '',
    output.paint(
      'bold',
      `The local cloud runs at ${cloud.url}; its waits pass ${factor} times faster than the wall's.`,
    ),
    `The service orders answers at ${world.productionUrl}, its test listener at ${world.testUrl}.`,
    '',
    '  export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test',
    `  ${aws} ecs describe-services --cluster prod --services orders-a orders-b`,
    `  ${aws} elbv2 describe-rules --listener-arn ${world.productionListenerArn}`,
    `  ${aws} stepfunctions list-executions --state-machine-arn arn:aws:states:us-east-1:000000000000:stateMachine:sidestep-deploy`,
    `  curl -i ${world.productionUrl}/`,
    `  ${commandName()} push orders:v2`,
    '',
    'Ctrl-C stops it, and every process that it started.',
  ];
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
