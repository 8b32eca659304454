/** The user's ECS services: a cluster, one task definition, and a service on either side, or one on both. */
import { CreateLogGroupCommand, PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  type CreateServiceCommandInput,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type { Clients } from './clients.ts';
import {
  CLUSTER,
  CONTAINER,
  CONTAINER_PORT,
  clustersOf,
  EXECUTION_ROLE_ARN,
  FAMILY,
  LOG_GROUP,
  SECOND_FAMILY,
  SIDES,
  type SideName,
  TASK_ROLE_ARN,
} from './names.ts';
import { addHooks, type NativeRules, nativeServiceOf } from './native-service.ts';
import type { WorldOptions } from './options.ts';

/** Creates everything that runs; the side that serves starts at once. @returns ARN of the task definition that serves */
export async function createServices(
  clients: Clients,
  image: string,
  balancer: NativeRules & { readonly targetGroups: Readonly<Record<SideName, string>> },
  options: Required<WorldOptions>,
): Promise<string> {
  const { ecs, logs } = clients;
  await logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP }));
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: LOG_GROUP, retentionInDays: 7 }));
  const clusters = clustersOf(options.clusters);
  for (const clusterName of new Set(Object.values(clusters)))
    await ecs.send(new CreateClusterCommand({ clusterName, tags: lowerTags(options) }));
  const definition = definitionOf(image, lowerTags(options));
  const taskDefinitionArn = await registerDefinition(clients, definition);
  const second = options.families === 'two' ? { ...definition, family: SECOND_FAMILY } : undefined;
  const secondArn = second ? await registerDefinition(clients, second) : taskDefinitionArn;
  for (const service of servicesOf(balancer, options)) {
    const isSecond = service.serviceName === 'orders-b';
    await ecs.send(
      new CreateServiceCommand({
        cluster: isSecond ? clusters['orders-b'] : CLUSTER,
        taskDefinition: isSecond ? secondArn : taskDefinitionArn,
        launchType: 'EC2',
        schedulingStrategy: 'REPLICA',
        propagateTags: 'TASK_DEFINITION',
        tags: lowerTags(options),
        ...service,
      }),
    );
  }
  if (options.newerEnvironment)
    await registerDefinition(clients, withEnvironment(definition, options.newerEnvironment));
  if (options.lifecycleHooks.length > 0) await addHooks(clients, options.lifecycleHooks);
  return taskDefinitionArn;
}

/** The same with more variables, as a change of the user's infrastructure code has them. */
function withEnvironment(
  definition: RegisterTaskDefinitionCommandInput,
  variables: Readonly<Record<string, string>>,
): RegisterTaskDefinitionCommandInput {
  const added = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const containerDefinitions = definition.containerDefinitions?.map((container) => ({
    ...container,
    environment: [...(container.environment ?? []), ...added],
  }));
  return { ...definition, containerDefinitions };
}

/** @returns its ARN */
async function registerDefinition(
  { ecs }: Clients,
  definition: RegisterTaskDefinitionCommandInput,
): Promise<string> {
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(definition));
  return taskDefinition?.taskDefinitionArn ?? '';
}

/** What differs from service to service. */
export type ServiceShape = Pick<
  CreateServiceCommandInput,
  | 'serviceName'
  | 'desiredCount'
  | 'loadBalancers'
  | 'deploymentConfiguration'
  | 'healthCheckGracePeriodSeconds'
>;

function servicesOf(
  balancer: NativeRules & { readonly targetGroups: Readonly<Record<SideName, string>> },
  options: Required<WorldOptions>,
): ServiceShape[] {
  const { healthCheckGracePeriodSeconds, rollout, balanced } = options;
  if (options.controller !== 'rolling')
    return [{ ...nativeServiceOf(balancer, options), healthCheckGracePeriodSeconds }];
  const sides = SIDES.filter((side) => !(options.fleet && side === 'orders-a'));
  return sides.map((side) => ({
    serviceName: side,
    desiredCount: side === servingAtFirst(options) ? options.blueCount : 0,
    deploymentConfiguration: rollout,
    ...(balanced && { healthCheckGracePeriodSeconds, loadBalancers: [behind(balancer.targetGroups[side])] }),
  }));
}

/** With a fleet `orders-a` is no service: it serves there itself, or `orders-b` does. */
const servingAtFirst = ({ fleet }: Required<WorldOptions>): SideName =>
  fleet && fleet.serves === false ? 'orders-b' : 'orders-a';

const behind = (targetGroupArn: string) => ({
  targetGroupArn,
  containerName: CONTAINER,
  containerPort: CONTAINER_PORT,
});

const lowerTags = ({ tags }: Required<WorldOptions>): { key: string; value: string }[] =>
  tags.map(({ Key, Value }) => ({ key: Key, value: Value }));

/** As a user's infrastructure code would have it: each of these fields has to survive a deployment. */
function definitionOf(
  image: string,
  tags: { key: string; value: string }[],
): RegisterTaskDefinitionCommandInput {
  return {
    family: FAMILY,
    taskRoleArn: TASK_ROLE_ARN,
    executionRoleArn: EXECUTION_ROLE_ARN,
    networkMode: 'bridge',
    requiresCompatibilities: ['EC2'],
    containerDefinitions: [
      {
        name: CONTAINER,
        image,
        essential: true,
        cpu: 128,
        memoryReservation: 128,
        memory: 512,
        portMappings: [{ name: 'http', containerPort: CONTAINER_PORT, hostPort: 0, protocol: 'tcp' }],
        environment: [{ name: 'LOG_LEVEL', value: 'info' }],
        ulimits: [{ name: 'nofile', softLimit: 65_536, hardLimit: 65_536 }],
        dockerLabels: { 'com.example.team': 'orders' },
        stopTimeout: 30,
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': LOG_GROUP,
            'awslogs-region': 'us-east-1',
            'awslogs-stream-prefix': 'orders',
          },
        },
      },
    ],
    tags,
  };
}

/** Scales a service to zero, whatever it serves. */
export async function stopService({ ecs }: Clients, service: SideName): Promise<void> {
  await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service, desiredCount: 0 }));
}
