/** The environment of a handler, read in this one place. */

export interface Environment {
  readonly tableName: string;
  /** The SSM path under which each service's configuration stands, with its final slash. */
  readonly configurationPrefix: string;
  readonly stateMachineArn: string;
}

/** The account that the stack is in, as a port that a handler can ask for. */
export const ownAccount = ({ env }: { readonly env: Readonly<Record<string, string | undefined>> }): string =>
  environment(env).stateMachineArn.split(':')[4] ?? '';

/** The name of another function of the stack, for the few that call one. @throws Error if the stack has not set it */
export function functionName(
  env: Readonly<Record<string, string | undefined>>,
  variable: 'CALL_CHECK_FUNCTION' | 'WAKE_FUNCTION',
): string {
  const name = env[variable];
  if (!name) throw new Error(`environment variable ${variable} is missing; the stack sets it`);
  return name;
}

/** The topic that people are told through. @throws Error if the stack has not set it */
export function topicArn({ TOPIC_ARN: arn }: Readonly<Record<string, string | undefined>>): string {
  if (!arn) throw new Error('environment variable TOPIC_ARN is missing; the stack sets it');
  return arn;
}

/** `/sidestep/deployed/`, beside the services' configurations under `/sidestep/services/`. */
export const deployedPrefix = (configurationPrefix: string): string =>
  configurationPrefix.replace(/[^/]*\/$/, 'deployed/');

/** `Sidestep/sidestep`: the namespace of a stack's metrics ends with its prefix. */
export const metricsNamespace = (configurationPrefix: string): string =>
  `Sidestep/${configurationPrefix.split('/')[1]}`;

/** Reads what a handler needs. @throws Error that names every variable that is missing. */
export function environment(env: Readonly<Record<string, string | undefined>>): Environment {
  const missing: string[] = [];
  const read = (name: string): string => {
    const value = env[name];
    if (!value) missing.push(name);
    return value ?? '';
  };
  const environment = {
    tableName: read('TABLE_NAME'),
    configurationPrefix: read('CONFIGURATION_PREFIX'),
    stateMachineArn: read('STATE_MACHINE_ARN'),
  };
  if (missing.length > 0)
    throw new Error(`environment variables are missing: ${missing.join(', ')}; the stack sets them`);
  return environment;
}
