/** A service as DescribeServices shows it. Pure. */
import type { EcsApi } from '../wire/models.ts';
import type { DeploymentRecord, ServiceRecord, TaskRecord, TaskStatus } from './records.ts';

const PENDING: readonly TaskStatus[] = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

/** Tags are shown only when asked for. */
export function serviceView(service: ServiceRecord, tags?: EcsApi.Tag[]): EcsApi.Service {
  const { settings, deployments } = service;
  const revision =
    deployments[0]?.revision.settings ?? service.serviceDeployments[0]?.deployment.revision.settings;
  const { loadBalancers = [], taskDefinition, networkConfiguration, platformVersion } = revision ?? {};
  return structuredClone({
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    status: service.status,
    desiredCount: service.desiredCount,
    ...taskCounts([...service.tasks]),
    launchType: settings.launchType,
    capacityProviderStrategy: settings.capacityProviderStrategy,
    platformVersion,
    taskDefinition: taskDefinition?.taskDefinitionArn,
    loadBalancers: [...loadBalancers],
    serviceRegistries: [],
    networkConfiguration,
    deploymentConfiguration: settings.deploymentConfiguration,
    deploymentController: { type: 'ECS' as const },
    deployments: deployments.map((deployment) => deploymentView(service, deployment)),
    events: service.events,
    createdAt: new Date(service.createdAtMs),
    createdBy: service.createdBy,
    currentServiceDeployment: service.serviceDeployments[0]?.arn,
    currentServiceRevisions: deployments.map((deployment) => revisionSummary(service, deployment)),
    placementConstraints: settings.placementConstraints ?? [],
    placementStrategy: settings.placementStrategy ?? [],
    healthCheckGracePeriodSeconds: settings.healthCheckGracePeriodSeconds,
    schedulingStrategy: 'REPLICA' as const,
    roleArn: settings.role,
    tags,
    enableECSManagedTags: settings.enableECSManagedTags ?? false,
    propagateTags: settings.propagateTags ?? 'NONE',
    enableExecuteCommand: settings.enableExecuteCommand ?? false,
    availabilityZoneRebalancing: settings.availabilityZoneRebalancing ?? 'DISABLED',
  });
}

/** Requested and real numbers of tasks of one revision. */
export function revisionSummary(
  service: ServiceRecord,
  deployment: DeploymentRecord,
): EcsApi.ServiceCurrentRevisionSummary {
  const { runningCount, pendingCount } = taskCounts(tasksOf(service, deployment));
  return {
    arn: deployment.revision.arn,
    requestedTaskCount: deployment.desiredCount,
    runningTaskCount: runningCount,
    pendingTaskCount: pendingCount,
  };
}

function deploymentView(service: ServiceRecord, deployment: DeploymentRecord): EcsApi.Deployment {
  const { settings } = deployment.revision;
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: settings.taskDefinition.taskDefinitionArn,
    desiredCount: deployment.desiredCount,
    ...taskCounts(tasksOf(service, deployment)),
    failedTasks: deployment.failedTasks,
    createdAt: new Date(deployment.createdAtMs),
    updatedAt: new Date(deployment.updatedAtMs),
    launchType: service.settings.launchType,
    capacityProviderStrategy: service.settings.capacityProviderStrategy,
    platformVersion: settings.platformVersion,
    networkConfiguration: settings.networkConfiguration,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

const tasksOf = (service: ServiceRecord, deployment: DeploymentRecord): TaskRecord[] =>
  [...service.tasks].filter((task) => task.order.deployment === deployment);

/** A task that drains is neither running nor pending. */
function taskCounts(tasks: readonly TaskRecord[]): { runningCount: number; pendingCount: number } {
  return {
    runningCount: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    pendingCount: tasks.filter(({ lastStatus }) => PENDING.includes(lastStatus)).length,
  };
}
