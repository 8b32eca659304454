/** Runs one scenario with real processes: a version serves under load, the next is pushed, Sidestep does the rest. */
import { findRecords, requestDeployment } from '../world/deployments.ts';
import { NEIGHBOUR, pushImage } from '../world/index.ts';
import { REPOSITORY } from '../world/names.ts';
import { observeSides } from '../world/observe.ts';
import { findScenario, type Scenario } from '../world/scenarios.ts';
import { countCalls } from './calls.ts';
import { type FollowedDeployment, follow } from './follow.ts';
import type { RunOptions } from './options.ts';
import { findProblems } from './problems.ts';
import type { DemoResult } from './result.ts';
import { prepare, type Setting } from './setting.ts';
import { createStops, type Stops } from './stops.ts';
import { statusOf } from './traffic.ts';
import { unlessAborted } from './unless-aborted.ts';
import { waitUntil } from './wait-until.ts';

const LEAD_SECONDS = 1.5;
const MINUTE_MS = 60_000;

/**
 * Starts everything, runs the scenario, stops everything.
 * @param wanted a scenario's name, or one that is not in the list
 * @throws UnknownScenario; Error if the deployment did not end, saying where it stood
 */
export async function runScenario(wanted: string | Scenario, options: RunOptions = {}): Promise<DemoResult> {
  const scenario = typeof wanted === 'string' ? findScenario(wanted) : wanted;
  const stops = createStops();
  try {
    return await unlessAborted(options.signal, play(scenario, options, stops));
  } finally {
    await stops.stop();
  }
}

async function play(scenario: Scenario, options: RunOptions, stops: Stops): Promise<DemoResult> {
  const { leadSeconds = LEAD_SECONDS, report = () => {} } = options;
  const setting = await prepare(scenario, options, stops);
  const { wall, clients, world, traffic, stopwatch, exclusion } = setting;
  if (scenario.blueServes && world.balanced) {
    traffic.start();
    await wall.sleep(leadSeconds * 1000);
  }
  if (scenario.losesPushEvents)
    setting.cloud.events.disturb(({ source }) => (source === 'aws.ecr' ? [] : undefined));
  if (scenario.pushesAt)
    await setting.cloud.clock.sleep(msUntil(scenario.pushesAt, setting.cloud.clock.now()));
  await playBeforehand(setting, options, stops);
  const following = follow(setting, options, stops);
  const served =
    scenario.blueServes || !world.balanced ? Promise.resolve() : startWhenServing(setting, options);
  // Both are awaited below; a failure of one of them must not count as unhandled while the other is.
  void Promise.allSettled([following, served]);

  const atWallSeconds = (): number => stopwatch.wallSeconds();
  if (scenario.request) {
    await requestDeployment(clients, scenario.request);
    report({ kind: 'requested', input: scenario.request, atWallSeconds: atWallSeconds() });
  } else {
    const environment = { ...scenario.green, ...exclusion?.environment };
    const { tag = 'v2', findings } = scenario;
    const image = await pushImage(clients, { repository: REPOSITORY, tag, environment, findings });
    report({ kind: 'pushed', ...image, tag, atWallSeconds: atWallSeconds() });
  }
  const followed = await following;
  await served;
  const afterwards = await playAfterwards(setting, options, stops);
  const neighbour = await endOfNeighbour(setting, options);
  await wall.sleep(leadSeconds * 1000);
  const totals = await traffic.stop();
  const sides = await observeSides(clients, world);
  return summarise(setting, followed, { totals, sides, afterwards, neighbour });
}

/** The push that the scenario goes back from. */
async function playBeforehand(setting: Setting, options: RunOptions, stops: Stops): Promise<void> {
  const { scenario, clients, stopwatch } = setting;
  if (!scenario.beforehand) return;
  const following = follow(setting, options, stops);
  const image = await pushImage(clients, { repository: REPOSITORY, tag: scenario.beforehand.tag });
  options.report?.({ kind: 'pushed', ...image, atWallSeconds: stopwatch.wallSeconds() });
  await following;
}

/** One more push, after the first has had its deployment. @returns how it ended, if the scenario has one */
async function playAfterwards(
  setting: Setting,
  options: RunOptions,
  stops: Stops,
): Promise<DemoResult['outcome'] | undefined> {
  const { scenario, clients, stopwatch } = setting;
  if (!scenario.afterwards) return undefined;
  const following = follow(setting, options, stops);
  const { tag } = scenario.afterwards;
  const image = await pushImage(clients, { repository: REPOSITORY, tag });
  options.report?.({ kind: 'pushed', ...image, tag, atWallSeconds: stopwatch.wallSeconds() });
  return endOf(await following).outcome;
}

/** How the second service's deployment ended, if there is a second service; a moment before or after the first's. */
async function endOfNeighbour(
  { wall, clients, deployed, scenario }: Setting,
  { limitSeconds = 180, signal }: RunOptions,
): Promise<DemoResult['outcome'] | undefined> {
  if (!scenario.world.neighbour) return undefined;
  const newest = async () =>
    (await findRecords(clients, { tableName: deployed.outputs.TableName ?? '', service: NEIGHBOUR }))[0]
      ?.outcome;
  const hasEnded = async (): Promise<boolean> => (await newest()) !== undefined;
  const what = `the deployment of ${NEIGHBOUR} ends`;
  await waitUntil(wall, hasEnded, { everyMs: 50, limitMs: limitSeconds * 1000, what, signal });
  return newest();
}

/** How long it takes until the clock shows that minute of the next so many, counted from a full hour. */
function msUntil({ minute, of }: NonNullable<Scenario['pushesAt']>, nowMs: number): number {
  const roundMs = of * MINUTE_MS;
  return (((minute * MINUTE_MS - nowMs) % roundMs) + roundMs) % roundMs;
}

/** Nobody comes before there is something to come to. */
async function startWhenServing({ wall, world, traffic }: Setting, options: RunOptions): Promise<void> {
  const { limitSeconds = 180, signal } = options;
  const isServing = async (): Promise<boolean> => (await statusOf(world.productionUrl)) === 200;
  await waitUntil(wall, isServing, { everyMs: 50, limitMs: limitSeconds * 1000, what: 'v2 serves', signal });
  traffic.start();
}

function summarise(
  setting: Setting,
  followed: FollowedDeployment,
  {
    totals,
    sides,
    afterwards,
    neighbour,
  }: Pick<DemoResult, 'sides'> & {
    totals: ReturnType<Setting['traffic']['snapshot']>;
    afterwards: DemoResult['outcome'] | undefined;
    neighbour: DemoResult['outcome'] | undefined;
  },
): DemoResult {
  const { scenario, cloud, preparation, stopwatch, exclusion } = setting;
  const { record, stages, duration, transitions } = followed;
  const { outcome, reason } = endOf(followed);
  const { downtimeSeconds } = record ?? {};
  const violations = exclusion?.violations() ?? [];
  const wantedRevisionArn = outcome === 'SUCCESSFUL' ? record?.revisionArn : record?.blue.taskDefinitionArn;
  const { sent, failed, failedByApplication, byVersion, latencyMs, failures } = totals;
  const requests = { sent, failed, failedByApplication, byVersion, latencyMs };
  return {
    scenario,
    outcome,
    deploymentId: record?.deploymentId ?? '',
    reason,
    problems: findProblems(scenario, {
      outcome,
      requests,
      sides,
      downtimeSeconds,
      violations,
      wantedRevisionArn,
      afterwards,
      neighbour,
    }),
    downtimeSeconds,
    violations,
    wantedRevisionArn,
    requests,
    failures,
    preparation,
    stages,
    deployment: duration,
    totalWallSeconds: stopwatch.wallSeconds(),
    apiCalls: countCalls(cloud.endpoint.calls, followed),
    transitions,
    sides,
    faults: cloud.faults.map((fault) => (fault instanceof Error ? fault.message : String(fault))),
  };
}

/** The record's own words, or, where there is none, those of the execution's end. */
function endOf({ record, execution }: FollowedDeployment): Pick<DemoResult, 'outcome' | 'reason'> {
  if (record?.outcome) return { outcome: record.outcome, reason: record.reason ?? '' };
  const reason = execution.cause ?? execution.error ?? execution.output ?? execution.status;
  return { outcome: execution.status === 'ABORTED' ? 'STOPPED' : 'REFUSED', reason };
}
