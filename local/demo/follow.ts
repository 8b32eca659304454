/** Follows a deployment from its push to its end: each stage when it is over, and how the sides and the users fare. */
import type { Deployment } from '../../lambdas/common/deployment.ts';
import type { HistoryEvent } from '../states/index.ts';
import { findRecord } from '../world/deployments.ts';
import { NEIGHBOUR, pushImage } from '../world/index.ts';
import { REPOSITORY, SERVICE } from '../world/names.ts';
import { observeSides } from '../world/observe.ts';
import { diagnose } from './diagnosis.ts';
import { createOperator } from './operator.ts';
import type { RunOptions } from './options.ts';
import type { Duration } from './result.ts';
import { strike } from './sabotage.ts';
import type { Setting } from './setting.ts';
import { createStageReader, type EndedExecution, type EndedStage } from './stages.ts';
import type { Stops } from './stops.ts';
import { cloudDuration } from './stopwatch.ts';
import { createWaitTeller, onWaitNoted } from './waits.ts';

export interface FollowedDeployment {
  readonly execution: EndedExecution;
  /** Absent if the request was refused before there was one. */
  readonly record?: Deployment;
  readonly stages: readonly Duration[];
  /** From the beginning of this to the execution's end. */
  readonly duration: Duration;
  /** Cloud time. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly transitions: number;
}

/**
 * Begins to follow the first execution that starts from now on, and those that recover it.
 * @returns rejects with an Error that says where it stood and what is known of why, if the deployment does not end
 *   within the limit
 */
export function follow(setting: Setting, options: RunOptions, stops: Stops): Promise<FollowedDeployment> {
  const { cloud, wall } = setting;
  const { limitSeconds = 180 } = options;
  return new Promise((resolve, reject) => {
    const ended = (followed: FollowedDeployment): void => {
      for (const end of [unsubscribe, unhook, () => limit.cancel()]) end();
      resolve(followed);
    };
    const observer = createObserver(setting, options, ended, reject);
    const unsubscribe = cloud.states.onHistoryEvent(observer.read);
    const unhook = onWaitNoted(cloud.endpoint, observer.waitChanged);
    const limit = wall.setWallTimer(limitSeconds * 1000, () => {
      // Too late is too late: an end that comes while the reasons are gathered does not count.
      unsubscribe();
      unhook();
      void observer.tooLate(limitSeconds).then(reject);
    });
    stops.add(unsubscribe, unhook, () => limit.cancel());
  });
}

function createObserver(
  setting: Setting,
  options: RunOptions,
  resolve: (followed: FollowedDeployment) => void,
  reject: (error: unknown) => void,
) {
  const { cloud } = setting;
  const { sabotage, report = () => {} } = options;
  const operator = createOperator(setting.scenario, setting);
  const startedAtMs = cloud.clock.now();
  const stages: Duration[] = [];
  let firstExecutionArn: string | undefined;
  let current = 'no execution was started';
  // Each report waits for a look at the world, and all keep their order.
  let reports: Promise<void> = Promise.resolve();
  const inOrder = (step: () => Promise<void>): void => {
    reports = reports.then(step).catch(reject);
  };

  const meanwhile = createMeanwhile(setting, options);
  const reader = createStageReader({
    executionStarted(executionArn) {
      firstExecutionArn ??= executionArn;
    },
    began(name) {
      current = `it stood in ${name}`;
      inOrder(async () => report({ kind: 'stage begins', name }));
      meanwhile(name).catch(reject);
      // Beside the reports: the machine goes on while the person thinks.
      operator.stateBegan(name).then((said) => {
        if (said) inOrder(async () => report({ kind: 'said', ...said }));
      }, reject);
      if (name === 'ModifyListener') inOrder(() => strike(sabotage, 'shift begins', setting));
    },
    ended(stage) {
      const duration = cloudDuration(stage.name, stage.endedAtMs - stage.startedAtMs, cloud.clock.factor);
      stages.push(duration);
      if (stage.name === 'ModifyListener') inOrder(() => strike(sabotage, 'shift is written', setting));
      const seen = look(setting, stage, { startedAtMs, duration });
      inOrder(async () => report(await seen));
    },
    executionEnded(execution) {
      const endedAtMs = cloud.clock.now();
      inOrder(async () => {
        const record = await recordOf(setting, firstExecutionArn ?? execution.executionArn);
        report({ kind: 'execution ended', ...execution });
        // What waits for more than its turn has no record: the execution that begins it is followed instead.
        if (!record && isQueued(execution)) {
          firstExecutionArn = undefined;
          return;
        }
        // Another execution goes on with a deployment that has a record and no outcome yet.
        if (record && !record.outcome) return;
        const duration = cloudDuration('deployment', endedAtMs - startedAtMs, cloud.clock.factor);
        resolve({
          execution,
          record,
          stages,
          duration,
          startedAtMs,
          endedAtMs,
          transitions: reader.transitions,
        });
      });
    },
  });
  const tellWait = createWaitTeller(setting, startedAtMs);
  return {
    read(executionArn: string, event: HistoryEvent): void {
      if (!isOfNeighbour(executionArn)) reader.read(executionArn, event);
    },
    /** A function has noted what a wait waits for. */
    waitChanged() {
      const told = tellWait();
      inOrder(async () => {
        for (const event of await told) report(event);
      });
    },
    async tooLate(limitSeconds: number): Promise<Error> {
      const sentence = `the deployment did not end within ${limitSeconds} s: ${current}`;
      return new Error([sentence, ...(await diagnose(setting))].join('\n  '));
    },
  };
}

/** Executions are named by what they do for which service. */
const isOfNeighbour = (executionArn: string): boolean =>
  new RegExp(`:(push|turn|recover)-${NEIGHBOUR}-`).test(executionArn);

/** Makes the push that the scenario has for a state, once. */
function createMeanwhile({ scenario, clients, stopwatch }: Setting, { report = () => {} }: RunOptions) {
  let left = scenario.meanwhile;
  return async (state: string): Promise<void> => {
    if (left?.in !== state) return;
    const { tag } = left;
    left = undefined;
    const image = await pushImage(clients, { repository: REPOSITORY, tag });
    report({ kind: 'pushed', ...image, atWallSeconds: stopwatch.wallSeconds() });
  };
}

function isQueued({ output = '{}' }: EndedExecution): boolean {
  return (JSON.parse(output) as { queued?: boolean }).queued === true;
}

/** How things stand right after a stage. */
async function look(
  { clients, world, traffic, stopwatch }: Setting,
  { name, endedAtMs, failure, retryCount }: EndedStage,
  { startedAtMs, duration }: { startedAtMs: number; duration: Duration },
) {
  const { sent, failed, failedByApplication } = traffic.snapshot();
  const atWallSeconds = stopwatch.wallSeconds();
  const sides = await observeSides(clients, world);
  return {
    kind: 'stage' as const,
    name,
    atWallSeconds,
    atCloudSeconds: (endedAtMs - startedAtMs) / 1000,
    duration,
    retryCount,
    failure,
    sides,
    requests: { sent, failed, failedByApplication },
  };
}

function recordOf({ clients, deployed }: Setting, executionArn: string): Promise<Deployment | undefined> {
  const tableName = deployed.outputs.TableName;
  if (!tableName) throw new Error('the template has no output TableName');
  return findRecord(clients, { tableName, service: SERVICE, executionArn });
}
