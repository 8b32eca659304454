/** The resource types that the local cloud knows. */
import type { ResourceKind } from '../resource-kind.ts';
import { cloudwatchAlarm, cloudwatchDashboard } from './cloudwatch.ts';
import { dynamodbGlobalTable, dynamodbTable } from './dynamodb.ts';
import { eventsRule } from './events.ts';
import { iamManagedPolicy, iamPolicy, iamRole } from './iam.ts';
import { kmsAlias, kmsKey } from './kms.ts';
import {
  lambdaEventInvokeConfig,
  lambdaEventSourceMapping,
  lambdaFunction,
  lambdaPermission,
  lambdaUrl,
} from './lambda.ts';
import { logGroup } from './logs.ts';
import { schedule } from './scheduler.ts';
import { snsSubscription, snsTopic, snsTopicPolicy } from './sns.ts';
import { sqsQueue, sqsQueuePolicy } from './sqs.ts';
import { ssmParameter } from './ssm.ts';
import { stateMachine } from './states.ts';

const CDK_METADATA: ResourceKind = { create: async (_properties, { logicalId }) => ({ ref: logicalId }) };

const KINDS: Readonly<Record<string, ResourceKind>> = {
  'AWS::CDK::Metadata': CDK_METADATA,
  'AWS::CloudWatch::Alarm': cloudwatchAlarm,
  'AWS::CloudWatch::Dashboard': cloudwatchDashboard,
  'AWS::DynamoDB::GlobalTable': dynamodbGlobalTable,
  'AWS::DynamoDB::Table': dynamodbTable,
  'AWS::Events::Rule': eventsRule,
  'AWS::IAM::ManagedPolicy': iamManagedPolicy,
  'AWS::IAM::Policy': iamPolicy,
  'AWS::IAM::Role': iamRole,
  'AWS::KMS::Alias': kmsAlias,
  'AWS::KMS::Key': kmsKey,
  'AWS::Lambda::EventInvokeConfig': lambdaEventInvokeConfig,
  'AWS::Lambda::EventSourceMapping': lambdaEventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': lambdaPermission,
  'AWS::Lambda::Url': lambdaUrl,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::SNS::Subscription': snsSubscription,
  'AWS::SNS::Topic': snsTopic,
  'AWS::SNS::TopicPolicy': snsTopicPolicy,
  'AWS::SQS::Queue': sqsQueue,
  'AWS::SQS::QueuePolicy': sqsQueuePolicy,
  'AWS::SSM::Parameter': ssmParameter,
  'AWS::StepFunctions::StateMachine': stateMachine,
};

/** @throws Error that names the types that are known, if this one is not. */
export function kindOf(type: string): ResourceKind {
  const found = KINDS[type];
  if (found) return found;
  throw new Error(`the local cloud does not know this type; it knows ${Object.keys(KINDS).join(', ')}`);
}
