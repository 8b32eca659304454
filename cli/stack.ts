/** Finds a deployed Sidestep, on AWS or in the local cloud that runs here, and gives the ports that commands need. */
import { getParameter } from '../lambdas/aws/ssm-parameter.ts';
import { sts } from '../lambdas/aws/sts.ts';
import type { Log, Runtime } from '../lambdas/common/runtime.ts';
import { lambdaRuntime } from '../lambdas/common/runtime.ts';
import { clientConfiguration } from '../local/wire/in-process-handler.ts';
import { isRunning, readLocalCloudFile, requireLoopback } from './endpoint.ts';
import { CannotDo } from './failures.ts';

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
}

export interface ConnectedStack extends StackFacts {
  /** What every port of `lambdas/aws` is made with. */
  readonly runtime: Runtime;
  /** The ARN of who calls. */
  readonly caller: string;
  /** `account 123456789012, us-east-1`, or the local cloud's address: for people. */
  readonly place: string;
  readonly isLocal: boolean;
}

const quiet: Log = { info() {}, warn() {}, error() {}, append() {} };

/**
 * `--endpoint-url`, AWS_ENDPOINT_URL, the local cloud that runs in this directory, or else AWS with its usual
 * credentials and Region.
 * @throws CannotDo if there are no credentials, no Region, or no stack
 */
export async function connect({ endpointUrl, prefix = 'sidestep' }: StackOptions): Promise<ConnectedStack> {
  const endpoint = localEndpoint(endpointUrl);
  const bare = bareRuntime(endpoint);
  try {
    const { arn: caller, account, region } = await sts(bare).describeCaller();
    const place = endpoint ? `the local cloud at ${endpoint}` : `account ${account}, ${region}`;
    const facts = await readFacts(bare, `/${prefix}/stack`, place);
    return { ...facts, runtime: runtimeOf(facts, bare), caller, place, isLocal: endpoint !== undefined };
  } catch (error) {
    throw explained(error, endpoint);
  }
}

async function readFacts(runtime: Runtime, parameter: string, place: string): Promise<StackFacts> {
  const text = await getParameter(runtime, parameter);
  if (text !== undefined) return JSON.parse(text) as StackFacts;
  throw new CannotDo(
    `Sidestep is not deployed in ${place}: there is no parameter ${parameter}. Deploy the stack, or choose another Region, account or --prefix`,
  );
}

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

function explained(error: unknown, endpoint: string | undefined): unknown {
  if (!(error instanceof Error) || error instanceof CannotDo) return error;
  if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED')
    return new CannotDo(`nothing answers at ${endpoint}; is \`sidestep local\` still running?`, {
      cause: error,
    });
  if (/CredentialsProviderError|ExpiredToken|InvalidClientTokenId/.test(error.name))
    return new CannotDo(`AWS accepts no credentials: ${error.message}`, { cause: error });
  if (/Region is missing/.test(error.message))
    return new CannotDo('no Region: set AWS_REGION, or a region in your AWS profile', { cause: error });
  return error;
}
