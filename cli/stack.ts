/** Finds a deployed Sidestep, on AWS or in the local cloud that runs here, and gives the ports that commands need. */
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
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
  const configuration = endpoint ? clientConfiguration(endpoint, 'sidestep') : {};
  const parameter = `/${prefix}/stack`;
  try {
    const identity = await new STSClient(configuration).send(new GetCallerIdentityCommand({}));
    const ssm = new SSMClient(configuration);
    const region = await ssm.config.region();
    const place = endpoint ? `the local cloud at ${endpoint}` : `account ${identity.Account}, ${region}`;
    const { Parameter } = await ssm
      .send(new GetParameterCommand({ Name: parameter }))
      .catch(notDeployed(place));
    const facts = JSON.parse(Parameter?.Value ?? '{}') as StackFacts;
    return {
      ...facts,
      runtime: runtimeOf(facts, configuration),
      caller: identity.Arn ?? '',
      place,
      isLocal: endpoint !== undefined,
    };
  } catch (error) {
    throw explained(error, endpoint);
  }

  function notDeployed(place: string) {
    return (error: unknown): never => {
      if (!(error instanceof ParameterNotFound)) throw error;
      throw new CannotDo(
        `Sidestep is not deployed in ${place}: there is no parameter ${parameter}. Deploy the stack, or choose another Region, account or --prefix`,
      );
    };
  }
}

function localEndpoint(given: string | undefined): string | undefined {
  const url = given ?? process.env.AWS_ENDPOINT_URL;
  if (url) return requireLoopback(url);
  const file = readLocalCloudFile(process.cwd());
  return file && isRunning(file) ? requireLoopback(file.endpoint) : undefined;
}

function runtimeOf(facts: StackFacts, configuration: Record<string, unknown>): Runtime {
  const env = {
    ...process.env,
    TABLE_NAME: facts.tableName,
    CONFIGURATION_PREFIX: facts.configurationPrefix,
    STATE_MACHINE_ARN: facts.stateMachineArn,
  };
  const base = lambdaRuntime();
  return { ...base, env, log: quiet, clientConfiguration: { ...base.clientConfiguration, ...configuration } };
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
