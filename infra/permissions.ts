/** What each handler may do: a table from handlers to permissions, read as the security review reads it. */
import { SERVICE_TAG } from '../lambdas/common/task-group.ts';
import type { HandlerName } from './handler-names.ts';
import type { ServiceReach, StackReach } from './reach.ts';

/** One statement of a policy. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Why a resource has a wildcard. */
  readonly because?: string;
}

/** What a permission gives once for the stack, or once for every service that is added. */
export type Permission =
  | { readonly onStack: (reach: StackReach) => Grant }
  | { readonly onService: (reach: ServiceReach) => Grant };

const items = (...verbs: readonly string[]): Permission => ({
  onStack: ({ tableArn }) => ({ actions: verbs.map((verb) => `dynamodb:${verb}`), resources: [tableArn] }),
});

const listConfigurations: Permission = {
  onStack: ({ configurationArns }) => ({
    actions: ['ssm:GetParametersByPath'],
    resources: configurationArns,
    because: 'A listing names the path, below which services are added and removed.',
  }),
};

const readConfiguration: Permission = {
  onStack: ({ configurationArns }) => ({
    actions: ['ssm:GetParameters'],
    resources: configurationArns,
    because: 'A service is added or removed without a change of this role.',
  }),
};

const startExecution: Permission = {
  onStack: ({ stateMachineArn }) => ({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
};

const describeExecution: Permission = {
  onStack: ({ executionArns }) => ({
    actions: ['states:DescribeExecution'],
    resources: [executionArns],
    because: 'Every execution of this machine may be the holder of a lock.',
  }),
};

const answerWaits: Permission = {
  onStack: ({ stateMachineArn }) => ({
    actions: ['states:SendTaskSuccess', 'states:SendTaskFailure'],
    resources: [stateMachineArn],
  }),
};

const readImages: Permission = {
  onService: ({ repositoryArns }) => ({
    actions: ['ecr:DescribeImages'],
    resources: repositoryArns,
  }),
};

const readScans: Permission = {
  onService: ({ scannedRepositoryArns }) => ({
    actions: ['ecr:DescribeImages', 'ecr:DescribeImageScanFindings', 'ecr:BatchGetImage'],
    resources: scannedRepositoryArns,
  }),
};

const readSignatures: Permission = {
  onService: ({ signedRepositoryArns }) => ({
    actions: ['ecr:DescribeImageSigningStatus'],
    resources: signedRepositoryArns,
  }),
};

const describeServices: Permission = {
  onService: ({ ecsServiceArns }) => ({ actions: ['ecs:DescribeServices'], resources: ecsServiceArns }),
};

const updateServices: Permission = {
  onService: ({ ecsServiceArns }) => ({ actions: ['ecs:UpdateService'], resources: ecsServiceArns }),
};

const listServiceDeployments: Permission = {
  onService: ({ ecsServiceArns, serviceDeploymentArns }) => ({
    actions: ['ecs:ListServiceDeployments'],
    resources: serviceDeploymentArns.length > 0 ? ecsServiceArns : [],
  }),
};

const onServiceDeployments = (...actions: readonly string[]): Permission => ({
  onService: ({ serviceDeploymentArns }) => ({
    actions: actions.map((action) => `ecs:${action}ServiceDeployment`),
    resources: serviceDeploymentArns,
    because: 'A service deployment has an id that ECS makes when it begins.',
  }),
});

const describeServiceDeployments: Permission = {
  onService: ({ serviceDeploymentArns }) => ({
    actions: ['ecs:DescribeServiceDeployments'],
    resources: serviceDeploymentArns,
    because: 'A service deployment has an id that ECS makes when it begins.',
  }),
};

const describeServiceRevisions: Permission = {
  onService: ({ serviceRevisionArns }) => ({
    actions: ['ecs:DescribeServiceRevisions'],
    resources: serviceRevisionArns,
    because: 'A service revision has an id that ECS makes when a deployment begins.',
  }),
};

const describeTasks: Permission = {
  onService: ({ taskArns, clusterArns }) => ({
    actions: ['ecs:DescribeTasks'],
    resources: taskArns,
    conditions: { ArnEquals: { 'ecs:cluster': clusterArns } },
    because: 'A task is named by its id, which is made when it starts.',
  }),
};

const listTasks: Permission = {
  onService: ({ clusterArns }) => ({
    actions: ['ecs:ListTasks'],
    resources: ['*'],
    conditions: { ArnEquals: { 'ecs:cluster': clusterArns } },
    because:
      'ListTasks knows no resource but container instances, which Fargate has not: the condition narrows it.',
  }),
};

const describeTaskDefinition: Permission = {
  onStack: () => ({
    actions: ['ecs:DescribeTaskDefinition'],
    resources: ['*'],
    because: 'ECS checks DescribeTaskDefinition against no resource.',
  }),
};

const registerTaskDefinition: Permission = {
  onStack: () => ({
    actions: ['ecs:RegisterTaskDefinition'],
    resources: ['*'],
    because: 'ECS checks it against no resource; what a new revision may do is limited by iam:PassRole.',
  }),
};

const tagNewTaskDefinition: Permission = {
  onStack: ({ taskDefinitionArns }) => ({
    actions: ['ecs:TagResource'],
    resources: [taskDefinitionArns],
    conditions: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
    because: 'The new revision has no number yet; the condition allows tags only while it is registered.',
  }),
};

const passRoles: Permission = {
  onService: ({ roleArns }) => ({
    actions: ['iam:PassRole'],
    resources: roleArns,
    conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  }),
};

/** Runs a task, tags it as it starts, and passes its definition's roles on. */
const runTasks = (of: 'migration' | 'check', because: string): readonly Permission[] => [
  {
    onService: (reach) => ({
      actions: ['ecs:RunTask'],
      resources: reach[`${of}DefinitionArns`],
      conditions: { ArnEquals: { 'ecs:cluster': reach.clusterArns } },
      because,
    }),
  },
  {
    onService: (reach) => ({
      actions: ['ecs:TagResource'],
      resources: reach.oneOffTaskArns,
      conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
      because: 'The new task has no id yet; the condition allows tags only while it is started.',
    }),
  },
  {
    onService: (reach) => ({
      actions: ['iam:PassRole'],
      resources: reach[`${of}RoleArns`],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
  },
];

/** Only tasks that Sidestep started for the service: the tag says so. */
const stopOwnTasks: Permission = {
  onService: ({ name, oneOffTaskArns }) => ({
    actions: ['ecs:StopTask'],
    resources: oneOffTaskArns,
    conditions: { StringEquals: { [`aws:ResourceTag/${SERVICE_TAG}`]: name } },
    because: 'A task is named by its id, which is made when it starts; its tag narrows it to those of ours.',
  }),
};

const invoke = (of: 'callCheckArn' | 'wakeDeploymentArn'): Permission => ({
  onStack: (reach) => ({ actions: ['lambda:InvokeFunction'], resources: [reach[of]] }),
});

const invokeChecker: Permission = {
  onService: ({ checkerArns }) => ({ actions: ['lambda:InvokeFunction'], resources: checkerArns }),
};

const invokeChecks: Permission = {
  onService: ({ checkFunctionArns }) => ({
    actions: ['lambda:InvokeFunction'],
    resources: checkFunctionArns,
  }),
};

const describeLoadBalancing = (...nouns: readonly string[]): Permission => ({
  onStack: () => ({
    actions: nouns.map((noun) => `elasticloadbalancing:Describe${noun}`),
    resources: ['*'],
    because: "ELB's Describe actions know no resources.",
  }),
});

const modifyProductionTraffic: readonly Permission[] = [
  {
    onService: ({ productionRuleArns }) => ({
      actions: ['elasticloadbalancing:ModifyRule'],
      resources: productionRuleArns,
    }),
  },
  {
    onService: ({ listenerArns }) => ({
      actions: ['elasticloadbalancing:ModifyListener'],
      resources: listenerArns,
    }),
  },
];

const modifyTestTraffic: Permission = {
  onService: ({ testRuleArns }) => ({
    actions: ['elasticloadbalancing:ModifyRule'],
    resources: testRuleArns,
  }),
};

const describeUserPoolClients: Permission = {
  onStack: ({ userPoolArns }) => ({
    actions: ['cognito-idp:DescribeUserPoolClient'],
    resources: [userPoolArns],
    because:
      "A rule that authenticates with Cognito can be written back only by one who may read the pool's client.",
  }),
};

const describeAlarms: Permission = {
  onStack: () => ({
    actions: ['cloudwatch:DescribeAlarms'],
    resources: ['*'],
    because: 'With a narrower scope CloudWatch leaves composite alarms out of its answer.',
  }),
};

const describeScaling = (...nouns: readonly string[]): Permission => ({
  onStack: () => ({
    actions: nouns.map((noun) => `application-autoscaling:Describe${noun}`),
    resources: ['*'],
    because: "Application Auto Scaling's Describe actions know no resources.",
  }),
});

const registerScalableTargets: Permission = {
  onStack: ({ scalableTargetArns }) => ({
    actions: ['application-autoscaling:RegisterScalableTarget'],
    resources: [scalableTargetArns],
    conditions: {
      StringEquals: {
        'application-autoscaling:service-namespace': 'ecs',
        'application-autoscaling:scalable-dimension': 'ecs:service:DesiredCount',
      },
    },
    because:
      'A scalable target is named by an id that AWS makes; whose count it changes is limited by ecs:UpdateService.',
  }),
};

const readMetrics: Permission = {
  onStack: () => ({
    actions: ['cloudwatch:GetMetricData'],
    resources: ['*'],
    because: 'CloudWatch knows no resources of metrics.',
  }),
};

const readTaskLogs: Permission = {
  onStack: ({ logStreamArns }) => ({
    actions: ['logs:GetLogEvents'],
    resources: [logStreamArns],
    because: "The log group of a task that stopped stands in its task definition, which is not this stack's.",
  }),
};

/** Lambda reads the stream in the role's name, and leaves word of what could not be handled. */
const followTable: readonly Permission[] = [
  {
    onStack: ({ tableStreamArn }) => ({
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      resources: [tableStreamArn],
    }),
  },
  {
    onStack: ({ tableStreamArns }) => ({
      actions: ['dynamodb:ListStreams'],
      resources: [tableStreamArns],
      because: 'A listing is of every stream that the table has had.',
    }),
  },
  { onStack: ({ deadLettersArn }) => ({ actions: ['sqs:SendMessage'], resources: [deadLettersArn] }) },
];

const putEvents: Permission = {
  onStack: ({ eventBusArn }) => ({
    actions: ['events:PutEvents'],
    resources: [eventBusArn],
    conditions: { StringEquals: { 'events:source': 'sidestep' } },
  }),
};

const publishMessages: Permission = {
  onStack: ({ topicArn }) => ({ actions: ['sns:Publish'], resources: [topicArn] }),
};

const putDeployed: Permission = {
  onStack: ({ deployedArns }) => ({
    actions: ['ssm:GetParameters', 'ssm:PutParameter'],
    resources: [deployedArns],
    because: 'A service is added or removed without a change of this role.',
  }),
};

const tagImages: Permission = {
  onService: ({ taggedRepositoryArns }) => ({
    actions: ['ecr:BatchGetImage', 'ecr:PutImage'],
    resources: taggedRepositoryArns,
  }),
};

/** What every step does: reads its record, writes it while the lock is its own. */
const record = items('GetItem', 'UpdateItem', 'ConditionCheckItem');

/** Notes what is written to AWS in the deployment's audit. */
const audit = items('PutItem', 'Query');

/** The live weights. */
const readTraffic = describeLoadBalancing('Listeners', 'Rules');
const readHealth = describeLoadBalancing('TargetHealth');
const writeTraffic = [audit, readTraffic, ...modifyProductionTraffic, describeUserPoolClients];

/** A wait is noted with its token, and looks once for itself. */
const openWait = [record, items('PutItem', 'DeleteItem'), answerWaits];
const lookAtTasks = [describeServices, describeTasks, listTasks];
const lookAtSteadyState = [...lookAtTasks, describeTaskDefinition, readTaskLogs, readHealth];
const stopService = [audit, readTraffic, updateServices, ...lookAtTasks];

/** What a one-off task did, and its end if its time is up. */
const lookAtOwnTasks = [audit, describeTasks, describeTaskDefinition, readTaskLogs, stopOwnTasks];

/** What ECS itself does to a service, and whether that is ours. */
const lookAtServiceDeployments = [listServiceDeployments, describeServiceDeployments];
/** PAUSE hooks of ECS are answered by whoever sees the answer first. */
const answerPauseHooks = [items('UpdateItem'), audit, onServiceDeployments('Continue')];

/** What the members of a group do for each other: change the round, and answer those that wait for it. */
const changeRound = [items('PutItem', 'Query', 'DeleteItem'), answerWaits];

/** What was found in an image, and whether it is signed: of services that ask for it. */
const lookAtImages = [readScans, readSignatures];

/** Changes how a side scales, as it was found or not at all. */
const scale = [audit, describeScaling('ScalableTargets'), registerScalableTargets];
const compareScaling = describeScaling('ScalingPolicies', 'ScheduledActions');

/** The looks of all waits; the answer ends the wait. How a migration ended is noted at once. */
const lookAgain = [
  items('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'),
  describeExecution,
  stopOwnTasks,
  ...lookAtSteadyState,
  ...lookAtServiceDeployments,
  ...lookAtImages,
  ...answerPauseHooks,
  describeAlarms,
  readMetrics,
  answerWaits,
];

export const PERMISSIONS: Readonly<Record<HandlerName, readonly Permission[]>> = {
  'start-deployment': [listConfigurations, startExecution],
  'resolve-deployment': [
    readConfiguration,
    listConfigurations,
    record,
    items('PutItem', 'DeleteItem', 'Query'),
    readImages,
    describeServices,
    describeTaskDefinition,
    describeLoadBalancing('Listeners', 'LoadBalancers', 'Rules'),
    readHealth,
    describeAlarms,
  ],
  'acquire-lock': [
    record,
    items('PutItem', 'DeleteItem', 'Query'),
    describeExecution,
    startExecution,
    answerWaits,
  ],
  'register-revision': [
    record,
    audit,
    describeTaskDefinition,
    registerTaskDefinition,
    tagNewTaskDefinition,
    passRoles,
  ],
  'verify-image': [...openWait, ...lookAtImages, describeTaskDefinition],
  'run-migration': [
    ...openWait,
    ...runTasks(
      'migration',
      'The family of what runs stands in its task definition: the cluster narrows it.',
    ),
    ...lookAtOwnTasks,
    describeServices,
    listTasks,
  ],
  'stop-blue': [...openWait, updateServices, ...lookAtTasks, ...scale],
  'run-checks': [
    ...openWait,
    ...runTasks('check', "A check's newest revision runs if the configuration names none."),
    ...lookAtOwnTasks,
    describeServices,
    invoke('callCheckArn'),
  ],
  'call-check': [items('GetItem', 'UpdateItem'), invokeChecks, invoke('wakeDeploymentArn')],
  'wait-for-approval': openWait,
  'judge-approval': [record],
  'wait-for-group': [
    ...openWait,
    ...changeRound,
    describeExecution,
    describeAlarms,
    readMetrics,
    ...lookAtSteadyState,
  ],
  'judge-group': [record, ...changeRound, describeExecution],
  pause: openWait,
  'start-service-deployment': [
    record,
    audit,
    describeServices,
    updateServices,
    listServiceDeployments,
    describeServiceRevisions,
  ],
  'follow-service-deployment': [
    ...openWait,
    ...lookAtTasks,
    ...lookAtServiceDeployments,
    ...answerPauseHooks,
    describeAlarms,
    readMetrics,
    describeTaskDefinition,
    readTaskLogs,
  ],
  standby: [...openWait, items('Query'), describeServices, updateServices, ...scale],
  'start-blue': [record, describeServices, updateServices, ...scale],
  'wait-for-blue': [...openWait, ...lookAtTasks],
  'stop-service-deployment': [
    ...openWait,
    audit,
    ...lookAtServiceDeployments,
    describeServiceRevisions,
    onServiceDeployments('Stop'),
  ],
  'attach-green': [record, ...writeTraffic, modifyTestTraffic],
  'start-green': [record, describeServices, updateServices, ...scale, compareScaling],
  'wait-for-steady-state': [...openWait, ...lookAtSteadyState],
  'verify-targets': [
    record,
    invokeChecker,
    ...lookAtSteadyState,
    describeLoadBalancing('Listeners', 'LoadBalancers', 'Rules'),
  ],
  'modify-listener': [record, ...writeTraffic, readHealth],
  bake: [...openWait, describeAlarms, readMetrics, ...lookAtSteadyState],
  'judge-bake': [record, describeAlarms, readMetrics, readTraffic, ...lookAtSteadyState],
  'drain-blue': [...openWait, ...stopService, ...scale],
  'restore-listener': [record, ...changeRound, ...writeTraffic, modifyTestTraffic, readHealth],
  'stop-green': [...openWait, ...stopService, ...scale],
  'hold-lock': [record, ...changeRound],
  'release-lock': [record, ...changeRound, describeExecution, startExecution],
  'answer-lifecycle-hook': [
    items('GetItem', 'Query', 'UpdateItem'),
    invokeChecker,
    describeServices,
    describeServiceRevisions,
    describeAlarms,
    readMetrics,
    describeLoadBalancing('Listeners', 'LoadBalancers', 'Rules'),
  ],
  'wake-deployment': lookAgain,
  'signal-deployment': [
    items('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'),
    invoke('wakeDeploymentArn'),
    readConfiguration,
    listConfigurations,
    startExecution,
  ],
  'recover-deployment': [items('Query'), describeExecution, startExecution],
  sweep: [
    items('GetItem', 'UpdateItem', 'Query'),
    invoke('wakeDeploymentArn'),
    readConfiguration,
    describeExecution,
    startExecution,
  ],
  'sweep-images': [
    listConfigurations,
    items('GetItem', 'PutItem'),
    readImages,
    describeServices,
    describeTaskDefinition,
    startExecution,
  ],
  'tell-transitions': [...followTable, putEvents, publishMessages],
  'publish-deployment': [
    ...followTable,
    items('GetItem', 'UpdateItem'),
    listConfigurations,
    readConfiguration,
    putDeployed,
    tagImages,
  ],
};
