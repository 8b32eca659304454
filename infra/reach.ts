/** The ARNs that permissions and rules name: of the stack itself, and of each service. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ecsServiceKey, lastSegment } from '../lambdas/common/configuration/arn.ts';
import type { ServiceConfiguration, Side } from '../lambdas/common/service.ts';
import type { Names } from './names.ts';

export interface StackReach {
  readonly tableArn: string;
  readonly stateMachineArn: string;
  /** Every execution of the machine. */
  readonly executionArns: string;
  /** The path itself and everything below: SSM checks a listing against the path. */
  readonly configurationArns: readonly string[];
  readonly taskDefinitionArns: string;
  readonly logStreamArns: string;
  readonly userPoolArns: string;
}

export interface ServiceReach {
  readonly repositoryArn: string;
  readonly ecsServiceArns: readonly string[];
  readonly clusterArns: readonly string[];
  /** Every task of the sides' clusters. */
  readonly taskArns: readonly string[];
  readonly productionRuleArns: readonly string[];
  readonly testRuleArns: readonly string[];
  readonly listenerArns: readonly string[];
  readonly roleArns: readonly string[];
}

export function reachOfStack(scope: Construct, tableArn: string, names: Names): StackReach {
  const stack = Stack.of(scope);
  const path = names.configurationPrefix.slice(1, -1);
  const arn = (
    service: string,
    resource: string,
    resourceName: string,
    arnFormat = ArnFormat.SLASH_RESOURCE_NAME,
  ) => stack.formatArn({ service, resource, resourceName, arnFormat });
  return {
    tableArn,
    stateMachineArn: names.stateMachineArn,
    executionArns: arn('states', 'execution', `${names.stateMachineName}:*`, ArnFormat.COLON_RESOURCE_NAME),
    configurationArns: [arn('ssm', 'parameter', path), arn('ssm', 'parameter', `${path}/*`)],
    taskDefinitionArns: arn('ecs', 'task-definition', '*'),
    logStreamArns: arn('logs', 'log-group', '*:log-stream:*', ArnFormat.COLON_RESOURCE_NAME),
    userPoolArns: arn('cognito-idp', 'userpool', '*'),
  };
}

export function reachOfService(scope: Construct, configuration: ServiceConfiguration): ServiceReach {
  const stack = Stack.of(scope);
  const { image, traffic, sides, roles } = configuration;
  const clusters = unique(sides.filter(isEcs).map(({ cluster }) => cluster));
  return {
    repositoryArn: stack.formatArn({
      service: 'ecr',
      resource: 'repository',
      resourceName: image.repository,
      account: image.registryId,
    }),
    ecsServiceArns: sides.filter(isEcs).map((side) => ecsServiceArn(stack, side)),
    clusterArns: clusters.map((cluster) => ecsArn(stack, 'cluster', cluster)),
    taskArns: clusters.map((cluster) => ecsArn(stack, 'task', `${lastSegment(cluster)}/*`)),
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

function ecsArn(stack: Stack, resource: string, nameOrArn: string): string {
  return isArn(nameOrArn)
    ? nameOrArn
    : stack.formatArn({ service: 'ecs', resource, resourceName: nameOrArn });
}

function isArn(nameOrArn: string): boolean {
  return nameOrArn.startsWith('arn:');
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
