/** ECS's own controller for blue/green, linear and canary deployments. */
import { isTripped } from '../circuit-breaker.ts';
import type { Judged } from '../judgement.ts';
import type { DeploymentRecord, ServiceDeploymentRecord, ServiceRecord } from '../records.ts';
import { failure } from './alarms.ts';
import { live } from './controller.ts';
import { NATIVE_STRATEGIES, type NativeProgress } from './records.ts';
import { createRun, type NativePorts, type Run } from './run.ts';

export interface NativeController {
  /** Whether the newest service deployment is this controller's: then the tasks follow its wishes. */
  owns(service: ServiceRecord): boolean;
  /** Takes the newest service deployment of a service up, if its strategy is native, and lets an older one go. */
  begin(service: ServiceRecord): void;
  /** The service is deleted: whatever runs for it ends. */
  leave(service: ServiceRecord): void;
  /** Sets what each deployment is to run; the scheduler brings it about. */
  wish(service: ServiceRecord): void;
  /** Told of each round of the scheduler. */
  review(service: ServiceRecord, judged: Judged): void;
  /** The run of a service deployment, while it runs. */
  runOf(record: ServiceDeploymentRecord): Run | undefined;
}

export function createNativeController(ports: NativePorts): NativeController {
  const runs = new Map<ServiceRecord, Run>();

  function leave(service: ServiceRecord): void {
    runs.get(service)?.interrupt.give({ to: 'leave' });
    runs.delete(service);
  }

  async function liveToTheEnd(run: Run): Promise<void> {
    try {
      await live(run);
    } finally {
      if (runs.get(run.service) === run) runs.delete(run.service);
    }
  }

  function begin(service: ServiceRecord): void {
    leave(service);
    const [record] = service.serviceDeployments;
    if (!record || !isNative(service)) return;
    const progress = progressOf(service, record.deployment);
    record.native = progress;
    // Chosen when the rules are read; until then the revision has none.
    record.deployment.revision.loadBalancers = [];
    if (!hasBreaker(service)) record.breakerStatus = 'DISABLED';
    const run = createRun(ports, service, record, progress);
    runs.set(service, run);
    liveToTheEnd(run).catch(ports.platform.fault);
  }

  function breakCircuit({ service, green, record, interrupt }: Run): void {
    const { deploymentCircuitBreaker } = service.settings.deploymentConfiguration;
    if (record.status !== 'IN_PROGRESS' || record.breakerStatus !== 'MONITORING') return;
    const facts = { desiredCount: service.desiredCount, failedTasks: green.failedTasks };
    if (!isTripped(deploymentCircuitBreaker, facts)) return;
    record.breakerStatus = 'TRIGGERED';
    const why = 'the deployment circuit breaker was triggered: tasks failed to start';
    interrupt.give(failure(deploymentCircuitBreaker.rollback === true, why).interruption);
  }

  return {
    owns: (service) => service.serviceDeployments[0]?.native !== undefined,
    begin,
    leave,
    wish(service) {
      const scaledUp = service.serviceDeployments[0]?.native?.scaledUp;
      for (const deployment of service.deployments)
        deployment.desiredCount = scaledUp?.has(deployment) ? service.desiredCount : 0;
    },
    review(service, judged) {
      const run = runs.get(service);
      if (!run) return;
      breakCircuit(run);
      for (const watch of [...run.watches]) watch(judged);
    },
    runOf: (record) => [...runs.values()].find((run) => run.record === record),
  };
}

/** The guide gives the circuit breaker to blue/green; for the other two strategies no page does. */
const hasBreaker = ({ settings }: ServiceRecord): boolean =>
  settings.deploymentConfiguration.strategy === 'BLUE_GREEN' &&
  settings.deploymentConfiguration.deploymentCircuitBreaker.enable === true;

function isNative({ settings }: ServiceRecord): boolean {
  const { strategy } = settings.deploymentConfiguration;
  return NATIVE_STRATEGIES.some((each) => each === strategy);
}

function progressOf(service: ServiceRecord, green: DeploymentRecord): NativeProgress {
  const { deploymentConfiguration } = service.settings;
  const { alarms } = deploymentConfiguration;
  const others = service.deployments.filter((each) => each !== green);
  return {
    configuration: structuredClone(deploymentConfiguration),
    source: others.find((each) => each === service.lastCompleted),
    // What runs goes on until a stage says otherwise.
    scaledUp: new Set(others),
    hooks: [],
    traffic: {},
    alarms: {
      status: alarms?.enable ? 'MONITORING' : 'DISABLED',
      names: alarms?.alarmNames ?? [],
      ignored: [],
      triggered: [],
    },
  };
}
