/** Finds a deployed Sidestep, on AWS or in the local cloud that runs here, and gives the ports that commands need. */
import { getParameter } from '../lambdas/aws/ssm-parameter.ts';
import { sts } from '../lambdas/aws/sts.ts';
import type { Log, Runtime } from '../lambdas/common/runtime.ts';
import { lambdaRuntime } from '../lambdas/common/runtime.ts';
import { clientConfiguration } from '../local/wire/in-process-handler.ts';
import { isRunning, readLocalCloudFile, requireLoopback } from './endpoint.ts';
import { CannotDo } from './failures.ts';
import { commandName } from './output.ts';

export interface StackOptions {
  readonly endpointUrl?: string;
  /** The first word of the stack's names, as the construct's `prefix`. */
  readonly prefix?: string;
}

/** What the stack says of itself in its parameter. */
export interface StackFacts {
  readonly tableName: string;
  readonly stateMachineArn: string;
  readonly configurationPrefix: string;
  readonly signalFunctionName: string;
  /** Where a person's word is heard; a stack that an older version has deployed has none. */
  readonly signalUrl?: string;
  /** What the functions' log groups begin with; a stack that an older version has deployed does not say. */
  readonly logGroupPrefix?: string;
}

export interface ConnectedStack extends StackFacts {
  /** What every port of `lambdas/aws` is made with. */
  readonly runtime: Runtime;
  /** The ARN of who calls. */
  readonly caller: string;
  /** `account 123456789012, us-east-1`, or the local cloud's address: for people. */
  readonly place: string;
  readonly isLocal: boolean;
  /** The time as the stack's records have it, in milliseconds: a local cloud's may pass faster than the wall's. */
  readonly now: () => Promise<number>;
  /** A command line that a user can give to come back to this stack: `sidestep status orders --prefix shop`. */
  readonly commandLine: (...words: readonly string[]) => string;
}

/** An account in a Region, or a local cloud: with or without a stack. */
export interface ConnectedAccount {
  readonly runtime: Runtime;
  /** Twelve digits. */
  readonly account: string;
  /** As of {@link ConnectedStack}. */
  readonly place: string;
}

const quiet: Log = { info() {}, warn() {}, error() {}, append() {} };

/**
 * `--endpoint-url`, AWS_ENDPOINT_URL, the local cloud that runs in this directory, or else AWS with its usual
 * credentials and Region.
 * @throws CannotDo if there is no stack; what the calls themselves throw is for `explain.ts`
 */
export async function connect(options: StackOptions): Promise<ConnectedStack> {
  const { endpointUrl, prefix = 'sidestep' } = options;
  const endpoint = localEndpoint(endpointUrl);
  const bare = bareRuntime(endpoint);
  const port = sts(bare);
  const { arn: caller, account, region } = await port.describeCaller();
  const inAccount = `account ${account}, ${region}`;
  const place = endpoint ? `the local cloud at ${endpoint}` : inAccount;
  const parameter = `/${prefix}/stack`;
  const text = await getParameter(bare, parameter);
  if (text === undefined)
    throw new CannotDo(
      `Sidestep is not deployed in ${endpoint ? `${place} (${inAccount})` : place} with the prefix ${prefix}: there is no parameter ${parameter}. Deploy the stack (docs/deploy.md), or choose another Region (AWS_REGION), account (AWS_PROFILE) or --prefix`,
    );
  const facts = JSON.parse(text) as StackFacts;
  return {
    ...facts,
    runtime: runtimeOf(facts, bare),
    caller,
    place,
    isLocal: endpoint !== undefined,
    now: async () => (endpoint && (await port.describeCaller()).cloudMs) || bare.now(),
    commandLine: (...words) => [commandName(), ...words, ...stackWords(options)].join(' '),
  };
}

/** The same places, before there is a stack. */
export async function connectAccount({
  endpointUrl,
}: Pick<StackOptions, 'endpointUrl'>): Promise<ConnectedAccount> {
  const endpoint = localEndpoint(endpointUrl);
  const runtime = bareRuntime(endpoint);
  const { account, region } = await sts(runtime).describeCaller();
  const place = endpoint ? `the local cloud at ${endpoint}` : `account ${account}, ${region}`;
  return { runtime, account, place };
}

/** The options that lead to the same stack from anywhere. */
const stackWords = ({ endpointUrl, prefix }: StackOptions): string[] => [
  ...(endpointUrl ? ['--endpoint-url', endpointUrl] : []),
  ...(prefix ? ['--prefix', prefix] : []),
];

function localEndpoint(given: string | undefined): string | undefined {
  const url = given ?? process.env.AWS_ENDPOINT_URL;
  if (url) return requireLoopback(url);
  const file = readLocalCloudFile(process.cwd());
  return file && isRunning(file) ? requireLoopback(file.endpoint) : undefined;
}

/** Knows where to call, and nothing of a stack yet. */
function bareRuntime(endpoint: string | undefined): Runtime {
  const base = lambdaRuntime();
  const own = endpoint ? clientConfiguration(endpoint, 'sidestep') : {};
  return {
    ...base,
    log: quiet,
    // A time limit that is no longer needed must not keep the command from ending.
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
    clientConfiguration: { ...base.clientConfiguration, ...own },
  };
}

function runtimeOf(facts: StackFacts, bare: Runtime): Runtime {
  const env = {
    ...process.env,
    TABLE_NAME: facts.tableName,
    CONFIGURATION_PREFIX: facts.configurationPrefix,
    STATE_MACHINE_ARN: facts.stateMachineArn,
  };
  return { ...bare, env };
}
