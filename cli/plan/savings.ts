/** Which setting would save how much: the same prediction, with that one setting changed. Pure. */
import type { PlanFacts, SideFacts } from './facts.ts';
import { predictSteps, totalsOf } from './steps.ts';

export interface Saving {
  /** As AWS, or sidestep.yaml, calls it. */
  readonly setting: string;
  readonly of: string;
  readonly from: number;
  readonly to: number;
  readonly savesSeconds: number;
}

/** Long enough for requests that answer within seconds; a service with longer ones keeps its own. */
const DEREGISTRATION_DELAY_SECONDS = 30;
/** The shortest interval that ELB takes (API reference, CreateTargetGroup). */
const HEALTH_CHECK_INTERVAL_SECONDS = 5;
/** The largest first; settings that would save nothing are left out, and so are bakes, which are somebody's wish. */
export function savingsOf(facts: PlanFacts): Saving[] {
  const now = totalsOf(predictSteps(facts)).totalSeconds;
  const { blue, green } = facts;
  const isOne = blue.name === green.name && facts.start !== 'beside';
  const candidates = [
    ...delayOf(facts, blue),
    ...(isOne ? intervalOf(facts, ['blue', 'green'], green) : intervalOf(facts, ['green'], green)),
    ...stickyOf(facts),
  ];
  return candidates
    .map(({ changed, ...saving }) => ({
      ...saving,
      savesSeconds: now - totalsOf(predictSteps(changed)).totalSeconds,
    }))
    .filter(({ savesSeconds }) => savesSeconds > 0)
    .sort((a, b) => b.savesSeconds - a.savesSeconds);
}

type Candidate = Omit<Saving, 'savesSeconds'> & { readonly changed: PlanFacts };

function delayOf(facts: PlanFacts, side: SideFacts): Candidate[] {
  const from = side.targetGroup?.deregistrationDelaySeconds ?? 0;
  const to = DEREGISTRATION_DELAY_SECONDS;
  if (!side.targetGroup || from <= to) return [];
  const changed = withGroup(facts, ['blue', 'green'], { deregistrationDelaySeconds: to });
  return [{ setting: 'deregistration_delay', of: side.name, from, to, changed }];
}

function intervalOf(facts: PlanFacts, roles: readonly Role[], side: SideFacts): Candidate[] {
  const from = side.targetGroup?.healthCheckIntervalSeconds ?? 0;
  const to = HEALTH_CHECK_INTERVAL_SECONDS;
  if (from <= to) return [];
  // What the last deployment took contains a first check at the old interval.
  const last = facts.lastRolloutSeconds;
  const lastRolloutSeconds = last === undefined ? undefined : Math.max(to, last - (from - to));
  const changed = withGroup({ ...facts, lastRolloutSeconds }, roles, { healthCheckIntervalSeconds: to });
  return [{ setting: 'health check interval', of: side.name, from, to, changed }];
}

/** The last bake, if it is only so long because clients stick to blue. */
function stickyOf(facts: PlanFacts): Candidate[] {
  const { deployment } = facts;
  const { settleSeconds, configuration, trafficSteps } = deployment;
  const last = trafficSteps.at(-1);
  const to = Math.max(configuration.propagationSeconds, configuration.bakeSeconds);
  if (!last || last.bakeSeconds !== settleSeconds || settleSeconds <= to) return [];
  const shorter = [...trafficSteps.slice(0, -1), { ...last, bakeSeconds: to }];
  const changed = { ...facts, deployment: { ...deployment, settleSeconds: to, trafficSteps: shorter } };
  return [{ setting: 'target group stickiness', of: configuration.name, from: settleSeconds, to, changed }];
}

type Role = 'blue' | 'green';

function withGroup(
  facts: PlanFacts,
  roles: readonly Role[],
  change: Partial<NonNullable<SideFacts['targetGroup']>>,
): PlanFacts {
  const sides = roles.map((role) => {
    const side = facts[role];
    const targetGroup = side.targetGroup && { ...side.targetGroup, ...change };
    return [role, { ...side, targetGroup }];
  });
  return { ...facts, ...Object.fromEntries(sides) };
}
