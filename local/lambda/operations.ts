/** Lambda's API, as far as the local cloud has it. */
import { createHash } from 'node:crypto';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { LambdaApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import type { InvocationResult } from './function-host.ts';
import type { AsyncSettings, FunctionRegistry, Permission, RegisteredFunction } from './function-registry.ts';
import { urlOf } from './function-url.ts';

export interface InvocationPorts {
  /** Invokes and waits. */
  run(target: RegisteredFunction, event: unknown): Promise<InvocationResult>;
  /** Accepts for later. */
  accept(target: RegisteredFunction, event: unknown): void;
  now(): number;
}

export function lambdaOperations(
  registry: FunctionRegistry,
  ports: InvocationPorts,
): Operations<typeof LambdaApi> {
  return {
    Invoke: (input) => invoke(registry.find(required(input.FunctionName)), input, ports),
    GetFunction: ({ FunctionName }) => {
      const found = registry.find(required(FunctionName));
      return { Configuration: describe(found), Code: { RepositoryType: 'S3' }, Tags: {} };
    },
    GetFunctionConfiguration: ({ FunctionName }) => describe(registry.find(required(FunctionName))),
    ListFunctions: () => ({ Functions: registry.all().map(describe) }),
    PutFunctionEventInvokeConfig: (input) => putAsyncSettings(registry, input),
    GetFunctionEventInvokeConfig: ({ FunctionName }) => describeAsync(registry.find(required(FunctionName))),
    CreateFunctionUrlConfig: (input) => createUrl(registry, input, ports.now()),
    GetFunctionUrlConfig: ({ FunctionName }) => describeUrl(registry.find(required(FunctionName))),
    AddPermission: (input) => addPermission(registry, input),
    GetPolicy: ({ FunctionName }) => ({ Policy: policyOf(registry.find(required(FunctionName))) }),
  };
}

const required = (functionName: string | undefined): string => functionName ?? '';

async function invoke(
  target: RegisteredFunction,
  input: LambdaApi.InvokeCommandInput,
  ports: InvocationPorts,
): Promise<Omit<LambdaApi.InvokeCommandOutput, '$metadata'>> {
  refuseMembers('Invoke', input, ['ClientContext', 'DurableExecutionName', 'TenantId']);
  if (input.LogType === 'Tail') throw notImplemented('Invoke with LogType Tail');
  refuseQualifier(input.Qualifier, target);
  const event = parsePayload(input.Payload as Uint8Array | undefined);
  switch (input.InvocationType ?? 'RequestResponse') {
    case 'DryRun':
      return { StatusCode: 204 };
    case 'Event':
      ports.accept(target, event);
      return { StatusCode: 202 };
    default:
      return asOutput(await ports.run(target, event));
  }
}

function refuseQualifier(qualifier: string | undefined, { description }: RegisteredFunction): void {
  if (qualifier === undefined || qualifier === '$LATEST') return;
  throw new AwsError(
    'ResourceNotFoundException',
    `Function not found: ${description.functionArn}:${qualifier}`,
  );
}

function parsePayload(payload: Uint8Array | undefined): unknown {
  const text = Buffer.from(payload ?? []).toString('utf8');
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = `Could not parse request body into json: ${error instanceof Error ? error.message : error}`;
    throw new AwsError('InvalidRequestContentException', message);
  }
}

function asOutput(result: InvocationResult): Omit<LambdaApi.InvokeCommandOutput, '$metadata'> {
  const failed = 'error' in result;
  const payload = Buffer.from(JSON.stringify(failed ? result.error : result.payload));
  return {
    StatusCode: 200,
    ExecutedVersion: '$LATEST',
    ...(failed && { FunctionError: 'Unhandled' }),
    Payload: payload as unknown as LambdaApi.InvokeCommandOutput['Payload'],
  };
}

function describe({ description, lastModifiedMs }: RegisteredFunction): LambdaApi.FunctionConfiguration {
  return {
    FunctionName: description.functionName,
    FunctionArn: description.functionArn,
    Runtime: description.runtime as LambdaApi.Runtime,
    Role: description.roleArn,
    Handler: description.handler,
    Timeout: description.timeoutSeconds,
    MemorySize: description.memoryMegabytes,
    LastModified: new Date(lastModifiedMs).toISOString().replace('Z', '+0000'),
    CodeSize: 0,
    CodeSha256: createHash('sha256').update(description.codeDirectory).digest('base64'),
    Version: '$LATEST',
    Environment: { Variables: { ...description.environment } },
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [...description.architectures] as LambdaApi.Architecture[],
    LoggingConfig: { LogFormat: 'Text', LogGroup: description.logGroupName },
    ...(description.deadLetterArn && { DeadLetterConfig: { TargetArn: description.deadLetterArn } }),
  };
}

function putAsyncSettings(
  registry: FunctionRegistry,
  input: LambdaApi.PutFunctionEventInvokeConfigCommandInput,
) {
  const target = registry.find(required(input.FunctionName));
  refuseQualifier(input.Qualifier, target);
  const settings: AsyncSettings = {
    retryAttemptsMax: input.MaximumRetryAttempts ?? 2,
    eventAgeSecondsMax: input.MaximumEventAgeInSeconds ?? 6 * 3600,
    onFailureArn: input.DestinationConfig?.OnFailure?.Destination,
    onSuccessArn: input.DestinationConfig?.OnSuccess?.Destination,
  };
  target.asyncSettings = settings;
  return describeAsync(target);
}

function describeAsync({ description, asyncSettings }: RegisteredFunction) {
  const { retryAttemptsMax, eventAgeSecondsMax, onFailureArn, onSuccessArn } = asyncSettings;
  return {
    FunctionArn: `${description.functionArn}:$LATEST`,
    MaximumRetryAttempts: retryAttemptsMax,
    MaximumEventAgeInSeconds: eventAgeSecondsMax,
    DestinationConfig: { OnFailure: { Destination: onFailureArn }, OnSuccess: { Destination: onSuccessArn } },
  };
}

function addPermission(registry: FunctionRegistry, input: LambdaApi.AddPermissionCommandInput) {
  refuseMembers('AddPermission', input, ['EventSourceToken', 'PrincipalOrgID', 'RevisionId']);
  const target = registry.find(required(input.FunctionName));
  const statementId = input.StatementId ?? '';
  if (target.permissions.some((permission) => permission.statementId === statementId)) {
    throw new AwsError(
      'ResourceConflictException',
      `The statement id (${statementId}) provided already exists.`,
    );
  }
  const permission = {
    statementId,
    action: input.Action ?? '',
    principal: input.Principal ?? '',
    sourceArn: input.SourceArn,
    conditions: {
      ...(input.FunctionUrlAuthType && { 'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType }),
      ...(input.InvokedViaFunctionUrl && { 'lambda:InvokedViaFunctionUrl': 'true' }),
    },
  };
  target.permissions.push(permission);
  return { Statement: JSON.stringify(statementOf(target, permission)) };
}

function policyOf(target: RegisteredFunction): string {
  if (target.permissions.length === 0) {
    throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
  }
  const statements = target.permissions.map((permission) => statementOf(target, permission));
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
}

function statementOf(
  { description }: RegisteredFunction,
  permission: RegisteredFunction['permissions'][number],
) {
  return {
    Sid: permission.statementId,
    Effect: 'Allow',
    Principal: permission.principal.includes('.amazonaws.com')
      ? { Service: permission.principal }
      : { AWS: permission.principal },
    Action: permission.action,
    Resource: description.functionArn,
    ...conditionOf(permission),
  };
}

function conditionOf({ sourceArn, conditions = {} }: Permission): { Condition?: object } {
  const operators = {
    ...(sourceArn && { ArnLike: { 'AWS:SourceArn': sourceArn } }),
    ...(Object.keys(conditions).length > 0 && { StringEquals: conditions }),
  };
  return Object.keys(operators).length > 0 ? { Condition: operators } : {};
}

function createUrl(
  registry: FunctionRegistry,
  input: LambdaApi.CreateFunctionUrlConfigCommandInput,
  nowMs: number,
): Omit<LambdaApi.CreateFunctionUrlConfigCommandOutput, '$metadata'> {
  refuseMembers('CreateFunctionUrlConfig', input, ['Cors']);
  if (input.AuthType !== 'AWS_IAM') throw notImplemented(`a function URL with AuthType ${input.AuthType}`);
  if (input.InvokeMode === 'RESPONSE_STREAM') throw notImplemented('a function URL that streams');
  const target = registry.find(required(input.FunctionName));
  refuseQualifier(input.Qualifier, target);
  if (target.url) {
    throw new AwsError(
      'ResourceConflictException',
      `Failed to create function url config for [functionArn = ${target.description.functionArn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    );
  }
  target.url = { createdAtMs: nowMs };
  return describeUrl(target);
}

function describeUrl({ description, url }: RegisteredFunction) {
  if (!url) {
    throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
  }
  const createdAt = new Date(url.createdAtMs).toISOString();
  return {
    FunctionUrl: urlOf(description.functionName),
    FunctionArn: description.functionArn,
    AuthType: 'AWS_IAM' as const,
    InvokeMode: 'BUFFERED' as const,
    CreationTime: createdAt,
    LastModifiedTime: createdAt,
  };
}
