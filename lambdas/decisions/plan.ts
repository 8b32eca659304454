/** What the machine's choices and time-outs read of a deployment, from the moment it has the lock. */
import type { Deployment } from '../common/deployment.ts';
import { type ServiceConfiguration, shiftsTraffic } from '../common/service.ts';

export interface MachinePlan {
  /** How green comes to run: beside blue, in its place, in its place after it has stopped, or by ECS's own strategy. */
  readonly start: 'beside' | 'inPlace' | 'afterStop' | 'native';
  readonly keepsBlue: boolean;
  /** Seconds that each wait may take. */
  readonly timeouts: {
    readonly image: number;
    readonly migration: number;
    readonly steadyState: number;
    readonly checks: number;
    readonly approval: number;
    readonly group: number;
    readonly pause: number;
    readonly standby: number;
    readonly drain: number;
    readonly serviceDeployment: number;
  };
}

/** A hook or a step of ECS's own strategies may take a day, and a deployment thirty (ECS guide, "Blue/green deployments"). */
const SERVICE_DEPLOYMENT_SECONDS = 30 * 86_400;
/** For the sweep to find a task whose time is up (a minute), for the task to be stopped (two), and for the answer to arrive. */
const ANSWER_SECONDS = 240;

/** @param nowMs waits on the way forward end with the deadline, and what comes after each of them says so */
export function planOf(
  { configuration, blueServes, deadlineMs }: Pick<Deployment, 'configuration' | 'blueServes' | 'deadlineMs'>,
  nowMs: number,
): MachinePlan {
  const { checks, migration, approval, keepBlueSeconds, image } = configuration;
  const gateSeconds = [image.scan, image.signature].map((gate) => gate?.timeoutSeconds ?? 0);
  const checkSeconds = [...checks.lambda, ...checks.task].map(({ timeoutSeconds }) => timeoutSeconds);
  const leftSeconds = deadlineMs === undefined ? Infinity : (deadlineMs - nowMs) / 1000;
  const inTime = (seconds: number): number => atLeastOne(Math.min(seconds, leftSeconds));
  return {
    start: startOf(configuration),
    keepsBlue: keepBlueSeconds > 0 && blueServes && shiftsTraffic(configuration),
    timeouts: {
      image: atLeastOne(Math.max(...gateSeconds) + ANSWER_SECONDS),
      migration: atLeastOne((migration?.timeoutSeconds ?? 0) + ANSWER_SECONDS),
      steadyState: inTime(configuration.steadyStateTimeoutSeconds),
      checks: atLeastOne(Math.max(0, ...checkSeconds) + ANSWER_SECONDS),
      approval: inTime(approval?.timeoutSeconds ?? 0),
      group: inTime(configuration.group?.timeoutSeconds ?? 0),
      pause: inTime(configuration.pauseTimeoutSeconds),
      standby: atLeastOne(keepBlueSeconds),
      drain: atLeastOne(configuration.drainTimeoutSeconds),
      serviceDeployment: SERVICE_DEPLOYMENT_SECONDS,
    },
  };
}

function startOf({ strategy }: ServiceConfiguration): MachinePlan['start'] {
  switch (strategy.type) {
    case 'rolling':
      return 'inPlace';
    case 'recreate':
      return 'afterStop';
    case 'native':
      return 'native';
    default:
      return 'beside';
  }
}

const atLeastOne = (seconds: number): number => Math.max(1, Math.ceil(seconds));
