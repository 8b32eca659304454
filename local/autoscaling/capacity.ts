/** How much capacity a cause asks for: the rules of bounds and steps. Pure. */
import type { ApplicationAutoScalingApi } from '../wire/models.ts';
import type { ScalableTarget } from './targets.ts';

export interface Capacity {
  readonly desired: number;
  readonly running: number;
}

export const clamp = (count: number, { min, max }: Pick<ScalableTarget, 'min' | 'max'>): number =>
  Math.min(max, Math.max(min, count));

export type Dynamic = { readonly kind: 'none' } | { readonly kind: 'out' | 'in'; readonly desired: number };

/**
 * What a policy's wish becomes. Below the minimum a scale-out goes to the minimum first, and a scale-in does nothing;
 * above the maximum it is the other way round.
 */
export function dynamicChange({ desired }: Capacity, wanted: number, target: ScalableTarget): Dynamic {
  if (wanted > desired) {
    const to = desired < target.min ? target.min : Math.max(desired, clamp(wanted, target));
    return to > desired ? { kind: 'out', desired: to } : { kind: 'none' };
  }
  const to = desired > target.max ? target.max : Math.min(desired, clamp(wanted, target));
  return to < desired ? { kind: 'in', desired: to } : { kind: 'none' };
}

/**
 * The count that a step policy asks for.
 * @param breach how far the metric is from the alarm's threshold; above it if positive
 * @returns undefined if no step covers the breach
 */
export function stepWanted(
  configuration: ApplicationAutoScalingApi.StepScalingPolicyConfiguration,
  breach: number,
  { running, desired }: Capacity,
): number | undefined {
  const step = (configuration.StepAdjustments ?? []).find((one) => covers(one, breach));
  const adjustment = step?.ScalingAdjustment;
  if (adjustment === undefined) return undefined;
  // Tasks that could not start yet do not count, lest capacity that cannot be had is asked for again and again.
  const base = Math.min(running, desired);
  switch (configuration.AdjustmentType) {
    case 'ExactCapacity':
      return adjustment;
    case 'PercentChangeInCapacity':
      return base + percentOf(base, adjustment, configuration.MinAdjustmentMagnitude ?? 1);
    default:
      return base + adjustment;
  }
}

/** Above the threshold the lower bound belongs to the step, below it the upper one. */
function covers(
  {
    MetricIntervalLowerBound: lower = Number.NEGATIVE_INFINITY,
    MetricIntervalUpperBound: upper = Number.POSITIVE_INFINITY,
  }: ApplicationAutoScalingApi.StepAdjustment,
  breach: number,
): boolean {
  return breach >= 0 ? breach >= lower && breach < upper : breach > lower && breach <= upper;
}

/** Fractions of a task are cut off, but for the magnitude that a change has at least. */
function percentOf(base: number, percent: number, magnitudeMin: number): number {
  const magnitude = Math.max(magnitudeMin, Math.floor((base * Math.abs(percent)) / 100));
  return Math.sign(percent) * magnitude;
}
