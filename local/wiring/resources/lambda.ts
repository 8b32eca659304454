/** AWS::Lambda: functions whose code is an asset's directory, who may call them, and what becomes of failed events. */
import { z } from 'zod';
import { localArn } from '../../arns.ts';
import { judge } from '../iam/judge.ts';
import { flag, kind, number, perform, withoutEffect } from '../resource-kind.ts';
import type { WiringTarget } from '../target.ts';

const FUNCTION_NAME_MAX = 64;

export const lambdaFunction = kind(
  {
    FunctionName: z.string().optional(),
    Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
    Handler: z.string(),
    Runtime: z.string().regex(/^nodejs/, 'the local cloud runs Node functions'),
    Role: z.string(),
    Architectures: z.array(z.string()).default(['x86_64']),
    Environment: z
      .strictObject({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
      .optional(),
    Timeout: number.default(3),
    MemorySize: number.default(128),
    DeadLetterConfig: z.strictObject({ TargetArn: z.string() }).optional(),
    LoggingConfig: z
      .strictObject({
        LogGroup: z.string().optional(),
        LogFormat: withoutEffect,
        ApplicationLogLevel: withoutEffect,
      })
      .optional(),
    Description: withoutEffect,
    TracingConfig: withoutEffect,
    // Everything local is on one machine, and reached from everywhere.
    VpcConfig: withoutEffect,
    Tags: withoutEffect,
    // The local cloud runs any number of invocations, a few processes at a time.
    ReservedConcurrentExecutions: withoutEffect,
  },
  (properties, identity, { registerFunction }) => {
    const functionName = properties.FunctionName ?? identity.physicalName(FUNCTION_NAME_MAX);
    const functionArn = localArn('lambda', `function:${functionName}`);
    registerFunction({
      functionName,
      functionArn,
      codeDirectory: identity.assetPath(properties.Code.S3Key),
      handler: properties.Handler,
      runtime: properties.Runtime,
      architectures: properties.Architectures,
      roleArn: properties.Role,
      environment: properties.Environment?.Variables ?? {},
      timeoutSeconds: properties.Timeout,
      memoryMegabytes: properties.MemorySize,
      logGroupName: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`,
      ...(properties.DeadLetterConfig && { deadLetterArn: properties.DeadLetterConfig.TargetArn }),
    });
    return { ref: functionName, attributes: { Arn: functionArn } };
  },
);

export const lambdaPermission = kind(
  {
    FunctionName: z.string(),
    Action: z.string(),
    Principal: z.string(),
    SourceArn: z.string().optional(),
    SourceAccount: z.string().optional(),
    FunctionUrlAuthType: z.enum(['AWS_IAM']).optional(),
    InvokedViaFunctionUrl: flag.optional(),
  },
  async (properties, { logicalId }, { lambda }) => {
    await perform(lambda.AddPermission, { ...properties, StatementId: logicalId });
    return { ref: logicalId };
  },
);

export const lambdaUrl = kind(
  {
    TargetFunctionArn: z.string(),
    AuthType: z.enum(['AWS_IAM']),
    InvokeMode: z.enum(['BUFFERED']).optional(),
  },
  async ({ TargetFunctionArn, AuthType, InvokeMode }, _identity, { lambda }) => {
    const { FunctionUrl = '', FunctionArn = '' } = await perform(lambda.CreateFunctionUrlConfig, {
      FunctionName: TargetFunctionArn,
      AuthType,
      InvokeMode,
    });
    return { ref: FunctionArn, attributes: { FunctionUrl, FunctionArn } };
  },
);

const destination = z.strictObject({ Destination: z.string() }).optional();

export const lambdaEventInvokeConfig = kind(
  {
    FunctionName: z.string(),
    Qualifier: z.string(),
    MaximumRetryAttempts: number.optional(),
    MaximumEventAgeInSeconds: number.optional(),
    DestinationConfig: z.strictObject({ OnFailure: destination, OnSuccess: destination }).optional(),
  },
  async (properties, { logicalId }, { lambda }) => {
    await perform(lambda.PutFunctionEventInvokeConfig, properties);
    return { ref: logicalId };
  },
);

/** What Lambda asks of a function's role before it follows a stream in its name. */
const STREAM_ACTIONS = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];

export const lambdaEventSourceMapping = kind(
  {
    FunctionName: z.string(),
    EventSourceArn: z.string(),
    StartingPosition: z.enum(['LATEST', 'TRIM_HORIZON']),
    BatchSize: number.optional(),
    MaximumBatchingWindowInSeconds: number.optional(),
    MaximumRetryAttempts: number.optional(),
    MaximumRecordAgeInSeconds: number.optional(),
    ParallelizationFactor: number.optional(),
    BisectBatchOnFunctionError: flag.optional(),
    Enabled: flag.optional(),
    FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
    FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).optional(),
    DestinationConfig: z.strictObject({ OnFailure: destination }).optional(),
    Tags: withoutEffect,
  },
  async ({ Tags: _, ...properties }, _identity, target) => {
    await requireStreamAccess(properties, target);
    const { UUID = '' } = await perform(target.lambda.CreateEventSourceMapping, properties);
    return { ref: UUID, attributes: { Id: UUID } };
  },
);

/** Lambda refuses a mapping that the function's role does not allow, and its destination too. */
async function requireStreamAccess(
  {
    FunctionName,
    EventSourceArn,
    DestinationConfig,
  }: {
    FunctionName: string;
    EventSourceArn: string;
    DestinationConfig?: { OnFailure?: { Destination: string } | undefined } | undefined;
  },
  { lambda, roles }: WiringTarget,
): Promise<void> {
  const { Role = '' } = await perform(lambda.GetFunctionConfiguration, { FunctionName });
  const statements = roles.find(Role)?.statements ?? [];
  const queueArn = DestinationConfig?.OnFailure?.Destination;
  const needed = [
    ...STREAM_ACTIONS.map((name) => ({ action: `dynamodb:${name}`, resources: [EventSourceArn] })),
    ...(queueArn === undefined ? [] : [{ action: 'sqs:SendMessage', resources: [queueArn] }]),
  ];
  const missing = needed.filter((one) => !judge(statements, { ...one, context: {} }).allowed);
  if (missing.length === 0) return;
  const actions = missing.map(({ action }) => action).join(', ');
  throw new Error(`the role of ${FunctionName} does not allow ${actions}, which its mapping needs`);
}
