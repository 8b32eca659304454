/** What the simulator remembers of a native deployment: its stage, its hooks, the traffic that it asked for. */
import type { EcsApi } from '../../wire/models.ts';
import type { DeploymentConfiguration, DeploymentRecord } from '../records.ts';

export const NATIVE_STRATEGIES = ['BLUE_GREEN', 'LINEAR', 'CANARY'] as const;
export type NativeStrategy = (typeof NATIVE_STRATEGIES)[number];

/** Every stage, in order. Describe's own enumeration lacks PRE_PRODUCTION_TRAFFIC_SHIFT. */
export const LIFECYCLE_STAGES = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
  'BAKE_TIME',
  'CLEAN_UP',
] as const;
export type LifecycleStage = (typeof LIFECYCLE_STAGES)[number];

export type HookStatus = 'AWAITING_ACTION' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
export type HookAction = 'CONTINUE' | 'ROLLBACK';

/** One run of a hook in one stage: each production step has new ones. */
export interface HookRecord {
  readonly id: string;
  readonly targetType: 'AWS_LAMBDA' | 'PAUSE';
  readonly targetArn?: string | undefined;
  readonly stage: LifecycleStage;
  readonly expiresAtMs: number;
  readonly timeoutAction: HookAction;
  status: HookStatus;
}

/** What a rule or the deployment asks for green, in percent; undefined while nothing was asked. */
export interface RequestedTraffic {
  test?: number;
  production?: number;
}

export interface AlarmWatch {
  status: EcsApi.ServiceDeploymentRollbackMonitorsStatus;
  readonly names: readonly string[];
  /** In ALARM when the deployment started: ignored to its end. */
  ignored: readonly string[];
  triggered: string[];
}

export interface NativeProgress {
  /** As it was when the deployment started: later updates change nothing under it. */
  readonly configuration: DeploymentConfiguration;
  /** Blue; absent when no revision has ever been deployed completely. */
  readonly source?: DeploymentRecord | undefined;
  /** The deployments whose tasks are wanted now. */
  readonly scaledUp: Set<DeploymentRecord>;
  stage?: LifecycleStage;
  /** In order of their start. */
  readonly hooks: HookRecord[];
  readonly traffic: RequestedTraffic;
  readonly alarms: AlarmWatch;
}
