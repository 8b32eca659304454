/** The production steps of each strategy. Pure. */
import type { EcsApi } from '../../wire/models.ts';
import { CANARY_DEFAULTS, LINEAR_DEFAULTS, minutesMs } from './limits.ts';

export interface ProductionStep {
  /** Green's share of the production traffic after the step: multiples of 0.1, the last one 100. */
  readonly percent: number;
  /** How long the step is watched before the next one; none after the last. */
  readonly bakeMs: number;
}

/** Everything at once. */
export const WHOLE: ProductionStep = { percent: 100, bakeMs: 0 };

export function productionSteps(configuration: EcsApi.DeploymentConfiguration): ProductionStep[] {
  const { strategy, linearConfiguration, canaryConfiguration } = configuration;
  if (strategy === 'LINEAR') return linearSteps({ ...LINEAR_DEFAULTS, ...linearConfiguration });
  if (strategy === 'CANARY') return canarySteps({ ...CANARY_DEFAULTS, ...canaryConfiguration });
  return [WHOLE];
}

function linearSteps({
  stepPercent = LINEAR_DEFAULTS.stepPercent,
  stepBakeTimeInMinutes = LINEAR_DEFAULTS.stepBakeTimeInMinutes,
}: EcsApi.LinearConfiguration): ProductionStep[] {
  // In tenths of a percent, so that sums stay exact.
  const stepTenths = Math.round(stepPercent * 10);
  const count = Math.ceil(1000 / stepTenths) - 1;
  const bakeMs = minutesMs(stepBakeTimeInMinutes);
  const partial = Array.from({ length: count }, (_, at) => ({
    percent: ((at + 1) * stepTenths) / 10,
    bakeMs,
  }));
  return [...partial, WHOLE];
}

/** Exactly two steps, unless the first is the whole. */
function canarySteps({
  canaryPercent = CANARY_DEFAULTS.canaryPercent,
  canaryBakeTimeInMinutes = CANARY_DEFAULTS.canaryBakeTimeInMinutes,
}: EcsApi.CanaryConfiguration): ProductionStep[] {
  if (canaryPercent >= 100) return [WHOLE];
  return [{ percent: canaryPercent, bakeMs: minutesMs(canaryBakeTimeInMinutes) }, WHOLE];
}

/** Integer weights of green and blue for a multiple of 0.1 percent, neither above 999. */
export function weightsFor(greenPercent: number): { green: number; blue: number } {
  const scale = Number.isInteger(greenPercent) ? 1 : 10;
  const green = Math.round(greenPercent * scale);
  return { green, blue: 100 * scale - green };
}
