/** The functions: one per handler, each with its own role and log group. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeWildcards, FOR_TRACES } from './acknowledgements.ts';
import {
  EVENT_HANDLERS,
  HANDLER_NAMES,
  HANDLER_TIMEOUTS,
  type HandlerName,
  stateName,
} from './handler-names.ts';
import { dependOnPolicyOnly } from './policy-dependency.ts';

export type Handlers = Readonly<Record<HandlerName, LambdaFunction>>;

export interface HandlersProps {
  /** Holds a directory per handler, each with index.mjs. */
  readonly codeDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Names of the functions that people call; CloudFormation names the others. */
  readonly functionNames: Partial<Readonly<Record<HandlerName, string>>>;
  /** The command line finds the log groups by it: `/sidestep/functions/verify-targets`. */
  readonly logGroupPrefix: string;
  /** Through which people are told. */
  readonly topicArn: string;
  /** Receives the events that a handler failed on for good. */
  readonly deadLetters: IQueue;
}

export function createHandlers(scope: Construct, props: HandlersProps): Handlers {
  const functions = HANDLER_NAMES.map((name) => [name, createHandler(scope, name, props)] as const);
  const handlers = Object.fromEntries(functions) as Handlers;
  handlers['tell-transitions'].addEnvironment('TOPIC_ARN', props.topicArn);
  handlers['run-checks'].addEnvironment('CALL_CHECK_FUNCTION', handlers['call-check'].functionName);
  for (const name of ['call-check', 'signal-deployment', 'sweep'] as const)
    handlers[name].addEnvironment('WAKE_FUNCTION', handlers['wake-deployment'].functionName);
  return handlers;
}

function createHandler(parent: Construct, name: HandlerName, props: HandlersProps): LambdaFunction {
  const scope = new Construct(parent, stateName(name));
  const logGroup = new LogGroup(scope, 'Logs', {
    logGroupName: `${props.logGroupPrefix}${name}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // A role of our own: the one that CDK would make may write to every log group.
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  acknowledgeWildcards(role, ['*'], FOR_TRACES);
  const handler = new LambdaFunction(scope, 'Function', {
    functionName: props.functionNames[name],
    description: `Sidestep: ${name}`,
    code: Code.fromAsset(codeOf(name, props.codeDirectory)),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 512,
    timeout: Duration.seconds(HANDLER_TIMEOUTS[name]),
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    tracing: Tracing.ACTIVE,
    environment: { ...props.environment, POWERTOOLS_SERVICE_NAME: 'sidestep' },
    ...(isCalledAsynchronously(name) && { deadLetterQueue: props.deadLetters }),
  });
  dependOnPolicyOnly(handler, role);
  return handler;
}

/** What is delivered asynchronously Lambda retries twice, and without a queue then drops. */
function isCalledAsynchronously(name: HandlerName): boolean {
  return name === 'call-check' || EVENT_HANDLERS.some((eventHandler) => eventHandler === name);
}

/** @throws Error if the handler has no bundle */
export function codeOf(name: string, codeDirectory: string): string {
  const directory = join(codeDirectory, name);
  if (existsSync(join(directory, 'index.mjs'))) return directory;
  throw new Error(
    `the handler ${name} has no code: found no ${join(directory, 'index.mjs')}; is lambdas/${name}.ts there?`,
  );
}
