/** Prepares what every scenario needs: a local cloud, the user's world in it, Sidestep deployed, users that may come. */
import type { Clock } from '../clock/clock.ts';
import { createScaledClock } from '../clock/scaled-clock.ts';
import { type RunningCloud, startLocalCloud } from '../start.ts';
import type { DeployedAssembly } from '../wiring/index.ts';
import { type Clients, createClients, createWorld, type World } from '../world/index.ts';
import { observeSides } from '../world/observe.ts';
import type { Scenario } from '../world/scenarios.ts';
import { startSynthesis } from './assembly.ts';
import { createExclusion, type Exclusion } from './exclusion.ts';
import { freePorts } from './free-ports.ts';
import { createKillableRunner, type KillableRunner } from './killable-runner.ts';
import type { RunOptions } from './options.ts';
import type { Duration } from './result.ts';
import { sabotagedWorld } from './sabotage.ts';
import type { Stops } from './stops.ts';
import { createStopwatch, type Stopwatch } from './stopwatch.ts';
import { createTraffic, statusOf, type Traffic } from './traffic.ts';
import { waitUntil } from './wait-until.ts';

export interface Setting {
  readonly scenario: Scenario;
  /** Real time, whatever the cloud's. */
  readonly wall: Clock;
  readonly stopwatch: Stopwatch;
  readonly preparation: readonly Duration[];
  readonly cloud: RunningCloud;
  readonly clients: Clients;
  readonly world: World;
  readonly deployed: DeployedAssembly;
  readonly traffic: Traffic;
  readonly runner: KillableRunner;
  /** Only of a scenario with consumers of which two must never run. */
  readonly exclusion?: Exclusion | undefined;
}

/** The caller as which the demo itself calls the cloud; all others are functions. */
export const DEMO_CALLER = 'demo';

export const FACTOR_DEFAULT = 10;
export const RATE_DEFAULT = 200;

/** Everything that runs is added to `stops`, also if this rejects. */
export async function prepare(scenario: Scenario, options: RunOptions, stops: Stops): Promise<Setting> {
  const {
    factor = FACTOR_DEFAULT,
    rate = RATE_DEFAULT,
    beforeSeconds = 0,
    report = () => {},
    signal,
  } = options;
  const wall = createScaledClock();
  const preparation: Duration[] = [];
  const note = (duration: Duration): void => {
    preparation.push(duration);
    report({ kind: 'prepared', duration });
  };
  const stopwatch = createStopwatch(wall, beforeSeconds, note);
  if (beforeSeconds > 0) note({ name: 'build and load', wallSeconds: beforeSeconds });

  // CDK takes its seconds meanwhile, in a process of its own; if it fails, the wait for it below says so.
  const assembly = stopwatch.measure('synthesize', () => assemblyOf(scenario, options, stops));
  assembly.catch(() => {});
  const runner = createKillableRunner();
  const cloud = await stopwatch.measure('start local cloud', () =>
    startLocalCloud({ factor, wrapRunner: runner.wrap }),
  );
  stops.add(() => cloud.close());
  signal?.throwIfAborted();
  const clients = createClients(cloud.clientConfiguration(DEMO_CALLER));
  stops.add(() => clients.close());
  const exclusion = createExclusion(scenario);
  if (exclusion) stops.add(() => exclusion.remove());
  const world = await stopwatch.measure('make world', () =>
    makeWorld(cloud, clients, { scenario, options, exclusion }),
  );
  const directory = await assembly;
  const deployed = await stopwatch.measure('deploy Sidestep', () => cloud.deploy(directory));
  signal?.throwIfAborted();
  const traffic = createTraffic(wall, { ...usersOf(world), ratePerSecond: rate });
  stops.add(() => traffic.stop());
  const setting = {
    scenario,
    wall,
    stopwatch,
    preparation,
    cloud,
    clients,
    world,
    deployed,
    traffic,
    runner,
    exclusion,
  };
  if (scenario.blueServes)
    await stopwatch.measure('wait until v1 serves', () => waitUntilServing(setting, signal));
  return setting;
}

function assemblyOf(
  { service, others }: Scenario,
  { assemblyDirectory }: RunOptions,
  stops: Stops,
): Promise<string> {
  if (assemblyDirectory) return Promise.resolve(assemblyDirectory);
  const synthesis = startSynthesis(service, others);
  stops.add(() => synthesis.stop());
  return synthesis.directory;
}

/** A Network Load Balancer cuts connections to the side that lost its weight: its users open one for each request. */
function usersOf({ productionUrl: url, productionPaths: path, loadBalancer }: World) {
  return { url, path, connections: loadBalancer === 'network' ? ('new' as const) : ('kept' as const) };
}

async function makeWorld(
  { machines }: RunningCloud,
  clients: Clients,
  {
    scenario,
    options: { sabotage },
    exclusion,
  }: { scenario: Scenario; options: RunOptions; exclusion: Exclusion | undefined },
): Promise<World> {
  const [production = 0, test = 0] = await freePorts([0, 0]);
  const ports = { production, test };
  const blueEnvironment = { ...scenario.world.blueEnvironment, ...exclusion?.environment };
  const changes = { ...sabotagedWorld(sabotage), ports, blueEnvironment };
  return createWorld(clients, { ...scenario.world, ...changes }, machines);
}

/** Every target of the side that has traffic is healthy, and an answer comes from one of them; a consumer only runs. */
async function waitUntilServing({ wall, clients, world }: Setting, signal?: AbortSignal): Promise<void> {
  const isServing = async (): Promise<boolean> => {
    const sides = await observeSides(clients, world);
    const a = sides.find(({ percent }) => percent === 100) ?? sides[0];
    if (!world.balanced) return a.isRolledOut === true && a.runningCount === a.desiredCount;
    return (
      a.healthyCount === a.desiredCount &&
      a.percent === 100 &&
      (await statusOf(world.productionUrl + world.productionPath)) === 200
    );
  };
  await waitUntil(wall, isServing, {
    everyMs: 100,
    limitMs: 60_000,
    what: 'v1 serves with every task healthy',
    signal,
  });
}
