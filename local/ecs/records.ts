/** What the ECS simulator remembers: its own records, from which the answers of the API are made. */
import type { LocalImage } from '../simulators.ts';
import type { RunningContainer } from '../tasks/task-runner.ts';
import type { EcsApi } from '../wire/models.ts';
import type { NativeProgress } from './native/records.ts';

export interface ClusterRecord {
  readonly arn: string;
  readonly name: string;
  status: 'ACTIVE' | 'INACTIVE';
  settings: EcsApi.CreateClusterRequest;
  readonly services: Map<string, ServiceRecord>;
  /** Every task that is not STOPPED yet, of services or not. */
  readonly tasks: Set<TaskRecord>;
}

/** A task definition as registered: complete, never changed but for its status. */
export type TaskDefinition = Omit<EcsApi.TaskDefinition, 'containerDefinitions'> & {
  taskDefinitionArn: string;
  family: string;
  revision: number;
  containerDefinitions: ContainerDefinition[];
};

export type ContainerDefinition = EcsApi.ContainerDefinition & { name: string; image: string };

/** The members of a service whose change starts a deployment. */
export interface RevisionSettings {
  readonly taskDefinition: TaskDefinition;
  readonly loadBalancers: readonly ServiceLoadBalancer[];
  readonly networkConfiguration?: EcsApi.NetworkConfiguration | undefined;
  readonly platformVersion?: string | undefined;
}

export interface ServiceLoadBalancer {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
  /** On all entries or on none: what a native deployment shifts between. */
  readonly advancedConfiguration?: AdvancedConfiguration;
}

export interface AdvancedConfiguration {
  readonly alternateTargetGroupArn: string;
  readonly productionListenerRule: string;
  readonly testListenerRule?: string | undefined;
  readonly roleArn: string;
}

/** The members of a service whose change starts no deployment. */
export interface ServiceSettings {
  readonly deploymentConfiguration: DeploymentConfiguration;
  readonly healthCheckGracePeriodSeconds?: number | undefined;
  readonly launchType?: EcsApi.LaunchType | undefined;
  readonly capacityProviderStrategy?: EcsApi.CapacityProviderStrategyItem[] | undefined;
  readonly placementConstraints?: EcsApi.PlacementConstraint[] | undefined;
  readonly placementStrategy?: EcsApi.PlacementStrategy[] | undefined;
  readonly propagateTags?: EcsApi.PropagateTags | undefined;
  readonly enableECSManagedTags?: boolean | undefined;
  readonly enableExecuteCommand?: boolean | undefined;
  readonly availabilityZoneRebalancing?: EcsApi.AvailabilityZoneRebalancing | undefined;
  readonly role?: string | undefined;
}

export type DeploymentConfiguration = EcsApi.DeploymentConfiguration & {
  minimumHealthyPercent: number;
  maximumPercent: number;
  deploymentCircuitBreaker: EcsApi.DeploymentCircuitBreaker;
};

/** A service revision: immutable, but for the digests that its first task pins. */
export interface RevisionRecord {
  readonly arn: string;
  readonly createdAtMs: number;
  readonly settings: RevisionSettings;
  /** By container name; filled by the revision's first task, so that a later push changes nothing. */
  readonly images: Map<string, LocalImage>;
  /** Where its tasks register: as the settings say, unless a native deployment has chosen the other group. */
  loadBalancers: readonly ServiceLoadBalancer[];
}

/** An entry of `deployments[]`. A rollback brings the same record back as PRIMARY. */
export interface DeploymentRecord {
  /** `ecs-svc/` and 19 digits. */
  readonly id: string;
  readonly revision: RevisionRecord;
  readonly createdAtMs: number;
  updatedAtMs: number;
  status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  rolloutStateReason: string;
  desiredCount: number;
  /** Consecutive failures, as the circuit breaker counts them. */
  failedTasks: number;
  /** No task is started before this moment. */
  startsAgainAtMs: number;
  /** Whether the current lack of room was told in `events[]`. */
  isStuckTold: boolean;
}

/** A service deployment, which leads on from `deployments[]`: one attempt, with its rollback. */
export interface ServiceDeploymentRecord {
  readonly arn: string;
  readonly service: ServiceRecord;
  readonly sources: readonly RevisionRecord[];
  readonly deployment: DeploymentRecord;
  readonly createdAtMs: number;
  status: EcsApi.ServiceDeploymentStatus;
  statusReason?: string;
  startedAtMs?: number;
  finishedAtMs?: number;
  stoppedAtMs?: number;
  updatedAtMs: number;
  breakerStatus: EcsApi.ServiceDeploymentRollbackMonitorsStatus;
  rollback?: EcsApi.Rollback;
  /** Absent on a rolling deployment. */
  native?: NativeProgress;
}

export interface ServiceRecord {
  readonly arn: string;
  readonly name: string;
  readonly cluster: ClusterRecord;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly clientToken?: string | undefined;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  desiredCount: number;
  settings: ServiceSettings;
  /** The PRIMARY first. */
  deployments: DeploymentRecord[];
  /** Where a rollback goes: kept even after it has left `deployments`. */
  lastCompleted?: DeploymentRecord;
  /** Newest first. */
  readonly serviceDeployments: ServiceDeploymentRecord[];
  /** Newest first. */
  readonly events: EcsApi.ServiceEvent[];
  /** Every task that is not STOPPED yet, in order of launch. */
  readonly tasks: Set<TaskRecord>;
  isSteady: boolean;
}

export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

export interface ContainerRecord {
  readonly definition: ContainerDefinition;
  readonly arn: string;
  readonly runtimeId: string;
  status: 'PENDING' | 'RUNNING' | 'STOPPED';
  imageDigest?: string;
  exitCode?: number;
  reason?: string;
  hostPorts: ReadonlyMap<number, number>;
  process?: RunningContainer;
}

/** Where a task is registered. */
export interface TaskTarget {
  readonly targetGroupArn: string;
  readonly target: { id: string; port: number };
}

/** What a task is launched from. */
export interface LaunchOrder {
  readonly cluster: ClusterRecord;
  readonly definition: TaskDefinition;
  readonly group: string;
  readonly startedBy?: string | undefined;
  readonly launchType?: EcsApi.LaunchType | undefined;
  readonly platformVersion?: string | undefined;
  readonly enableExecuteCommand?: boolean | undefined;
  readonly overrides?: EcsApi.TaskOverride | undefined;
  readonly loadBalancers: readonly ServiceLoadBalancer[];
  readonly images: Map<string, LocalImage>;
  /** Both or neither: the service whose scheduler launches it. */
  readonly service?: ServiceRecord;
  readonly deployment?: DeploymentRecord;
}

export interface TaskRecord {
  readonly arn: string;
  readonly id: string;
  readonly order: LaunchOrder;
  readonly containers: readonly ContainerRecord[];
  readonly createdAtMs: number;
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  /** Grows with every change that is told in an event. */
  version: number;
  targets: TaskTarget[];
  pullStartedAtMs?: number;
  pullStoppedAtMs?: number;
  startedAtMs?: number;
  stoppingAtMs?: number;
  executionStoppedAtMs?: number;
  stoppedAtMs?: number;
  stopCode?: EcsApi.TaskStopCode;
  stoppedReason?: string;
  /** Whether it has counted as healthy at least once. */
  wasHealthy: boolean;
}
