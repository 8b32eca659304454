/** Runs the lifecycle hooks of a stage, all at the same time: functions are invoked, pauses await an action. */
import type { EcsApi } from '../../wire/models.ts';
import { readHookAnswer } from './hook-answer.ts';
import { rolledBackFor } from './interruption.ts';
import { DEFAULT_TIMEOUT_MINUTES, minutesMs } from './limits.ts';
import type { HookRecord, HookStatus, LifecycleStage } from './records.ts';
import { pause, type Run } from './run.ts';

type Hook = EcsApi.DeploymentLifecycleHook;

/** How a hook ended, and whether the deployment goes on. */
interface HookEnd {
  readonly status: Exclude<HookStatus, 'IN_PROGRESS' | 'AWAITING_ACTION'>;
  /** Why it does not go on; absent if it does. */
  readonly failure?: string;
}

/** The hooks that a stage has. */
export function hooksOf({ progress }: Run, stage: LifecycleStage): Hook[] {
  const { lifecycleHooks = [] } = progress.configuration;
  return lifecycleHooks.filter(({ lifecycleStages = [] }) => lifecycleStages.some((each) => each === stage));
}

export const timeoutMsOf = ({ timeoutConfiguration }: Hook): number =>
  minutesMs(timeoutConfiguration?.timeoutInMinutes ?? DEFAULT_TIMEOUT_MINUTES);

/** Resolves when every hook lets the deployment go on. @throws Interrupted as soon as one does not */
export async function runHooks(run: Run, stage: LifecycleStage): Promise<void> {
  await Promise.all(hooksOf(run, stage).map((hook) => runHook(run, hook, stage)));
}

async function runHook(run: Run, hook: Hook, stage: LifecycleStage): Promise<void> {
  const record = open(run, hook, stage);
  const { status, failure } = await endOf(run, hook, record).catch((error: unknown) => {
    // Cut short by something else: nobody can answer it any more.
    close(run, record, 'FAILED');
    throw error;
  });
  close(run, record, status);
  if (failure !== undefined)
    throw rolledBackFor(`the lifecycle hook ${record.id} at ${stage} did not succeed: ${failure}`);
}

function close(run: Run, record: HookRecord, status: HookStatus): void {
  record.status = status;
  tell(run, record);
}

function open(run: Run, hook: Hook, stage: LifecycleStage): HookRecord {
  const { platform } = run.ports;
  const isPause = hook.targetType === 'PAUSE';
  const record: HookRecord = {
    id: `ecs-${isPause ? 'pause' : 'lambda'}-${platform.random.hex(20)}`,
    targetType: isPause ? 'PAUSE' : 'AWS_LAMBDA',
    targetArn: hook.hookTargetArn,
    stage,
    expiresAtMs: platform.clock.now() + timeoutMsOf(hook),
    timeoutAction: hook.timeoutConfiguration?.action === 'CONTINUE' ? 'CONTINUE' : 'ROLLBACK',
    status: isPause ? 'AWAITING_ACTION' : 'IN_PROGRESS',
  };
  run.progress.hooks.push(record);
  tell(run, record);
  return record;
}

/** The hook's own end or its time-out. @throws Interrupted */
async function endOf(run: Run, hook: Hook, record: HookRecord): Promise<HookEnd> {
  const { timers } = run.ports;
  let expire: (end: HookEnd) => void = () => {};
  const expired = new Promise<HookEnd>((resolve) => {
    expire = resolve;
  });
  const timer = timers.after(timeoutMsOf(hook), () => expire(timedOut(record)));
  const ended = record.targetType === 'PAUSE' ? awaitAction(run, record) : invoke(run, hook, record);
  // Lost races: what comes after an interruption or a time-out is nobody's any more.
  ended.catch(() => {});
  try {
    return await run.interrupt.race(Promise.race([ended, expired]));
  } finally {
    timer.cancel();
    run.paused.delete(record);
  }
}

const timedOut = ({ timeoutAction }: HookRecord): HookEnd =>
  timeoutAction === 'CONTINUE'
    ? { status: 'TIMED_OUT' }
    : { status: 'TIMED_OUT', failure: 'it did not end in time' };

function awaitAction(run: Run, record: HookRecord): Promise<HookEnd> {
  return new Promise((resolve) => {
    run.paused.set(record, (action) => {
      // At once, so that the same hookId is refused from now on.
      run.paused.delete(record);
      resolve(
        action === 'CONTINUE'
          ? { status: 'SUCCEEDED' }
          : { status: 'FAILED', failure: 'ContinueServiceDeployment asked for ROLLBACK' },
      );
    });
  });
}

async function invoke(run: Run, hook: Hook, record: HookRecord): Promise<HookEnd> {
  // Details belong to this run of this hook alone: another stage begins with the configured ones.
  let details = (hook.hookDetails ?? {}) as Readonly<Record<string, unknown>>;
  for (;;) {
    const answer = readHookAnswer(await invokeOnce(run, hook, eventOf(run, record.stage, details)));
    if (answer.status === 'SUCCEEDED') return { status: 'SUCCEEDED' };
    if (answer.status === 'FAILED') return { status: 'FAILED', failure: answer.reason };
    details = { ...details, ...answer.details };
    await pause(run, answer.callBackDelayMs);
    // Its time is up, or another hook has failed: nobody waits for it any more.
    if (record.status !== 'IN_PROGRESS') return { status: 'TIMED_OUT' };
  }
}

async function invokeOnce({ ports }: Run, { hookTargetArn = '' }: Hook, event: object) {
  try {
    return await ports.invokeHook(hookTargetArn, event);
  } catch (error) {
    return {
      error: { errorType: 'Lambda', errorMessage: error instanceof Error ? error.message : String(error) },
    };
  }
}

function eventOf(run: Run, stage: LifecycleStage, hookDetails: object): object {
  const { service, record, green, ports, progress } = run;
  const { test, production } = progress.traffic;
  const isProduction = stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT' || stage === 'PRODUCTION_TRAFFIC_SHIFT';
  return {
    executionId: ports.platform.random.uuid(),
    lifecycleStage: stage,
    resourceArn: record.arn,
    hookDetails,
    executionDetails: {
      serviceArn: service.arn,
      targetServiceRevisionArn: green.revision.arn,
      testTrafficWeights: stage === 'TEST_TRAFFIC_SHIFT' ? sharesOf(run, test) : {},
      productionTrafficWeights: isProduction ? sharesOf(run, production) : {},
    },
  };
}

/** Percent by revision ARN: what the stage is to reach. */
function sharesOf({ green, progress }: Run, greenPercent = 0): Record<string, number> {
  const blue = progress.source && { [progress.source.revision.arn]: 100 - greenPercent };
  return { [green.revision.arn]: greenPercent, ...blue };
}

function tell({ ports, service, record }: Run, hook: HookRecord): void {
  ports.announcements.hookChanged(service, record, hook);
}
