/** Reads the input of CreateService and UpdateService: refuses what is not emulated, checks the rest as ECS does. */
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import { readAdvancedConfiguration, readNativeConfiguration } from './native/input.ts';
import type {
  DeploymentConfiguration,
  RevisionSettings,
  ServiceLoadBalancer,
  ServiceSettings,
} from './records.ts';
import type { TaskDefinitions } from './task-definitions.ts';

type ServiceInput = EcsApi.CreateServiceRequest | EcsApi.UpdateServiceRequest;

const DEFAULT_DEPLOYMENT_CONFIGURATION: DeploymentConfiguration = {
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  deploymentCircuitBreaker: { enable: false, rollback: false },
  strategy: 'ROLLING',
  bakeTimeInMinutes: 0,
};

/** @throws AwsError `NotImplemented`, naming the first member whose effect the local cloud lacks */
export function refuseUnsupported(operation: string, input: ServiceInput): void {
  const refuse = (isAsked: unknown, what: string): void => {
    if (isAsked) throw notImplemented(`${operation} with ${what}`);
  };
  const { deploymentController, deploymentConfiguration = {}, loadBalancers = [] } = input;
  const controller = deploymentController?.type ?? 'ECS';
  refuse(controller !== 'ECS', `deployment controller ${controller}`);
  refuse(deploymentConfiguration.earlySuccessCriteria?.enable, 'earlySuccessCriteria');
  refuse('schedulingStrategy' in input && input.schedulingStrategy === 'DAEMON', 'schedulingStrategy DAEMON');
  refuse(
    loadBalancers.some(({ loadBalancerName }) => loadBalancerName),
    'a classic load balancer',
  );
  refuse(input.serviceRegistries?.length, 'serviceRegistries');
  refuse(input.serviceConnectConfiguration?.enabled, 'serviceConnectConfiguration');
  refuse(input.volumeConfigurations?.length, 'volumeConfigurations');
  refuse(input.vpcLatticeConfigurations?.length, 'vpcLatticeConfigurations');
  refuse(input.gatewayConnectors?.length, 'gatewayConnectors');
}

/**
 * The members whose change starts a deployment; those that the input leaves out stay as they are.
 * @throws AwsError `ClientException` for a task definition that is missing or inactive
 */
export function readRevision(
  input: ServiceInput,
  definitions: TaskDefinitions,
  current?: RevisionSettings,
): RevisionSettings {
  const reference = input.taskDefinition;
  const taskDefinition =
    reference === undefined ? current?.taskDefinition : definitions.requireActive(reference);
  if (!taskDefinition) throw new AwsError('InvalidParameterException', 'TaskDefinition cannot be blank.');
  return {
    taskDefinition,
    loadBalancers: (input.loadBalancers ?? current?.loadBalancers ?? []).map((each) =>
      readLoadBalancer(each, taskDefinition),
    ),
    networkConfiguration: input.networkConfiguration ?? current?.networkConfiguration,
    platformVersion: input.platformVersion ?? current?.platformVersion,
  };
}

/** The members whose change starts none; those that the input leaves out stay as they are. */
export function readSettings(
  input: ServiceInput,
  loadBalancers: readonly ServiceLoadBalancer[],
  current?: ServiceSettings,
): ServiceSettings {
  const hasLoadBalancers = loadBalancers.length > 0;
  const grace = input.healthCheckGracePeriodSeconds;
  if (grace !== undefined && !hasLoadBalancers) {
    throw new AwsError(
      'InvalidParameterException',
      'Health check grace period is only valid for services configured to use load balancers',
    );
  }
  return {
    deploymentConfiguration: readDeploymentConfiguration(
      input,
      loadBalancers,
      current?.deploymentConfiguration,
    ),
    healthCheckGracePeriodSeconds:
      grace ?? current?.healthCheckGracePeriodSeconds ?? (hasLoadBalancers ? 0 : undefined),
    launchType: ('launchType' in input ? input.launchType : undefined) ?? current?.launchType,
    capacityProviderStrategy: input.capacityProviderStrategy ?? current?.capacityProviderStrategy,
    placementConstraints: input.placementConstraints ?? current?.placementConstraints,
    placementStrategy: input.placementStrategy ?? current?.placementStrategy,
    propagateTags: input.propagateTags ?? current?.propagateTags,
    enableECSManagedTags: input.enableECSManagedTags ?? current?.enableECSManagedTags,
    enableExecuteCommand: input.enableExecuteCommand ?? current?.enableExecuteCommand,
    availabilityZoneRebalancing: input.availabilityZoneRebalancing ?? current?.availabilityZoneRebalancing,
    role: ('role' in input ? input.role : undefined) ?? current?.role,
  };
}

/** @throws AwsError `InvalidParameterException` for a negative or, when creating, a missing count */
export function readDesiredCount(input: ServiceInput, current?: number): number {
  const count = input.desiredCount ?? current;
  if (count === undefined) {
    throw new AwsError(
      'InvalidParameterException',
      'Desired count is required with scheduling strategy REPLICA.',
    );
  }
  if (count < 0) throw new AwsError('InvalidParameterException', 'Desired count cannot be negative.');
  return count;
}

function readDeploymentConfiguration(
  { deploymentConfiguration: given = {} }: ServiceInput,
  loadBalancers: readonly ServiceLoadBalancer[],
  current: DeploymentConfiguration = DEFAULT_DEPLOYMENT_CONFIGURATION,
): DeploymentConfiguration {
  const merged: DeploymentConfiguration = {
    ...current,
    ...given,
    minimumHealthyPercent: given.minimumHealthyPercent ?? current.minimumHealthyPercent,
    maximumPercent: given.maximumPercent ?? current.maximumPercent,
    deploymentCircuitBreaker: given.deploymentCircuitBreaker ?? current.deploymentCircuitBreaker,
  };
  refuseForRolling(merged);
  return readNativeConfiguration(merged, { given, current, loadBalancers });
}

/** What the scheduler does not do in a rolling deployment, although ECS does. */
function refuseForRolling({
  strategy,
  alarms,
  bakeTimeInMinutes,
  lifecycleHooks,
}: DeploymentConfiguration): void {
  if (strategy !== 'ROLLING') return;
  if (alarms?.enable) throw notImplemented('deployment alarms with deployment strategy ROLLING');
  if (bakeTimeInMinutes) throw notImplemented('bakeTimeInMinutes with deployment strategy ROLLING');
  if (lifecycleHooks?.length) throw notImplemented('lifecycleHooks with deployment strategy ROLLING');
}

function readLoadBalancer(
  { targetGroupArn, containerName, containerPort, advancedConfiguration }: EcsApi.LoadBalancer,
  { containerDefinitions }: RevisionSettings['taskDefinition'],
): ServiceLoadBalancer {
  const refuse = (message: string): never => {
    throw new AwsError('InvalidParameterException', message);
  };
  if (targetGroupArn === undefined || containerName === undefined || containerPort === undefined) {
    return refuse('loadBalancers need targetGroupArn, containerName and containerPort.');
  }
  const container = containerDefinitions.find(({ name }) => name === containerName);
  if (!container) return refuse(`The container ${containerName} does not exist in the task definition.`);
  if (!container.portMappings?.some((mapping) => mapping.containerPort === containerPort)) {
    return refuse(`The container ${containerName} did not have a container port ${containerPort} defined.`);
  }
  const balancer = { targetGroupArn, containerName, containerPort };
  if (!advancedConfiguration) return balancer;
  return {
    ...balancer,
    advancedConfiguration: readAdvancedConfiguration(targetGroupArn, advancedConfiguration),
  };
}
