/** The SDK clients' types, for the simulators' tables of operations: types only, so that nothing is loaded. */
export type * as ApplicationAutoScalingApi from '@aws-sdk/client-application-auto-scaling';
export type * as CloudWatchApi from '@aws-sdk/client-cloudwatch';
export type * as CloudWatchLogsApi from '@aws-sdk/client-cloudwatch-logs';
export type * as DynamoDbApi from '@aws-sdk/client-dynamodb';
export type * as EcrApi from '@aws-sdk/client-ecr';
export type * as EcsApi from '@aws-sdk/client-ecs';
export type * as Elbv2Api from '@aws-sdk/client-elastic-load-balancing-v2';
export type * as EventBridgeApi from '@aws-sdk/client-eventbridge';
export type * as IamApi from '@aws-sdk/client-iam';
export type * as LambdaApi from '@aws-sdk/client-lambda';
export type * as SchedulerApi from '@aws-sdk/client-scheduler';
export type * as SfnApi from '@aws-sdk/client-sfn';
export type * as SnsApi from '@aws-sdk/client-sns';
export type * as SqsApi from '@aws-sdk/client-sqs';
export type * as SsmApi from '@aws-sdk/client-ssm';
export type * as StsApi from '@aws-sdk/client-sts';
