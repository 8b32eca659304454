/** What IAM asks of a caller for each AWS call: actions, and the resources and condition keys that they are judged by. */
import { localArn } from '../../arns.ts';
import { LOCAL_ACCOUNT } from '../../platform.ts';

/** One action that the caller must be allowed. */
export interface Requirement {
  /** `dynamodb:PutItem` */
  action: string;
  /** Each of them must be allowed; `*` stands for an action that knows no resources, undefined for one not told by the call. */
  resources: readonly string[] | undefined;
  /** Condition keys that the call has values for. */
  context: Readonly<Record<string, readonly string[]>>;
  /** How condition keys begin that only the service could tell, not the call: they count as met. */
  untold?: string;
}

/** A call's input as far as requirements read it; whatever else it has is of no account. */
type Input = Readonly<Record<string, unknown>>;

interface CallToJudge {
  /** Credential scope. */
  service: string;
  operation: string;
  input: unknown;
}

/** Everything that a role's policies must allow for this call. */
export function requirementsOf({ service, operation, input }: CallToJudge): Requirement[] {
  const given = (input ?? {}) as Input;
  const special = SPECIAL[`${service}:${operation}`];
  if (special) return special(given);
  const prefix = IAM_PREFIXES[service] ?? service;
  const resources = RESOURCES[service]?.(given, operation);
  return [{ action: `${prefix}:${operation}`, resources, context: contextOf(service, given) }];
}

const IAM_PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : []);
const list = (value: unknown): Input[] => (Array.isArray(value) ? (value as Input[]) : []);
const isArn = (name: string): boolean => name.startsWith('arn:');
const arnOr = (name: string, make: (name: string) => string): string => (isArn(name) ? name : make(name));

/** The resources of a service's calls, by credential scope. */
const RESOURCES: Readonly<Record<string, (input: Input, operation: string) => string[] | undefined>> = {
  // A target is named by an id that AWS makes: the call does not tell it.
  'application-autoscaling': (_, operation) => (operation.startsWith('Describe') ? ['*'] : undefined),
  dynamodb: ({ TableName }) => [tableArn(TableName)],
  ecr: ({ repositoryName, registryId }) => [
    localArn('ecr', `repository/${text(repositoryName)}`).replace(
      LOCAL_ACCOUNT,
      text(registryId) || LOCAL_ACCOUNT,
    ),
  ],
  ecs: ecsResources,
  elasticloadbalancing: (input, operation) => {
    if (operation.startsWith('Describe')) return ['*'];
    const named = [input.RuleArn, input.ListenerArn, input.TargetGroupArn, input.LoadBalancerArn].map(text);
    return named.filter((arn) => arn !== '');
  },
  events: () => [localArn('events', 'event-bus/default')],
  logs: ({ logGroupName, logStreamName }) => [
    localArn('logs', `log-group:${text(logGroupName)}:log-stream:${text(logStreamName)}`),
  ],
  sns: ({ TopicArn }) => [text(TopicArn)],
  ssm: ({ Name, Names, Path }) =>
    [...[Name, Path].map(text), ...texts(Names)].filter(Boolean).map(parameterArn),
  // A task token names no machine: only the service itself could tell which one it belongs to.
  states: ({ stateMachineArn, executionArn }) => {
    const named = text(stateMachineArn) || text(executionArn);
    return named === '' ? undefined : [named];
  },
};

const tableArn = (name: unknown): string =>
  arnOr(text(name), (table) => localArn('dynamodb', `table/${table}`));
const parameterArn = (name: string): string => localArn('ssm', `parameter/${name.replace(/^\/|\/$/g, '')}`);
const clusterArn = (cluster: unknown): string =>
  arnOr(text(cluster) || 'default', (name) => localArn('ecs', `cluster/${name}`));

function ecsResources(input: Input, operation: string): string[] | undefined {
  const cluster = clusterArn(input.cluster).split('/').at(-1);
  const named = (kind: string, names: string[]) =>
    names.map((name) => arnOr(name, () => localArn('ecs', `${kind}/${cluster}/${name}`)));
  switch (operation) {
    case 'DescribeServices':
      return named('service', texts(input.services));
    case 'ListServiceDeployments':
    case 'UpdateService':
    case 'DeleteService':
      return named('service', [text(input.service)]);
    case 'DescribeTasks':
      return named('task', texts(input.tasks));
    case 'DescribeServiceDeployments':
      return texts(input.serviceDeploymentArns);
    case 'DescribeServiceRevisions':
      return texts(input.serviceRevisionArns);
    case 'StopServiceDeployment':
    case 'ContinueServiceDeployment':
      return [text(input.serviceDeploymentArn)];
    case 'StopTask':
      return named('task', [text(input.task)]);
    default:
      return ['*'];
  }
}

function contextOf(service: string, { cluster, Entries }: Input): Requirement['context'] {
  if (service === 'events') return { 'events:source': list(Entries).map(({ Source }) => text(Source)) };
  return service === 'ecs' ? { 'ecs:cluster': [clusterArn(cluster)] } : {};
}

/** Calls that need other actions than their own name's. */
const SPECIAL: Readonly<Record<string, (input: Input) => Requirement[]>> = {
  'dynamodb:TransactWriteItems': ({ TransactItems }) => transactRequirements(TransactItems),
  'dynamodb:TransactGetItems': ({ TransactItems }) => transactRequirements(TransactItems),
  'lambda:Invoke': ({ FunctionName }) => [
    {
      action: 'lambda:InvokeFunction',
      resources: [arnOr(text(FunctionName), (name) => localArn('lambda', `function:${name}`))],
      context: { 'lambda:InvokedViaFunctionUrl': ['false'] },
    },
  ],
  // Both, since October 2025; the second is asked with the condition that the URL was called.
  'lambda:InvokeFunctionUrl': ({ FunctionName }) => {
    const resources = [localArn('lambda', `function:${text(FunctionName)}`)];
    const context = {
      'lambda:FunctionUrlAuthType': ['AWS_IAM'],
      'lambda:InvokedViaFunctionUrl': ['true'],
    };
    return ['InvokeFunctionUrl', 'InvokeFunction'].map((verb) => ({
      action: `lambda:${verb}`,
      resources,
      context,
    }));
  },
  'application-autoscaling:RegisterScalableTarget': scalableTargetRequirements,
  'ecs:RegisterTaskDefinition': registerRequirements,
  'ecs:RunTask': runTaskRequirements,
  'ecs:StopTask': (input) => [
    {
      action: 'ecs:StopTask',
      resources: ecsResources(input, 'StopTask'),
      context: contextOf('ecs', input),
      untold: 'aws:ResourceTag/',
    },
  ],
};

const ACTION_OF_PART: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

function transactRequirements(items: unknown): Requirement[] {
  return list(items).flatMap((item) =>
    Object.entries(item)
      .filter(([, part]) => part !== undefined)
      .map(([kind, part]) => ({
        action: `dynamodb:${ACTION_OF_PART[kind] ?? kind}`,
        resources: [tableArn((part as Input).TableName)],
        context: {},
      })),
  );
}

/** Who registers a target must be allowed what scaling will do to the service. */
function scalableTargetRequirements(input: Input): Requirement[] {
  const [, cluster = '', service = ''] = text(input.ResourceId).split('/');
  const context = {
    'application-autoscaling:service-namespace': [text(input.ServiceNamespace)],
    'application-autoscaling:scalable-dimension': [text(input.ScalableDimension)],
  };
  const onService = (operation: string): Requirement => ({
    action: `ecs:${operation}`,
    resources: [localArn('ecs', `service/${cluster}/${service}`)],
    context: contextOf('ecs', { cluster }),
  });
  return [
    { action: 'application-autoscaling:RegisterScalableTarget', resources: undefined, context },
    onService('DescribeServices'),
    onService('UpdateService'),
  ];
}

/** Registering passes the definition's roles on, and tags what it creates. */
function registerRequirements({ family, taskRoleArn, executionRoleArn, tags }: Input): Requirement[] {
  const roles = [taskRoleArn, executionRoleArn].map(text).filter(Boolean).map(roleArn);
  const context = { 'iam:PassedToService': ['ecs-tasks.amazonaws.com'] };
  const passes = roles.map((arn) => ({ action: 'iam:PassRole', resources: [arn], context }));
  const register: Requirement = { action: 'ecs:RegisterTaskDefinition', resources: ['*'], context: {} };
  if (list(tags).length === 0) return [register, ...passes];
  const tag: Requirement = {
    action: 'ecs:TagResource',
    resources: [localArn('ecs', `task-definition/${text(family)}:*`)],
    context: { 'ecs:CreateAction': ['RegisterTaskDefinition'] },
  };
  return [register, ...passes, tag];
}

/** Which roles the definition has, the call does not tell; nor its revision, if it names a family. */
function runTaskRequirements({ cluster, taskDefinition, tags }: Input): Requirement[] {
  const named = arnOr(text(taskDefinition), (name) => localArn('ecs', `task-definition/${name}`));
  const run: Requirement = {
    action: 'ecs:RunTask',
    resources: [/:\d+$/.test(named) ? named : `${named}:1`],
    context: contextOf('ecs', { cluster }),
  };
  const pass: Requirement = {
    action: 'iam:PassRole',
    resources: undefined,
    context: { 'iam:PassedToService': ['ecs-tasks.amazonaws.com'] },
  };
  if (list(tags).length === 0) return [run, pass];
  const tag: Requirement = {
    action: 'ecs:TagResource',
    resources: [clusterArn(cluster).replace(':cluster/', ':task/').concat('/*')],
    context: { 'ecs:CreateAction': ['RunTask'] },
  };
  return [run, pass, tag];
}

const roleArn = (nameOrArn: string): string =>
  arnOr(nameOrArn, (name) => `arn:aws:iam::${LOCAL_ACCOUNT}:role/${name}`);
