/** The services of the local cloud, by credential scope: their SDK packages, protocols and names on the wire. */

export type ProtocolName = 'json' | 'query' | 'rest' | 'cbor';

export interface ServiceDescription {
  /** The service's name as its documentation writes it. */
  readonly title: string;
  /** Loads the SDK client package; only registered services pay for it. */
  readonly load: () => Promise<object>;
  /** What a client may speak; a request's own marks say which. */
  readonly protocols: readonly ProtocolName[];
  /** What stands before the operation's name in `x-amz-target`, or in the path of rpc-v2-cbor. */
  readonly target?: string;
  readonly jsonVersion?: '1.0' | '1.1';
  readonly xmlNamespace?: string;
  /** Few ask it, and its model takes a while to read: that waits until somebody does. */
  readonly isRare?: boolean;
  /** The codes with which the service refuses an input: one that lacks or has a member too many, and one of a wrong type. */
  readonly refusals: { readonly invalid: string; readonly malformed: string };
}

/** The newest botocore may send CBOR where the SDK sends JSON. */
const JSON_AND_CBOR: readonly ProtocolName[] = ['json', 'cbor'];
const VALIDATION = { invalid: 'ValidationException', malformed: 'SerializationException' };
const PARAMETER = { invalid: 'InvalidParameterException', malformed: 'SerializationException' };
const QUERY = { invalid: 'ValidationError', malformed: 'ValidationError' };

export const SERVICES = {
  'application-autoscaling': {
    title: 'Application Auto Scaling',
    load: () => import('@aws-sdk/client-application-auto-scaling'),
    protocols: JSON_AND_CBOR,
    target: 'AnyScaleFrontendService',
    jsonVersion: '1.1',
    refusals: VALIDATION,
  },
  dynamodb: {
    title: 'DynamoDB',
    load: () => import('@aws-sdk/client-dynamodb'),
    protocols: JSON_AND_CBOR,
    target: 'DynamoDB_20120810',
    jsonVersion: '1.0',
    refusals: VALIDATION,
  },
  ecr: {
    title: 'ECR',
    load: () => import('@aws-sdk/client-ecr'),
    protocols: JSON_AND_CBOR,
    target: 'AmazonEC2ContainerRegistry_V20150921',
    jsonVersion: '1.1',
    refusals: PARAMETER,
  },
  ecs: {
    title: 'ECS',
    load: () => import('@aws-sdk/client-ecs'),
    protocols: JSON_AND_CBOR,
    target: 'AmazonEC2ContainerServiceV20141113',
    jsonVersion: '1.1',
    refusals: PARAMETER,
  },
  elasticloadbalancing: {
    title: 'Elastic Load Balancing v2',
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
    protocols: ['query'],
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    refusals: QUERY,
  },
  events: {
    title: 'EventBridge',
    load: () => import('@aws-sdk/client-eventbridge'),
    protocols: JSON_AND_CBOR,
    target: 'AWSEvents',
    jsonVersion: '1.1',
    refusals: VALIDATION,
  },
  iam: {
    title: 'IAM',
    load: () => import('@aws-sdk/client-iam'),
    protocols: ['query'],
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    isRare: true,
    refusals: QUERY,
  },
  lambda: {
    title: 'Lambda',
    load: () => import('@aws-sdk/client-lambda'),
    protocols: ['rest'],
    refusals: { invalid: 'InvalidParameterValueException', malformed: 'InvalidRequestContentException' },
  },
  logs: {
    title: 'CloudWatch Logs',
    load: () => import('@aws-sdk/client-cloudwatch-logs'),
    protocols: JSON_AND_CBOR,
    target: 'Logs_20140328',
    jsonVersion: '1.1',
    refusals: PARAMETER,
  },
  monitoring: {
    title: 'CloudWatch',
    load: () => import('@aws-sdk/client-cloudwatch'),
    // Old clients speak forms.
    protocols: [...JSON_AND_CBOR, 'query'],
    target: 'GraniteServiceVersion20100801',
    jsonVersion: '1.0',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    refusals: { invalid: 'InvalidParameterValueException', malformed: 'InvalidParameterValueException' },
  },
  scheduler: {
    title: 'EventBridge Scheduler',
    load: () => import('@aws-sdk/client-scheduler'),
    protocols: ['rest'],
    refusals: VALIDATION,
  },
  sns: {
    title: 'SNS',
    load: () => import('@aws-sdk/client-sns'),
    protocols: ['query'],
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    refusals: { invalid: 'InvalidParameterException', malformed: 'InvalidParameterException' },
  },
  sqs: {
    title: 'SQS',
    load: () => import('@aws-sdk/client-sqs'),
    protocols: [...JSON_AND_CBOR, 'query'],
    target: 'AmazonSQS',
    jsonVersion: '1.0',
    xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
    refusals: { invalid: 'InvalidParameterValue', malformed: 'InvalidParameterValue' },
  },
  ssm: {
    title: 'Systems Manager',
    load: () => import('@aws-sdk/client-ssm'),
    protocols: JSON_AND_CBOR,
    target: 'AmazonSSM',
    jsonVersion: '1.1',
    refusals: VALIDATION,
  },
  states: {
    title: 'Step Functions',
    load: () => import('@aws-sdk/client-sfn'),
    protocols: JSON_AND_CBOR,
    target: 'AWSStepFunctions',
    jsonVersion: '1.0',
    refusals: VALIDATION,
  },
  sts: {
    title: 'STS',
    load: () => import('@aws-sdk/client-sts'),
    protocols: ['query'],
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    refusals: QUERY,
  },
} as const satisfies Record<string, ServiceDescription>;

/** A credential scope's service: `ecs`, `elasticloadbalancing`, `states` … */
export type ServiceScope = keyof typeof SERVICES;

export function isServiceScope(scope: string): scope is ServiceScope {
  return Object.hasOwn(SERVICES, scope);
}
