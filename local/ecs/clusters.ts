/** Clusters: names under which services and tasks are found. */
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { clusterArn, nameOf } from './identifiers.ts';
import { pageOf } from './pages.ts';
import type { ClusterRecord, ServiceRecord } from './records.ts';
import type { TagStore } from './tags.ts';

const DEFAULT_CLUSTER = 'default';
const PAGE = 100;

export interface Clusters {
  /** By name or ARN; `default` if absent. @throws AwsError `ClusterNotFoundException` */
  require(nameOrArn: string | undefined): ClusterRecord;
  /** The service in its cluster, whatever its status. */
  findService(cluster: string | undefined, nameOrArn: string): ServiceRecord | undefined;
  readonly all: ReadonlyMap<string, ClusterRecord>;
  readonly operations: ClusterOperations;
}

type ClusterOperations = Pick<
  Operations<typeof EcsApi>,
  'CreateCluster' | 'DescribeClusters' | 'ListClusters' | 'DeleteCluster'
>;

export function createClusters(tags: TagStore): Clusters {
  const all = new Map<string, ClusterRecord>();
  const find = (nameOrArn = DEFAULT_CLUSTER): ClusterRecord | undefined => all.get(nameOf(nameOrArn));
  const require = (nameOrArn: string | undefined): ClusterRecord => {
    const cluster = find(nameOrArn);
    if (cluster?.status !== 'ACTIVE') throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return cluster;
  };

  const operations: ClusterOperations = {
    CreateCluster(input) {
      const name = input.clusterName ?? DEFAULT_CLUSTER;
      const cluster = all.get(name)?.status === 'ACTIVE' ? require(name) : newCluster(name, input);
      all.set(name, cluster);
      tags.add(cluster.arn, input.tags);
      return { cluster: clusterView(cluster, tags) };
    },
    DescribeClusters({ clusters = [DEFAULT_CLUSTER], include }) {
      const withTags = include?.includes('TAGS') ? tags : undefined;
      const found = clusters.flatMap((name) => find(name) ?? []);
      const missing = clusters.filter((name) => !find(name));
      return {
        clusters: found.map((cluster) => clusterView(cluster, withTags)),
        failures: missing.map((name) => ({ arn: clusterArn(nameOf(name)), reason: 'MISSING' })),
      };
    },
    ListClusters(input) {
      const active = [...all.values()].filter((cluster) => cluster.status === 'ACTIVE');
      const { page, nextToken } = pageOf(
        active.map((cluster) => cluster.arn),
        input,
        PAGE,
      );
      return { clusterArns: page, nextToken };
    },
    DeleteCluster(input) {
      const cluster = require(input.cluster);
      requireEmpty(cluster);
      cluster.status = 'INACTIVE';
      return { cluster: clusterView(cluster) };
    },
  };
  return {
    require,
    all,
    operations,
    findService: (cluster, nameOrArn) => require(cluster).services.get(nameOf(nameOrArn)),
  };
}

function newCluster(name: string, settings: EcsApi.CreateClusterRequest): ClusterRecord {
  return { arn: clusterArn(name), name, status: 'ACTIVE', settings, services: new Map(), tasks: new Set() };
}

function requireEmpty(cluster: ClusterRecord): void {
  const refuse = (code: string, what: string): never => {
    throw new AwsError(code, `The Cluster cannot be deleted while ${what} are active.`);
  };
  const services = [...cluster.services.values()].filter((service) => service.status !== 'INACTIVE');
  if (services.length > 0) refuse('ClusterContainsServicesException', 'Services');
  if (cluster.tasks.size > 0) refuse('ClusterContainsTasksException', 'Tasks');
}

function clusterView(cluster: ClusterRecord, tags?: TagStore): EcsApi.Cluster {
  const services = [...cluster.services.values()].filter((service) => service.status !== 'INACTIVE');
  const tasks = [...cluster.tasks];
  const {
    settings,
    configuration,
    capacityProviders = [],
    defaultCapacityProviderStrategy = [],
  } = cluster.settings;
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: tasks.filter((task) => task.lastStatus === 'RUNNING').length,
    pendingTasksCount: tasks.filter((task) => task.lastStatus === 'PENDING').length,
    activeServicesCount: services.length,
    statistics: [],
    tags: tags?.of(cluster.arn) ?? [],
    settings: settings ?? [],
    configuration,
    capacityProviders,
    defaultCapacityProviderStrategy,
  };
}
