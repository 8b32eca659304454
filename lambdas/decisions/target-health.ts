/** Whether enough targets of a group are healthy, and if not, why not in ELB's own words. */

export interface TargetFacts {
  Target?: { Id?: string; Port?: number };
  TargetHealth?: { State?: string; Reason?: string; Description?: string };
}

export type HealthVerdict =
  | { readonly healthy: true; readonly healthyCount: number }
  | { readonly healthy: false; readonly healthyCount: number; readonly reason: string };

/** Draining targets are of the past and do not count, neither for nor against. */
export function judgeTargetHealth(
  targets: readonly TargetFacts[],
  { targetGroupArn, expected }: { targetGroupArn: string; expected: number },
): HealthVerdict {
  const present = targets.filter(({ TargetHealth }) => !/draining/.test(TargetHealth?.State ?? ''));
  const bad = present.filter(({ TargetHealth }) => TargetHealth?.State !== 'healthy');
  const healthyCount = present.length - bad.length;
  if (healthyCount >= expected && bad.length === 0 && healthyCount > 0)
    return { healthy: true, healthyCount };
  const details = bad.map(describeTarget).join('; ');
  const group = targetGroupArn.split('/')[1] ?? targetGroupArn;
  const reason = `${healthyCount} of ${expected} targets of target group ${group} are healthy${details && ` (${details})`}`;
  return { healthy: false, healthyCount, reason };
}

/** `i-1:8080 is unhealthy: Target.Timeout, Request timed out` */
export function describeTarget({ Target, TargetHealth }: TargetFacts): string {
  const why = [TargetHealth?.Reason, TargetHealth?.Description].filter(Boolean).join(', ');
  return `${Target?.Id}:${Target?.Port} is ${TargetHealth?.State}${why && `: ${why}`}`;
}
