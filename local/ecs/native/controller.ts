/** The runbook of a native deployment: every stage forward, and the way back. */
import type { DeploymentRecord, TaskRecord } from '../records.ts';
import { watchAlarms } from './alarms.ts';
import { createInterrupt, type Interruption, rolledBackFor } from './interruption.ts';
import { DEPLOYMENT_MAX_MS, minutesMs, STAGE_MAX_MS } from './limits.ts';
import { interruptionIn, pause, type Run, until, within } from './run.ts';
import { enterStage } from './stages.ts';
import { productionSteps, WHOLE } from './steps.ts';
import { isNetwork, requireShiftable, resolveGreen, shiftProduction, shiftTest } from './traffic.ts';

/** Lives a deployment to its end. Rejects only for a bug. */
export async function live(run: Run): Promise<void> {
  const { timers } = run.ports;
  const forward = run.interrupt;
  const limit = timers.after(DEPLOYMENT_MAX_MS, () =>
    forward.give(rolledBackFor('it took longer than 30 days').interruption),
  );
  try {
    await deploy(run);
  } catch (error) {
    const interruption = interruptionIn(error);
    // Whatever else goes on for this attempt ends with it.
    forward.give(interruption);
    await endEarly(run, interruption);
  } finally {
    limit.cancel();
  }
}

async function deploy(run: Run): Promise<void> {
  const { ports, service, progress } = run;
  await pause(run, ports.platform.latencies.schedulerMs);
  ports.deployments.start(service);
  const endWatch = watchAlarms(run);
  try {
    await reconcile(run);
    await enterStage(run, 'PRE_SCALE_UP', {
      begin: () => resolveGreen(run),
      done: () => pause(run, networkDelayMs(run)),
    });
    await enterStage(run, 'SCALE_UP', { done: () => scaleUp(run, run.green) });
    await enterStage(run, 'POST_SCALE_UP');
    await shiftAllTest(run);
    await shiftAllProduction(run);
    await enterStage(run, 'POST_PRODUCTION_TRAFFIC_SHIFT');
    await enterStage(run, 'BAKE_TIME');
    await pause(run, minutesMs(progress.configuration.bakeTimeInMinutes ?? 0));
  } finally {
    endWatch();
  }
  await enterStage(run, 'CLEAN_UP', { done: () => scaleDownOthers(run, run.green) });
  ports.deployments.complete(service);
  ports.wake(service);
}

/** Several revisions are active, because a deployment was superseded or stopped: back to one before it begins. */
async function reconcile(run: Run): Promise<void> {
  const { service, progress } = run;
  const others = service.deployments.filter((each) => each !== run.green);
  if (others.length <= 1) return;
  await enterStage(run, 'RECONCILE_SERVICE', {
    begin: () => {
      if (progress.source) giveTrafficTo(run, progress.source);
    },
    done: async () => {
      await propagate(run);
      if (progress.source) await scaleUp(run, progress.source);
      await scaleDownOthers(run, progress.source);
    },
  });
}

/** What an interrupted deployment has shifted goes back to the revision that was completed last. */
function giveTrafficTo({ ports }: Run, source: DeploymentRecord): void {
  for (const [
    at,
    { advancedConfiguration, targetGroupArn },
  ] of source.revision.settings.loadBalancers.entries()) {
    if (!advancedConfiguration) continue;
    const { alternateTargetGroupArn, productionListenerRule, testListenerRule } = advancedConfiguration;
    const own = source.revision.loadBalancers[at]?.targetGroupArn ?? targetGroupArn;
    const weights = new Map(
      [targetGroupArn, alternateTargetGroupArn].map((group) => [group, group === own ? 100 : 0]),
    );
    for (const rule of [productionListenerRule, testListenerRule])
      if (rule !== undefined && ports.rules.forwardOf(rule)) ports.rules.setWeights(rule, weights);
  }
}

async function shiftAllTest(run: Run): Promise<void> {
  await enterStage(run, 'TEST_TRAFFIC_SHIFT', {
    begin: () => {
      requireShiftable(run);
      shiftTest(run, 100);
    },
    done: () => propagate(run),
  });
  await enterStage(run, 'POST_TEST_TRAFFIC_SHIFT');
}

async function shiftAllProduction(run: Run): Promise<void> {
  const { configuration, source } = run.progress;
  // A share for a blue that does not exist would be lost requests.
  const steps = source ? productionSteps(configuration) : [WHOLE];
  for (const [at, { percent, bakeMs }] of steps.entries()) {
    await enterStage(run, 'PRE_PRODUCTION_TRAFFIC_SHIFT');
    await enterStage(run, 'PRODUCTION_TRAFFIC_SHIFT', {
      begin: () => {
        if (at === 0) requireShiftable(run);
        shiftProduction(run, percent);
      },
      done: () => propagate(run),
    });
    // Not part of the stage's 24 hours, which a step's bake may fill alone.
    if (bakeMs > 0) await pause(run, bakeMs);
  }
}

async function endEarly(run: Run, interruption: Interruption): Promise<void> {
  const { deployments } = run.ports;
  if (interruption.to === 'leave') return;
  if (interruption.to === 'stop') {
    deployments.halt(run.record, interruption.reason, 'STOPPED');
    return;
  }
  // At once: StopServiceDeployment has no effect on a deployment that is going back already.
  run.record.status = 'ROLLBACK_REQUESTED';
  run.interrupt = createInterrupt();
  const back = run.interrupt;
  try {
    await rollBack(run, interruption.reason);
  } catch (error) {
    const second = interruptionIn(error);
    back.give(second);
    if (second.to !== 'leave') deployments.halt(run.record, second.reason, 'ROLLBACK_FAILED');
  }
}

/** Traffic back to blue, then green away. Only the shifts that were begun are run again, with green at 0. */
async function rollBack(run: Run, reason: string): Promise<void> {
  const { ports, service, progress } = run;
  const { source, traffic } = progress;
  if (!source) {
    ports.deployments.halt(run.record, reason, 'ROLLBACK_FAILED');
    return;
  }
  // A person who asked for it sees ROLLBACK_REQUESTED for a moment.
  await pause(run, ports.platform.latencies.schedulerMs);
  ports.deployments.rollBack(service, source, { reason, actor: 'ECS service deployment' });
  ports.wake(service);
  if (!progress.scaledUp.has(source))
    await within(run, STAGE_MAX_MS, 'scaling the source revision up again', scaleUp(run, source));
  if (traffic.test !== undefined) {
    const begin = (): void => shiftTest(run, 0);
    await enterStage(run, 'TEST_TRAFFIC_SHIFT', { begin, done: () => propagate(run) });
  }
  if (traffic.production !== undefined) {
    const begin = (): void => shiftProduction(run, 0);
    await enterStage(run, 'PRODUCTION_TRAFFIC_SHIFT', { begin, done: () => propagate(run) });
  }
  await scaleDownOthers(run, source);
  ports.deployments.complete(service);
  ports.wake(service);
}

const propagate = (run: Run): Promise<void> =>
  pause(run, run.ports.platform.latencies.propagationMs + networkDelayMs(run));

const networkDelayMs = (run: Run): number => (isNetwork(run) ? run.ports.parameters.networkShiftMs : 0);

/** To the service's whole count, whatever the share of the traffic is to be. */
async function scaleUp(run: Run, deployment: DeploymentRecord): Promise<void> {
  run.progress.scaledUp.add(deployment);
  await until(run, (judged) => {
    const healths = [...judged].filter(([task]) => task.order.deployment === deployment);
    const healthyCount = healths.filter(([, health]) => health === 'healthy').length;
    return healthyCount >= run.service.desiredCount;
  });
}

/** Resolves when no task of any other deployment is left. */
async function scaleDownOthers(run: Run, kept: DeploymentRecord | undefined): Promise<void> {
  const { scaledUp } = run.progress;
  for (const deployment of [...scaledUp]) if (deployment !== kept) scaledUp.delete(deployment);
  const isOther = ({ order }: TaskRecord): boolean => order.deployment !== kept;
  await until(run, () => ![...run.service.tasks].some(isOther));
}
