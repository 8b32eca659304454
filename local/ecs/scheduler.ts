/** The service scheduler: round by round it brings each service closer to what is wanted. */
import type { Timer } from '../clock/clock.ts';
import type { Platform } from '../platform.ts';
import type { TargetRegistry } from '../simulators.ts';
import type { Announcements } from './announcements.ts';
import { forgetsOnHealthyTask, isTripped } from './circuit-breaker.ts';
import type { Deployments } from './deployments.ts';
import { isAsDesired, type Judged, planOf } from './judgement.ts';
import type { NativeController } from './native/index.ts';
import type { EcsParameters } from './parameters.ts';
import type { ServiceRecord, TaskRecord } from './records.ts';
import { createReplacement } from './replacement.ts';
import { type HealthFacts, judgeTask, nextJudgementMs } from './task-health.ts';
import type { StopCause } from './task-life.ts';
import { healthOfTarget } from './task-targets.ts';
import type { Tasks } from './tasks.ts';
import type { Timers } from './timers.ts';

/** So many failures in a row are worth a warning. */
const IMPAIRED_FAILURES = 3;

/** How soon a service is looked at again whose round has failed. Cloud time. */
const AFTER_FAULT_MS = 10_000;

export interface Scheduler {
  /** Something changed: look at the service soon. An idle service has no timer. */
  wake(service: ServiceRecord): void;
  /** Counts a stop against its deployment, if it is a failure. */
  noteStop(task: TaskRecord, cause: StopCause): void;
}

export interface SchedulerPorts {
  readonly targets: TargetRegistry;
  readonly tasks: Pick<Tasks, 'launch' | 'stop'>;
  readonly deployments: Deployments;
  readonly announcements: Announcements;
  readonly timers: Timers;
  readonly parameters: EcsParameters;
  readonly native: Pick<NativeController, 'owns' | 'wish' | 'review'>;
}

export function createScheduler(platform: Platform, ports: SchedulerPorts): Scheduler {
  const { clock, latencies } = platform;
  const { announcements, deployments, native, parameters } = ports;
  const { startTasks, stopTasks, keep } = createReplacement({ clock, ...ports });
  const planned = new Map<ServiceRecord, { timer: Timer; atMs: number }>();

  function round(service: ServiceRecord): void {
    // What is not due at this moment is planned for later, although time goes on during the round: compared with a
    // later moment, a pause that ends meanwhile would be over for the plan and not over for the act, and lost.
    const nowMs = clock.now();
    if (native.owns(service)) nativeRound(service, nowMs);
    else rollingRound(service, nowMs);
    deployments.endSuperseded(service);
    endDraining(service);
    planNextLook(service, nowMs);
  }

  /** The runbook. */
  function rollingRound(service: ServiceRecord, nowMs: number): void {
    deployments.start(service);
    const judged = judge(service, nowMs);
    rememberHealthy(service, judged);
    breakCircuit(service);
    const plan = planOf(service, judged);
    stopTasks(service, judged, plan);
    startTasks(service, judged, plan);
    complete(service, judged);
    settle(service, judged);
  }

  /** Each deployment has its own count; when a stage is over is the native controller's to say. */
  function nativeRound(service: ServiceRecord, nowMs: number): void {
    const judged = judge(service, nowMs);
    rememberHealthy(service, judged);
    native.review(service, judged);
    native.wish(service);
    for (const deployment of service.deployments) keep(service, deployment, judged);
    settle(service, judged);
  }

  function judge(service: ServiceRecord, nowMs: number): Judged {
    const running = [...service.tasks].filter((task) => task.desiredStatus === 'RUNNING');
    return new Map(running.map((task) => [task, judgeTask(task, factsOf(service, task, nowMs))]));
  }

  function factsOf(service: ServiceRecord, task: TaskRecord, nowMs: number): HealthFacts {
    return {
      nowMs,
      healthyAfterRunningMs: parameters.healthyAfterRunningMs,
      gracePeriodMs: (service.settings.healthCheckGracePeriodSeconds ?? 0) * 1_000,
      targetStates: task.targets.map((entry) => healthOfTarget(ports.targets, entry).state),
    };
  }

  function rememberHealthy(service: ServiceRecord, judged: Judged): void {
    const { deploymentCircuitBreaker } = service.settings.deploymentConfiguration;
    for (const [task, health] of judged) {
      const { deployment } = task.order;
      if (health !== 'healthy' || task.wasHealthy || !deployment) continue;
      task.wasHealthy = true;
      deployment.startsAgainAtMs = 0;
      if (forgetsOnHealthyTask(deploymentCircuitBreaker)) deployment.failedTasks = 0;
    }
  }

  function breakCircuit(service: ServiceRecord): void {
    const [primary] = service.deployments;
    const { deploymentCircuitBreaker } = service.settings.deploymentConfiguration;
    if (primary?.rolloutState !== 'IN_PROGRESS') return;
    const facts = { desiredCount: service.desiredCount, failedTasks: primary.failedTasks };
    if (isTripped(deploymentCircuitBreaker, facts)) deployments.fail(service);
  }

  function complete(service: ServiceRecord, judged: Judged): void {
    const [primary] = service.deployments;
    if (primary?.rolloutState === 'IN_PROGRESS' && isAsDesired(service, judged))
      deployments.complete(service);
  }

  function settle(service: ServiceRecord, judged: Judged): void {
    const [primary] = service.deployments;
    if (service.isSteady || primary?.rolloutState !== 'COMPLETED' || !isAsDesired(service, judged)) return;
    service.isSteady = true;
    announcements.say(service, 'has reached a steady state.');
    announcements.serviceActed(service, 'INFO', 'SERVICE_STEADY_STATE');
  }

  function endDraining(service: ServiceRecord): void {
    if (service.status !== 'DRAINING' || service.tasks.size > 0) return;
    service.status = 'INACTIVE';
    service.deployments = [];
  }

  /** Changes wake the scheduler; only what time alone brings about needs a timer. */
  function planNextLook(service: ServiceRecord, nowMs: number): void {
    const judgements = [...service.tasks].map(
      (task) => nextJudgementMs(task, factsOf(service, task, nowMs)) ?? 0,
    );
    const backoffs = service.deployments.map(({ startsAgainAtMs }) => startsAgainAtMs);
    const times = [...judgements, ...backoffs].filter((atMs) => atMs > nowMs);
    if (times.length > 0) wakeAt(service, Math.min(...times));
  }

  function wakeAt(service: ServiceRecord, atMs: number): void {
    const earlier = planned.get(service);
    if (earlier && earlier.atMs <= atMs) return;
    earlier?.timer.cancel();
    const timer = ports.timers.after(atMs - clock.now(), () => {
      planned.delete(service);
      runSafely(service);
    });
    planned.set(service, { timer, atMs });
  }

  function runSafely(service: ServiceRecord): void {
    try {
      if (service.status !== 'INACTIVE') round(service);
    } catch (error) {
      platform.fault(error);
      wakeAt(service, clock.now() + AFTER_FAULT_MS);
    }
  }

  function noteStop(task: TaskRecord, cause: StopCause): void {
    const { deployment, service } = task.order;
    if (!deployment || !service || !isFailure(task, cause)) return;
    deployment.failedTasks += 1;
    if (!cause.isBadHealth) deployment.startsAgainAtMs = clock.now() + backoffMs(deployment.failedTasks);
    if (deployment.failedTasks !== IMPAIRED_FAILURES) return;
    announcements.say(service, 'is unable to consistently start tasks successfully.');
    announcements.serviceActed(service, 'WARN', 'SERVICE_TASK_START_IMPAIRED');
  }

  const backoffMs = (failures: number): number =>
    Math.min(parameters.startBackoffMaxMs, parameters.startBackoffMs * 2 ** (failures - 1));

  return { wake: (service) => wakeAt(service, clock.now() + latencies.schedulerMs), noteStop };
}

/** Never healthy before its end, or stopped for its health: what the circuit breaker counts. */
function isFailure(task: TaskRecord, cause: StopCause): boolean {
  if (cause.isBadHealth || cause.stopCode === 'TaskFailedToStart') return true;
  return cause.stopCode === 'EssentialContainerExited' && !task.wasHealthy;
}
