/** A second service of the user's, `users`: its own rules, target groups and ECS services, fed by the repository of the first. */

import {
  CreateServiceCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ruleArn, targetGroupArn } from '../arns.ts';
import type { Clients } from './clients.ts';
import {
  CLUSTER,
  CONTAINER,
  CONTAINER_PORT,
  EXECUTION_ROLE_ARN,
  HEALTH_PATH,
  PRODUCTION_LISTENER_ARN,
  REPOSITORY,
  TASK_ROLE_ARN,
  TEST_LISTENER_ARN,
} from './names.ts';
import type { WorldOptions } from './options.ts';

export const NEIGHBOUR = 'users';
const SIDES = ['users-a', 'users-b'] as const;
/** Before the rule of the first service, which takes every path. */
const PRIORITY = 5;

/** The service as sidestep.yaml has it beside the example's. */
export const NEIGHBOUR_SERVICE = {
  image: { repository: REPOSITORY, container: CONTAINER, tags: { glob: 'v*' } },
  traffic: {
    rules: [ruleArn(PRODUCTION_LISTENER_ARN, PRIORITY)],
    testRule: ruleArn(TEST_LISTENER_ARN, PRIORITY),
  },
  sides: SIDES.map((service) => ({ cluster: CLUSTER, service, targetGroup: targetGroupArn(service) })),
  roles: [TASK_ROLE_ARN, EXECUTION_ROLE_ARN],
  bake: '1m',
};

/** @param taskDefinitionArn what the first service runs; the neighbour's family begins as its copy */
export async function createNeighbour(
  clients: Clients,
  taskDefinitionArn: string,
  options: Required<WorldOptions>,
): Promise<void> {
  const groups = await Promise.all(SIDES.map((side) => createTargetGroup(clients, side, options)));
  for (const listener of [PRODUCTION_LISTENER_ARN, TEST_LISTENER_ARN])
    await createRule(clients, listener, groups[0] ?? '');
  const own = await copyDefinition(clients, taskDefinitionArn);
  for (const [index, serviceName] of SIDES.entries()) {
    const behind = { targetGroupArn: groups[index], containerName: CONTAINER, containerPort: CONTAINER_PORT };
    await clients.ecs.send(
      new CreateServiceCommand({
        cluster: CLUSTER,
        serviceName,
        taskDefinition: own,
        desiredCount: index === 0 ? 1 : 0,
        launchType: 'EC2',
        schedulingStrategy: 'REPLICA',
        healthCheckGracePeriodSeconds: options.healthCheckGracePeriodSeconds,
        loadBalancers: [behind],
      }),
    );
  }
}

async function copyDefinition({ ecs }: Clients, taskDefinition: string): Promise<string> {
  const found = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const { containerDefinitions, taskRoleArn, executionRoleArn, networkMode, requiresCompatibilities } =
    found.taskDefinition ?? {};
  const copy = new RegisterTaskDefinitionCommand({
    family: NEIGHBOUR,
    containerDefinitions,
    taskRoleArn,
    executionRoleArn,
    networkMode,
    requiresCompatibilities,
  });
  return (await ecs.send(copy)).taskDefinition?.taskDefinitionArn ?? '';
}

async function createTargetGroup(
  { elbv2 }: Clients,
  name: string,
  { healthCheckIntervalSeconds, deregistrationDelaySeconds }: Required<WorldOptions>,
): Promise<string> {
  const { TargetGroups } = await elbv2.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'instance',
      VpcId: 'vpc-0a1b2c3d4e5f60718',
      HealthCheckProtocol: 'HTTP',
      HealthCheckPath: HEALTH_PATH,
      HealthCheckIntervalSeconds: healthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: '200' },
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const delay = { Key: 'deregistration_delay.timeout_seconds', Value: String(deregistrationDelaySeconds) };
  await elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [delay] }));
  return TargetGroupArn;
}

async function createRule({ elbv2 }: Clients, ListenerArn: string, TargetGroupArn: string): Promise<void> {
  await elbv2.send(
    new CreateRuleCommand({
      ListenerArn,
      Priority: PRIORITY,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [`/${NEIGHBOUR}/*`] } }],
      Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: 1 }] } }],
    }),
  );
}
