/** The environment of a function: its own, and what Lambda adds, with credentials that name the function. */
import { LOCAL_REGION } from '../platform.ts';
import type { FunctionConfiguration } from './function-host.ts';

/**
 * All environment variables that a function sees. The access key id is the function's name: the endpoint's
 * log then tells the callers apart. Nothing of the surrounding environment, or of the user's own AWS
 * configuration files, gets in.
 */
export function functionEnvironment(
  configuration: FunctionConfiguration,
  endpointUrl: string,
): Record<string, string> {
  return {
    ...configuration.environment,
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ACCESS_KEY_ID: configuration.functionName,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_LAMBDA_FUNCTION_NAME: configuration.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroupName,
    LAMBDA_TASK_ROOT: configuration.codeDirectory,
    _HANDLER: configuration.handler,
    TZ: 'UTC',
  };
}
