/** What ECS adds to a task definition when it is registered: defaults of its containers, and derived fields. Pure. */
import type { EcsApi } from '../wire/models.ts';
import type { ContainerDefinition } from './records.ts';

/**
 * Fills in what DescribeTaskDefinition shows though nobody registered it. Everything registered stays as it is.
 * `networkMode` decides the host port: `awsvpc` repeats the container port, `bridge` shows 0 for a dynamic one.
 */
export function withDefaults(
  container: EcsApi.ContainerDefinition,
  networkMode: EcsApi.NetworkMode | undefined,
): ContainerDefinition {
  return {
    ...container,
    name: container.name ?? '',
    image: container.image ?? '',
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    systemControls: container.systemControls ?? [],
    portMappings: (container.portMappings ?? []).map((mapping) => ({
      ...mapping,
      hostPort: mapping.hostPort ?? (networkMode === 'awsvpc' ? mapping.containerPort : 0),
      protocol: mapping.protocol ?? 'tcp',
    })),
  };
}

/** Where a definition could run: Fargate only with `awsvpc` and sizes for the whole task. */
export function compatibilitiesOf(input: EcsApi.RegisterTaskDefinitionRequest): EcsApi.Compatibility[] {
  const fitsFargate = input.networkMode === 'awsvpc' && input.cpu !== undefined && input.memory !== undefined;
  return fitsFargate ? ['EC2', 'FARGATE'] : ['EXTERNAL', 'EC2'];
}

/** The capabilities that a container instance would need. */
export function requiredAttributesOf(input: EcsApi.RegisterTaskDefinitionRequest): EcsApi.Attribute[] {
  const containers = input.containerDefinitions ?? [];
  const drivers = containers.flatMap(({ logConfiguration }) => logConfiguration?.logDriver ?? []);
  const names = [
    ...drivers.map((driver) => `com.amazonaws.ecs.capability.logging-driver.${driver}`),
    ...(containers.some(({ image }) => image?.includes('.dkr.ecr.'))
      ? ['com.amazonaws.ecs.capability.ecr-auth']
      : []),
    ...(containers.some(({ secrets }) => secrets?.length)
      ? ['ecs.capability.secrets.ssm.environment-variables']
      : []),
    ...(input.taskRoleArn ? ['com.amazonaws.ecs.capability.task-iam-role'] : []),
    ...(input.networkMode === 'awsvpc' ? ['ecs.capability.task-eni'] : []),
    'com.amazonaws.ecs.capability.docker-remote-api.1.18',
  ];
  return [...new Set(names)].map((name) => ({ name }));
}
