/** What AWS's documentation leaves open about ECS, or what tests vary: parameters, in milliseconds of cloud time. */

/** Whether SIGTERM waits for the target to be `unused`, as the developer guide says, or not, as blogs say. */
export type StopOrder = 'after-drain' | 'at-once';

export interface EcsParameters {
  readonly stopOrder: StopOrder;
  /** From RUNNING to counting as healthy, for a task with neither load balancer nor container health check. */
  readonly healthyAfterRunningMs: number;
  /** From the last container's end to STOPPED (release of the network interface). */
  readonly deprovisioningMs: number;
  /** The first pause after a task failed to start; it doubles with every further failure, up to the maximum. */
  readonly startBackoffMs: number;
  readonly startBackoffMaxMs: number;
  /** How often the alarms of a native deployment are looked at. */
  readonly alarmPollMs: number;
  /** What a native deployment waits for a Network Load Balancer before scaling up and in each shift. */
  readonly networkShiftMs: number;
}

export const DEFAULT_ECS_PARAMETERS: EcsParameters = {
  stopOrder: 'after-drain',
  healthyAfterRunningMs: 40_000,
  deprovisioningMs: 500,
  startBackoffMs: 1_000,
  startBackoffMaxMs: 27 * 60_000,
  alarmPollMs: 10_000,
  networkShiftMs: 600_000,
};
