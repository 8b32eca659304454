/** What a check function of the user's said: passed only if it says so in as many words. */
import type { CheckResult } from '../common/deployment.ts';

/** Characters of a function's own reason. */
const REASON_MAX = 1_000;

export function judgeCheckAnswer(payload: unknown): CheckResult {
  const { passed, reason } = (typeof payload === 'object' && payload !== null ? payload : {}) as {
    passed?: unknown;
    reason?: unknown;
  };
  if (passed === true) return { passed: true };
  const given = typeof reason === 'string' && reason !== '' ? reason.slice(0, REASON_MAX) : undefined;
  return { passed: false, reason: given ?? 'it did not answer {"passed": true}' };
}
