/** Autoscaling: both sides scale alike, so that it does not matter which one serves. */
import type { ServiceFacts } from '../facts.ts';
import { type Finding, judged, ok, warn } from '../finding.ts';

export function judgeScaling({ scalingDifferences }: Pick<ServiceFacts, 'scalingDifferences'>): Finding[] {
  if (!scalingDifferences) return [ok('only one side scales')];
  return judged(scalingDifferences, { what: 'autoscaling', todo: '' }, (differences) =>
    differences.length === 0
      ? [ok('both sides scale alike')]
      : differences.map((says) =>
          warn(says, 'give both services the same scalable target, policies and scheduled actions'),
        ),
  );
}
