/** Services: created, updated, described, deleted. The scheduler does the rest. */
import { isDeepStrictEqual } from 'node:util';
import { LOCAL_ACCOUNT, type Platform } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import type { Call, Operations } from '../wire/operations.ts';
import type { Announcements } from './announcements.ts';
import type { Clusters } from './clusters.ts';
import type { Deployments } from './deployments.ts';
import { nameOf, serviceArn } from './identifiers.ts';
import type { NativeController } from './native/index.ts';
import { pageOf } from './pages.ts';
import type { ClusterRecord, RevisionSettings, ServiceRecord } from './records.ts';
import type { Scheduler } from './scheduler.ts';
import { readDesiredCount, readRevision, readSettings, refuseUnsupported } from './service-input.ts';
import { serviceView } from './service-view.ts';
import type { TagStore } from './tags.ts';
import type { TaskDefinitions } from './task-definitions.ts';

const DESCRIBE_MAX = 10;
const LIST_PAGE = 10;

type ServiceOperations = Pick<
  Operations<typeof EcsApi>,
  'CreateService' | 'UpdateService' | 'DescribeServices' | 'ListServices' | 'DeleteService'
>;

export interface ServicePorts {
  readonly clusters: Clusters;
  readonly definitions: TaskDefinitions;
  readonly deployments: Deployments;
  readonly scheduler: Scheduler;
  readonly announcements: Announcements;
  readonly native: Pick<NativeController, 'begin' | 'leave'>;
  readonly tags: TagStore;
}

export function serviceOperations({ clock }: Platform, ports: ServicePorts): ServiceOperations {
  const { clusters, definitions, deployments, native, scheduler, announcements, tags } = ports;

  function startDeployment(service: ServiceRecord, revision: RevisionSettings): void {
    deployments.begin(service, revision);
    native.begin(service);
  }

  function setDesiredCount(service: ServiceRecord, desiredCount: number): void {
    if (service.desiredCount === desiredCount) return;
    service.desiredCount = desiredCount;
    service.isSteady = false;
    const [primary] = service.deployments;
    if (primary) primary.desiredCount = desiredCount;
    announcements.serviceActed(service, 'INFO', 'SERVICE_DESIRED_COUNT_UPDATED', { desiredCount });
  }

  return {
    CreateService(input, call) {
      refuseUnsupported('CreateService', input);
      const cluster = clusters.require(input.cluster);
      const repeated = findRepeated(cluster, input);
      if (repeated) return { service: serviceView(repeated) };
      const revision = readRevision(input, definitions);
      const service = newService(cluster, input, revision, { nowMs: clock.now(), call });
      cluster.services.set(service.name, service);
      tags.add(service.arn, input.tags);
      startDeployment(service, revision);
      scheduler.wake(service);
      return { service: serviceView(service, tags.of(service.arn)) };
    },
    UpdateService(input) {
      refuseUnsupported('UpdateService', input);
      const service = requireActive(clusters, input);
      const current = requirePrimary(service).revision.settings;
      const revision = readRevision(input, definitions, current);
      const settings = readSettings(input, revision.loadBalancers, service.settings);
      const desiredCount = readDesiredCount(input, service.desiredCount);
      // All is checked: from here on nothing throws, so an update is done whole or not at all.
      service.settings = settings;
      setDesiredCount(service, desiredCount);
      if (input.forceNewDeployment || !isDeepStrictEqual(revision, current))
        startDeployment(service, revision);
      scheduler.wake(service);
      return { service: serviceView(service) };
    },
    DescribeServices({ cluster, services: wanted = [], include }) {
      const home = clusters.require(cluster);
      if (wanted.length === 0) throw new AwsError('InvalidParameterException', 'Services cannot be empty.');
      if (wanted.length > DESCRIBE_MAX) {
        throw new AwsError(
          'InvalidParameterException',
          `Services are ${wanted.length}; allowed are ${DESCRIBE_MAX}.`,
        );
      }
      const found = wanted.flatMap((reference) => home.services.get(nameOf(reference)) ?? []);
      const missing = wanted.filter((reference) => !home.services.has(nameOf(reference)));
      const tagsOf = (service: ServiceRecord) =>
        include?.includes('TAGS') ? tags.of(service.arn) : undefined;
      return {
        services: found.map((service) => serviceView(service, tagsOf(service))),
        failures: missing.map((reference) => ({
          arn: serviceArn(home.name, nameOf(reference)),
          reason: 'MISSING',
        })),
      };
    },
    ListServices({ cluster, launchType, ...request }) {
      const active = [...clusters.require(cluster).services.values()].filter(
        ({ status, settings }) =>
          status !== 'INACTIVE' && (!launchType || settings.launchType === launchType),
      );
      const { page, nextToken } = pageOf(
        active.map(({ arn }) => arn),
        request,
        LIST_PAGE,
      );
      return { serviceArns: page, nextToken };
    },
    DeleteService(input) {
      const service = requireActive(clusters, input);
      if (!input.force && service.desiredCount > 0) {
        throw new AwsError(
          'InvalidParameterException',
          'The service cannot be stopped while it is scaled above 0.',
        );
      }
      setDesiredCount(service, 0);
      service.status = 'DRAINING';
      native.leave(service);
      scheduler.wake(service);
      return { service: serviceView(service) };
    },
  };
}

/** The service that the same request, by its client token, has created before. */
function findRepeated(cluster: ClusterRecord, input: EcsApi.CreateServiceRequest): ServiceRecord | undefined {
  const existing = cluster.services.get(input.serviceName ?? '');
  if (!existing || existing.status === 'INACTIVE') return undefined;
  if (existing.status === 'DRAINING') {
    throw new AwsError('InvalidParameterException', 'Unable to Start a service that is still Draining.');
  }
  if (input.clientToken !== undefined && input.clientToken === existing.clientToken) return existing;
  throw new AwsError('InvalidParameterException', 'Creation of service was not idempotent.');
}

function newService(
  cluster: ClusterRecord,
  input: EcsApi.CreateServiceRequest,
  revision: RevisionSettings,
  { nowMs, call }: { nowMs: number; call: Call },
): ServiceRecord {
  const name = input.serviceName ?? '';
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) {
    throw new AwsError('InvalidParameterException', `Service name ${JSON.stringify(name)} is not valid.`);
  }
  return {
    arn: serviceArn(cluster.name, name),
    name,
    cluster,
    createdAtMs: nowMs,
    createdBy: `arn:aws:iam::${LOCAL_ACCOUNT}:user/${call.caller}`,
    clientToken: input.clientToken,
    status: 'ACTIVE',
    desiredCount: readDesiredCount(input),
    settings: readSettings(input, revision.loadBalancers),
    deployments: [],
    serviceDeployments: [],
    events: [],
    tasks: new Set(),
    isSteady: false,
  };
}

function requireActive(
  clusters: Clusters,
  { cluster, service: reference = '' }: { cluster?: string | undefined; service?: string | undefined },
): ServiceRecord {
  const service = clusters.findService(cluster, reference);
  if (!service) throw new AwsError('ServiceNotFoundException', 'Service not found.');
  if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
  return service;
}

function requirePrimary({ name, deployments: [primary] }: ServiceRecord) {
  if (!primary) throw new Error(`service ${name} is ACTIVE but has no PRIMARY deployment`);
  return primary;
}
