/** Service deployments and service revisions, as the API lists and describes them. */
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { failureThreshold } from './circuit-breaker.ts';
import type { Clusters } from './clusters.ts';
import type { Deployments } from './deployments.ts';
import { nativeView, requestedWeights } from './native/view.ts';
import { pageOf } from './pages.ts';
import type { RevisionRecord, ServiceDeploymentRecord, ServiceRecord } from './records.ts';
import { revisionSummary } from './service-view.ts';

const DESCRIBE_MAX = 20;
const LIST_PAGE = 20;

type ServiceDeploymentOperations = Pick<
  Operations<typeof EcsApi>,
  'ListServiceDeployments' | 'DescribeServiceDeployments' | 'DescribeServiceRevisions'
>;

export function serviceDeploymentOperations(
  clusters: Clusters,
  deployments: Deployments,
): ServiceDeploymentOperations {
  return {
    ListServiceDeployments({ cluster, service: reference, status, createdAt, ...request }) {
      const service = clusters.findService(cluster, reference ?? '');
      if (!service) throw new AwsError('ServiceNotFoundException', 'Service not found.');
      const matching = service.serviceDeployments.filter(
        (record) => (!status?.length || status.includes(record.status)) && isWithin(record, createdAt),
      );
      const { page, nextToken } = pageOf(
        matching.map(({ arn }) => arn),
        request,
        LIST_PAGE,
      );
      const shown = matching.filter(({ arn }) => page.includes(arn));
      return { serviceDeployments: shown.map(briefView), nextToken };
    },
    DescribeServiceDeployments({ serviceDeploymentArns: wanted = [] }) {
      requireFew('serviceDeploymentArns', wanted);
      const all = [...clusters.all.values()].flatMap((cluster) => [...cluster.services.values()]);
      const records = all.flatMap((service) => service.serviceDeployments);
      const found = wanted.flatMap((arn) => records.find((record) => record.arn === arn) ?? []);
      return {
        serviceDeployments: found.map(fullView),
        failures: missing(
          wanted,
          found.map(({ arn }) => arn),
        ),
      };
    },
    DescribeServiceRevisions({ serviceRevisionArns: wanted = [] }) {
      requireFew('serviceRevisionArns', wanted);
      const found = wanted.flatMap((arn) => deployments.revisions.get(arn) ?? []);
      return {
        serviceRevisions: found.map(({ service, revision }) => revisionView(service, revision)),
        failures: missing(
          wanted,
          found.map(({ revision }) => revision.arn),
        ),
      };
    },
  };
}

function requireFew(member: string, arns: readonly string[]): void {
  if (arns.length >= 1 && arns.length <= DESCRIBE_MAX) return;
  throw new AwsError(
    'InvalidParameterException',
    `${member} are ${arns.length}; allowed are 1 to ${DESCRIBE_MAX}`,
  );
}

const missing = (wanted: readonly string[], found: readonly string[]): EcsApi.Failure[] =>
  wanted.filter((arn) => !found.includes(arn)).map((arn) => ({ arn, reason: 'MISSING' }));

function isWithin({ createdAtMs }: ServiceDeploymentRecord, range: EcsApi.CreatedAt | undefined): boolean {
  const afterMs = range?.after?.getTime() ?? Number.NEGATIVE_INFINITY;
  const beforeMs = range?.before?.getTime() ?? Number.POSITIVE_INFINITY;
  return createdAtMs >= afterMs && createdAtMs <= beforeMs;
}

function briefView(record: ServiceDeploymentRecord): EcsApi.ServiceDeploymentBrief {
  return {
    serviceDeploymentArn: record.arn,
    serviceArn: record.service.arn,
    clusterArn: record.service.cluster.arn,
    createdAt: new Date(record.createdAtMs),
    startedAt: dateOf(record.startedAtMs),
    finishedAt: dateOf(record.finishedAtMs),
    targetServiceRevisionArn: record.deployment.revision.arn,
    status: record.status,
    statusReason: record.statusReason,
  };
}

function fullView(record: ServiceDeploymentRecord): EcsApi.ServiceDeployment {
  const { service, deployment, native } = record;
  const deploymentConfiguration = native?.configuration ?? service.settings.deploymentConfiguration;
  const { targetServiceRevisionArn: _, ...brief } = briefView(record);
  return {
    ...brief,
    updatedAt: new Date(record.updatedAtMs),
    stoppedAt: dateOf(record.stoppedAtMs),
    sourceServiceRevisions: record.sources.map((revision) => ({
      ...sourceSummary(service, revision),
      ...requestedWeights(record, revision),
    })),
    targetServiceRevision: {
      ...revisionSummary(service, deployment),
      ...requestedWeights(record, deployment.revision),
    },
    ...nativeView(record),
    deploymentConfiguration: structuredClone(deploymentConfiguration),
    rollback: record.rollback,
    deploymentCircuitBreaker: {
      status: record.breakerStatus,
      failureCount: deployment.failedTasks,
      threshold: failureThreshold(deploymentConfiguration.deploymentCircuitBreaker, service.desiredCount),
    },
    alarms: {
      status: native?.alarms.status ?? 'DISABLED',
      alarmNames: [...(native?.alarms.names ?? [])],
      triggeredAlarmNames: [...(native?.alarms.triggered ?? [])],
    },
  };
}

function sourceSummary(service: ServiceRecord, revision: RevisionRecord): EcsApi.ServiceRevisionSummary {
  const deployment = service.deployments.find((each) => each.revision === revision);
  if (deployment) return revisionSummary(service, deployment);
  return { arn: revision.arn, requestedTaskCount: 0, runningTaskCount: 0, pendingTaskCount: 0 };
}

function revisionView(service: ServiceRecord, revision: RevisionRecord): EcsApi.ServiceRevision {
  const { taskDefinition, loadBalancers, networkConfiguration, platformVersion } = revision.settings;
  return structuredClone({
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    taskDefinition: taskDefinition.taskDefinitionArn,
    launchType: service.settings.launchType,
    capacityProviderStrategy: service.settings.capacityProviderStrategy,
    platformVersion,
    networkConfiguration,
    loadBalancers: [...loadBalancers],
    containerImages: taskDefinition.containerDefinitions.map(({ name, image }) => ({
      containerName: name,
      image,
      imageDigest: revision.images.get(name)?.digest,
    })),
    createdAt: new Date(revision.createdAtMs),
    resolvedConfiguration: {
      loadBalancers: revision.loadBalancers.map(({ targetGroupArn, advancedConfiguration }) => ({
        targetGroupArn,
        productionListenerRule: advancedConfiguration?.productionListenerRule,
      })),
    },
  });
}

const dateOf = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));
