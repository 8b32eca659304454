/** Which version a rollback brings back, from the history alone. */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../lambdas/common/deployment.ts';
import {
  chooseRollbackTarget,
  type PastDeployment,
  problemWithTarget,
} from '../../../lambdas/decisions/rollback.ts';

/** `v2` succeeded, `v2!` failed, `v2?` drains, `v2<v3` went back from v3 to v2. Oldest first, as they happened. */
function history(...words: string[]): PastDeployment[] {
  const past = words.map((word, index): PastDeployment => {
    const [, digest = '', mark = '', fromDigest] = /^(v\d)([!?]?)(?:<(v\d))?$/.exec(word) ?? [];
    const outcome: Outcome | undefined = {
      '!': 'ROLLBACK_SUCCESSFUL' as const,
      '?': undefined,
      '': 'SUCCESSFUL' as const,
    }[mark];
    return {
      deploymentId: `${index} ${word}`,
      image: { digest, uri: '' },
      outcome,
      ...(mark === '?' && { pointOfNoReturn: true }),
      ...(fromDigest && { rollback: { fromDigest, by: '', why: '' } }),
    };
  });
  return past.reverse();
}

describe('a rollback', () => {
  it.each([
    ['the version before', ['v1', 'v2', 'v3'], 'v3', '1 v2'],
    ['not one that failed', ['v1', 'v2', 'v3!', 'v4'], 'v4', '1 v2'],
    ['further back after a rollback', ['v1', 'v2', 'v3', 'v2<v3'], 'v2', '0 v1'],
    ['nothing, after going all the way', ['v1', 'v2', 'v1<v2'], 'v1', undefined],
    ['the version before, once it went on', ['v1', 'v2', 'v1<v2', 'v3'], 'v3', '2 v1<v2'],
    ['a version that was left and came back well', ['v1', 'v2', 'v1<v2', 'v2', 'v3'], 'v3', '3 v2'],
    ['the version before one that still drains', ['v1', 'v2', 'v3?'], 'v3', '1 v2'],
    ['the newest good one, if a stranger serves', ['v1', 'v2'], 'v9', '1 v2'],
    ['the newest good one, if nobody knows what serves', ['v1', 'v2'], undefined, '1 v2'],
    ['the version before, though it was deployed twice', ['v1', 'v2', 'v2'], 'v2', '0 v1'],
    ['nothing in an empty history', [], 'v1', undefined],
  ])('brings %s', (_, words, serving, wanted) => {
    expect(chooseRollbackTarget(history(...words), serving).to?.deploymentId).toBe(wanted);
  });

  it.each([
    ['orders', 'SUCCESSFUL', undefined],
    ['orders', 'HALTED', /ended HALTED; only a deployment that was SUCCESSFUL/],
    ['orders', undefined, /has not ended/],
    ['billing', 'SUCCESSFUL', /is a deployment of billing, not of orders/],
  ] as const)('to a named deployment of %s that ended %s', (service, outcome, problem) => {
    const found = problemWithTarget({ deploymentId: 'x', service, outcome }, 'orders');
    if (problem) expect(found).toMatch(problem);
    else expect(found).toBeUndefined();
  });
});
