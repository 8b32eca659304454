/** The ARNs that permissions and rules name: of the stack itself, and of each service. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { deployedPrefix } from '../lambdas/common/config.ts';
import { ecsServiceKey, lastSegment } from '../lambdas/common/configuration/arn.ts';
import { type ServiceConfiguration, type Side, sourcesOf } from '../lambdas/common/service.ts';
import type { Handlers } from './handlers.ts';
import type { Names } from './names.ts';

export interface StackReach {
  readonly tableArn: string;
  readonly tableStreamArn: string;
  /** Every stream that the table has had: which there are is asked of them all. */
  readonly tableStreamArns: string;
  /** Where events, messages and what could not be handled go. */
  readonly eventBusArn: string;
  readonly topicArn: string;
  readonly deadLettersArn: string;
  /** The parameters that say what is deployed. */
  readonly deployedArns: string;
  readonly stateMachineArn: string;
  /** Every execution of the machine. */
  readonly executionArns: string;
  /** The path itself and everything below: SSM checks a listing against the path. */
  readonly configurationArns: readonly string[];
  readonly taskDefinitionArns: string;
  readonly logStreamArns: string;
  readonly userPoolArns: string;
  readonly scalableTargetArns: string;
  /** Functions that other functions of the stack call. */
  readonly callCheckArn: string;
  readonly wakeDeploymentArn: string;
}

export interface ServiceReach {
  readonly name: string;
  /** Of every repository that feeds it. */
  readonly repositoryArns: readonly string[];
  /** The same if scans, or signatures, have to be passed; none otherwise. */
  readonly scannedRepositoryArns: readonly string[];
  readonly signedRepositoryArns: readonly string[];
  /** The same if what is in use gets a tag; none otherwise. */
  readonly taggedRepositoryArns: readonly string[];
  readonly ecsServiceArns: readonly string[];
  /** Every service deployment and every revision of a service that ECS itself shifts; none otherwise. */
  readonly serviceDeploymentArns: readonly string[];
  readonly serviceRevisionArns: readonly string[];
  /** Of the sides, and of the user's check tasks. */
  readonly clusterArns: readonly string[];
  /** Every task of these clusters. */
  readonly taskArns: readonly string[];
  /** The same if the service has one-off tasks: a migration, or checks. */
  readonly oneOffTaskArns: readonly string[];
  /** What a migration may run: its family stands in the running task definition, which the stack does not know. */
  readonly migrationDefinitionArns: readonly string[];
  readonly migrationRoleArns: readonly string[];
  /** The revisions of the user's check tasks that are named; every one of a family of which none is. */
  readonly checkDefinitionArns: readonly string[];
  readonly checkRoleArns: readonly string[];
  /** The function that makes HTTP checks inside the load balancer's network, if there is one. */
  readonly checkerArns: readonly string[];
  /** The user's check functions. */
  readonly checkFunctionArns: readonly string[];
  readonly productionRuleArns: readonly string[];
  readonly testRuleArns: readonly string[];
  readonly listenerArns: readonly string[];
  readonly roleArns: readonly string[];
}

/** What is there before any function's permissions. */
export interface StackResources {
  readonly table: ITable;
  readonly topic: ITopic;
  readonly deadLetters: IQueue;
}

export function reachOfStack(
  scope: Construct,
  { table, topic, deadLetters }: StackResources,
  names: Names,
  handlers: Pick<Handlers, 'call-check' | 'wake-deployment'>,
): StackReach {
  const stack = Stack.of(scope);
  const path = names.configurationPrefix.slice(1, -1);
  const arn = (
    service: string,
    resource: string,
    resourceName: string,
    arnFormat = ArnFormat.SLASH_RESOURCE_NAME,
  ) => stack.formatArn({ service, resource, resourceName, arnFormat });
  return {
    tableArn: table.tableArn,
    tableStreamArn: table.tableStreamArn ?? '',
    tableStreamArns: `${table.tableArn}/stream/*`,
    eventBusArn: arn('events', 'event-bus', 'default'),
    topicArn: topic.topicArn,
    deadLettersArn: deadLetters.queueArn,
    deployedArns: arn('ssm', 'parameter', `${deployedPrefix(names.configurationPrefix).slice(1)}*`),
    stateMachineArn: names.stateMachineArn,
    executionArns: arn('states', 'execution', `${names.stateMachineName}:*`, ArnFormat.COLON_RESOURCE_NAME),
    configurationArns: [arn('ssm', 'parameter', path), arn('ssm', 'parameter', `${path}/*`)],
    taskDefinitionArns: arn('ecs', 'task-definition', '*'),
    logStreamArns: arn('logs', 'log-group', '*:log-stream:*', ArnFormat.COLON_RESOURCE_NAME),
    userPoolArns: arn('cognito-idp', 'userpool', '*'),
    scalableTargetArns: arn('application-autoscaling', 'scalable-target', '*'),
    callCheckArn: handlers['call-check'].functionArn,
    wakeDeploymentArn: handlers['wake-deployment'].functionArn,
  };
}

export function reachOfService(
  scope: Construct,
  configuration: ServiceConfiguration,
  checker?: { readonly functionArn: string },
): ServiceReach {
  const stack = Stack.of(scope);
  const { name, image, traffic, sides, roles, checks, migration } = configuration;
  const clusters = unique([
    ...sides.filter(isEcs).map(({ cluster }) => cluster),
    ...checks.task.flatMap(({ cluster }) => cluster ?? []),
  ]);
  const taskArns = clusters.map((cluster) => ecsArn(stack, 'task', `${lastSegment(cluster)}/*`));
  const hasChecks = checks.task.length > 0;
  const repositoryArns = sourcesOf(configuration).map(({ repository, registryId: account }) =>
    stack.formatArn({ service: 'ecr', resource: 'repository', resourceName: repository, account }),
  );
  return {
    name,
    repositoryArns,
    scannedRepositoryArns: image.scan ? repositoryArns : [],
    signedRepositoryArns: image.signature ? repositoryArns : [],
    taggedRepositoryArns: image.keepTag === undefined ? [] : repositoryArns,
    ecsServiceArns: sides.filter(isEcs).map((side) => ecsServiceArn(stack, side)),
    serviceDeploymentArns: nativeArns(stack, 'service-deployment', configuration),
    serviceRevisionArns: nativeArns(stack, 'service-revision', configuration),
    clusterArns: clusters.map((cluster) => ecsArn(stack, 'cluster', cluster)),
    taskArns,
    oneOffTaskArns: migration || hasChecks ? taskArns : [],
    migrationDefinitionArns: migration ? [ecsArn(stack, 'task-definition', '*')] : [],
    migrationRoleArns: migration ? roles : [],
    checkDefinitionArns: unique(
      checks.task.map(({ taskDefinition }) => definitionArns(stack, taskDefinition)),
    ),
    checkRoleArns: hasChecks ? roles : [],
    checkerArns: checker ? [checker.functionArn] : [],
    checkFunctionArns: unique(checks.lambda.map(({ functionName }) => functionArn(stack, functionName))),
    productionRuleArns: traffic && 'rules' in traffic ? traffic.rules : [],
    testRuleArns: traffic?.testRule === undefined ? [] : [traffic.testRule],
    listenerArns: traffic && 'listener' in traffic ? [traffic.listener] : [],
    roleArns: roles,
  };
}

/** A fleet is no resource of ECS. */
const isEcs = ({ kind }: Side): boolean => kind === 'ecs';

function ecsServiceArn(stack: Stack, { cluster, service }: Side): string {
  return isArn(service) ? service : ecsArn(stack, 'service', ecsServiceKey(cluster, service));
}

/** `…:service-deployment/cluster/service/*`: ECS makes the last part. */
function nativeArns(stack: Stack, kind: string, { strategy, sides }: ServiceConfiguration): string[] {
  if (strategy.type !== 'native') return [];
  return sides.map((side) => `${ecsServiceArn(stack, side).replace(':service/', `:${kind}/`)}/*`);
}

function ecsArn(stack: Stack, resource: string, nameOrArn: string): string {
  return isArn(nameOrArn)
    ? nameOrArn
    : stack.formatArn({ service: 'ecs', resource, resourceName: nameOrArn });
}

/** Of a family without a revision the newest runs, whichever that is then. */
function definitionArns(stack: Stack, taskDefinition: string): string {
  const arn = ecsArn(stack, 'task-definition', taskDefinition);
  return /:\d+$/.test(taskDefinition) ? arn : `${arn}:*`;
}

function functionArn(stack: Stack, nameOrArn: string): string {
  if (isArn(nameOrArn)) return nameOrArn;
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return stack.formatArn({ service: 'lambda', resource: 'function', resourceName: nameOrArn, arnFormat });
}

function isArn(nameOrArn: string): boolean {
  return nameOrArn.startsWith('arn:');
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
