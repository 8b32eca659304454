/** The traffic steps of a strategy: how much green has after each, how long that is watched, and who must agree before. */
import type { TrafficStep } from '../common/deployment.ts';
import { type Gate, type ServiceConfiguration, shiftsTraffic } from '../common/service.ts';

/** A network load balancer's weights and its data plane disagree for minutes after a write (ECS guide, "Network Load Balancer for blue/green"). */
export const NLB_HOLD_SECONDS = 600;

type Asked = Pick<ServiceConfiguration, 'strategy' | 'bakeSeconds' | 'approval' | 'traffic'>;

/**
 * @param settleSeconds how long blue may get requests after its last weight has gone: the last bake is as long at least
 * @param blueServes whether there is anything to compare with: if not, all at once
 * @returns rising percentages that end at 100; empty if Sidestep moves no traffic
 */
export function trafficStepsOf(
  service: Asked,
  { settleSeconds, blueServes }: { settleSeconds: number; blueServes: boolean },
): TrafficStep[] {
  if (!shiftsTraffic(service)) return [];
  const holdSeconds = isNetwork(service) ? NLB_HOLD_SECONDS : 1;
  const before = blueServes ? stepsBefore(service.strategy) : [];
  const last = { percent: 100, bakeSeconds: Math.max(service.bakeSeconds, settleSeconds) };
  const steps = [...before, last].map(({ percent, bakeSeconds }) => ({
    percent,
    bakeSeconds: Math.max(bakeSeconds, holdSeconds),
  }));
  return steps.map((step, index) => withGate(step, gateBefore(index, steps.length, service.approval?.gates)));
}

/** The steps below 100 %. */
function stepsBefore(strategy: ServiceConfiguration['strategy']): { percent: number; bakeSeconds: number }[] {
  switch (strategy.type) {
    case 'canary':
      return [{ percent: strategy.percent, bakeSeconds: strategy.bakeSeconds }];
    case 'linear': {
      const count = Math.ceil(100 / strategy.percent) - 1;
      return Array.from({ length: count }, (_, index) => ({
        percent: tenths((index + 1) * strategy.percent),
        bakeSeconds: strategy.everySeconds,
      }));
    }
    case 'steps':
      return strategy.steps.filter(({ percent }) => percent < 100).map((step) => ({ ...step }));
    default:
      return [];
  }
}

/** Percentages have one decimal; sums of binary fractions have more. */
const tenths = (percent: number): number => Math.round(percent * 10) / 10;

/** Full traffic is the last step: if it is also the first, one word serves both gates. */
function gateBefore(index: number, count: number, gates: readonly Gate[] = []): Gate | undefined {
  if (index === 0 && gates.includes('before-traffic')) return 'before-traffic';
  if (index === count - 1 && gates.includes('before-full-traffic')) return 'before-full-traffic';
  return undefined;
}

const withGate = (step: TrafficStep, gate: Gate | undefined): TrafficStep =>
  gate === undefined ? step : { ...step, gate };

export function isNetwork({ traffic }: Pick<ServiceConfiguration, 'traffic'>): boolean {
  return traffic !== undefined && 'listener' in traffic && traffic.listener.includes(':listener/net/');
}
