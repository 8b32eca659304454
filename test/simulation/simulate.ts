/** One run: the seed's world, its pushes and its faults, then peace, then the judgement. */
import { pushImage } from '../../local/world/index.ts';
import { REPOSITORY } from '../../local/world/names.ts';
import { createCrashes, disturb } from './faults.ts';
import { createFindings, type Findings, type Violation } from './findings.ts';
import { isHeld, judgeEnd, type Pushed } from './judge.ts';
import { meddle } from './meddling.ts';
import { judgeReleases } from './outcomes.ts';
import { type Plan, planOf } from './plan.ts';
import { makeSetting, pass, type Setting } from './setting.ts';
import { recordTrace } from './trace.ts';
import { type Watch, watch } from './watch.ts';

/** How long everything may take to come to rest once nothing is disturbed. */
const REST_LIMIT_MS = 6 * 3_600_000;
/** Two sweeps, and what they start. */
const REST_MS = 150_000;

/** Longer than a request takes, its time-out included. */
const REQUEST_MS_MAX = 30_000;

export interface SimulationOptions {
  /** The cloud assembly to deploy. */
  readonly assembly: string;
  /** Changes what the seed drew. */
  readonly change?: (plan: Plan) => Plan;
  /** A disturbance of one's own, set up before the first push. */
  readonly disturb?: (setting: Setting) => void;
}

export interface SimulationResult {
  readonly seed: string;
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  /** Equal for equal runs. */
  readonly hash: string;
  /** For people: how the deployments ended. */
  readonly outcomes: readonly string[];
  readonly story: readonly string[];
  readonly requests: Watch['requests'];
  readonly counts: { readonly events: number; readonly calls: number; readonly cloudSeconds: number };
}

export async function simulate(seed: string, options: SimulationOptions): Promise<SimulationResult> {
  const plan = (options.change ?? ((drawn) => drawn))(planOf(seed));
  const crashes = createCrashes(plan);
  const setting = await makeSetting(plan, { assembly: options.assembly, models: crashes.models });
  try {
    const { cloud } = setting;
    const startMs = cloud.clock.now();
    const trace = recordTrace(cloud);
    const findings = createFindings(cloud.clock.now);
    const meddled = meddle(setting);
    const watched = watch(setting, findings, meddled, crashes);
    judgeReleases(setting, findings, meddled);
    crashes.isOn = true;
    const peace = disturb(setting);
    options.disturb?.(setting);
    const pushed = await push(setting, watched);
    await pass(cloud, plan.faultsForMs, watched.look);
    peace();
    crashes.isOn = false;
    await rest(setting, watched, findings);
    const stopped = watched.stop();
    await pass(cloud, REQUEST_MS_MAX);
    await stopped;
    const [table, executions, deadLetters] = [
      await setting.table(),
      await setting.executions(),
      await setting.deadLetters(),
    ];
    await judgeEnd({ setting, pushed, findings, meddled, watched, table, executions, deadLetters });
    return {
      seed,
      plan,
      violations: findings.all,
      hash: trace.digest(),
      outcomes: table.deployments.map(({ image, outcome }) => `${image.tag} ${outcome ?? 'OPEN'}`),
      story: trace.story,
      requests: watched.requests,
      counts: {
        events: trace.eventCount,
        calls: trace.callCount,
        cloudSeconds: Math.round((cloud.clock.now() - startMs) / 1_000),
      },
    };
  } finally {
    await setting.close();
  }
}

async function push({ plan, cloud, clients }: Setting, { look }: Watch): Promise<Pushed[]> {
  const startMs = cloud.clock.now();
  const pushed: Pushed[] = [];
  for (const planned of plan.pushes) {
    await pass(cloud, Math.max(0, startMs + planned.atMs - cloud.clock.now()), look);
    const { tag, environment } = planned;
    const { digest } = await pushImage(clients, { repository: REPOSITORY, tag, environment });
    pushed.push({ planned, digest });
  }
  return pushed;
}

/** Lets time pass until nothing runs and nothing is left to do but for a person. */
async function rest(setting: Setting, { look }: Watch, findings: Findings): Promise<void> {
  const { cloud } = setting;
  const endMs = cloud.clock.now() + REST_LIMIT_MS;
  for (;;) {
    await pass(cloud, REST_MS, look);
    const [{ locks, waiting }, executions] = [await setting.table(), await setting.executions()];
    const isIdle = executions.every(({ status }) => status !== 'RUNNING');
    const isDone = locks.every(isHeld) && (waiting.length === 0 || locks.length > 0);
    if (isIdle && isDone) break;
    if (cloud.clock.now() < endMs) continue;
    findings.add('L2', `still not at rest ${REST_LIMIT_MS / 3_600_000} h after the last fault`);
    break;
  }
  await pass(cloud, REST_MS, look);
}
