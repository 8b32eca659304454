/** The real data plane, within its own process: load balancers as HTTP and TCP servers on loopback. */
import type { Clock } from '../../clock/clock.ts';
import type { Random } from '../../random.ts';
import type { DataPlane, PlaneConfiguration, PlaneListener } from '../data-plane.ts';
import { createFlowCounters } from '../flow-counters.ts';
import { addressOf, createRouter, type Router } from '../routing.ts';
import { createTrafficCounters } from '../traffic-counters.ts';
import { createFlights } from './flights.ts';
import { type OpenListener, openListener, type Surroundings } from './listener.ts';
import { probeTarget } from './probe.ts';
import { createTargetPool, type TargetPool } from './target-pool.ts';
import { openTcpListener } from './tcp-listener.ts';

/** How often time limits of requests in flight are looked at, in wall time. */
const WATCH_MS = 250;

interface OpenLoadBalancer {
  router: Router;
  pool: TargetPool;
  listeners: Map<number, OpenListener>;
}

/**
 * @param clock cloud time, by which stickiness expires
 * @param wall the same at factor 1: limits and durations of real requests
 */
export function createProxy({
  clock,
  wall,
  random,
}: {
  clock: Clock;
  wall: Clock;
  random: Random;
}): DataPlane {
  const loadBalancers = new Map<string, OpenLoadBalancer>();
  const flights = createFlights();
  const counters = createTrafficCounters();
  const flows = createFlowCounters();
  const stopWatching = every(wall, WATCH_MS, () => flights.checkTime(wall.now()));

  const make = (): OpenLoadBalancer => ({
    router: createRouter({ now: clock.now, random }),
    pool: createTargetPool(),
    listeners: new Map(),
  });

  const apply = async (configuration: PlaneConfiguration): Promise<void> => {
    const { loadBalancerArn } = configuration;
    const loadBalancer = loadBalancers.get(loadBalancerArn) ?? make();
    loadBalancers.set(loadBalancerArn, loadBalancer);
    const { router, pool } = loadBalancer;
    await bindNewPorts(loadBalancer, configuration, {
      loadBalancerArn,
      router,
      pool,
      flights,
      counters,
      flows,
      now: wall.now,
    });
    router.configure(configuration);
    pool.keep(configuration.targetGroups);
    retune(loadBalancer, configuration);
  };

  const remove = async (loadBalancerArn: string): Promise<void> => {
    const loadBalancer = loadBalancers.get(loadBalancerArn);
    loadBalancers.delete(loadBalancerArn);
    loadBalancer?.pool.keep([]);
    for (const listener of loadBalancer?.listeners.values() ?? []) listener.close();
  };

  const close = async (): Promise<void> => {
    stopWatching();
    for (const { listeners, pool } of loadBalancers.values()) {
      for (const listener of listeners.values()) listener.destroy();
      pool.close();
    }
    loadBalancers.clear();
  };

  return {
    apply,
    remove,
    probe: (probe) => probeTarget(probe, wall),
    inFlight: async (target, targetGroupArn) => flights.to(addressOf(target), targetGroupArn).length,
    cut: async (target, targetGroupArn) => {
      for (const flight of flights.to(addressOf(target), targetGroupArn)) flight.cut();
    },
    closeConnections: async (listenerArn, targetGroupArn) => {
      for (const flight of flights.through(listenerArn, targetGroupArn)) flight.cut();
    },
    takeMetrics: async () => counters.take(),
    takeFlows: async () => flows.take(),
    close,
  };
}

/** Binds all ports that are new, or none: a configuration whose port is taken changes nothing. */
async function bindNewPorts(
  { listeners }: OpenLoadBalancer,
  next: PlaneConfiguration,
  surroundings: Surroundings,
): Promise<void> {
  const opened: [number, OpenListener][] = [];
  try {
    for (const listener of next.listeners.filter(({ port }) => !listeners.has(port))) {
      const open = listener.protocol === 'tcp' ? openTcpListener : openListener;
      opened.push([listener.port, await open(listener, next.idleTimeoutSeconds, surroundings)]);
    }
  } catch (error) {
    for (const [, listener] of opened) listener.destroy();
    throw error;
  }
  for (const [port, listener] of opened) listeners.set(port, listener);
}

function retune(
  { listeners }: OpenLoadBalancer,
  { listeners: wanted, idleTimeoutSeconds }: PlaneConfiguration,
): void {
  const byPort = new Map<number, PlaneListener>(wanted.map((listener) => [listener.port, listener]));
  for (const [port, open] of listeners) {
    const listener = byPort.get(port);
    if (listener) {
      open.reconfigure(listener, idleTimeoutSeconds);
      continue;
    }
    listeners.delete(port);
    open.close();
  }
}

function every(clock: Clock, periodMs: number, act: () => void): () => void {
  const again = () =>
    clock.setWallTimer(periodMs, () => {
      act();
      timer = again();
    });
  let timer = again();
  return () => timer.cancel();
}
