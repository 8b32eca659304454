/** Limits of the account that both versions together must fit in. */
import type { TaskDefinition } from '../../../lambdas/aws/ecs.ts';
import { valueIn } from '../fact.ts';
import type { ServiceFacts } from '../facts.ts';
import { type Finding, judged, ng, ok } from '../finding.ts';

type Facts = Pick<
  ServiceFacts,
  'sides' | 'base' | 'configuration' | 'balancerLimits' | 'ecsQuotas' | 'fargateQuotas'
>;

/** As Service Quotas names them. */
const TASKS_PER_SERVICE = 'Tasks per service';
const FARGATE_VCPU = 'Fargate On-Demand vCPU resource count';

export function judgeQuotas(facts: Facts): Finding[] {
  const count = largestCount(facts);
  // Recreate stops the old tasks first; whoever updates in place or beside needs room for both.
  const together = facts.configuration.strategy.type === 'recreate' ? count : 2 * count;
  const todo = 'ask for a higher quota (Service Quotas)';
  const quota = (fact: Facts['ecsQuotas'], name: string, needed: number, what: string): Finding[] =>
    judged(fact, { what: name, todo }, (limits) =>
      judgeLimit(limits.get(name), { name, needed, what, todo }),
    );
  const vcpu = (together * cpuUnits(valueIn(facts.base) ?? {})) / 1024;
  return [
    ...quota(facts.ecsQuotas, TASKS_PER_SERVICE, count, `${count} tasks`),
    ...(facts.fargateQuotas
      ? quota(facts.fargateQuotas, FARGATE_VCPU, vcpu, `${vcpu} vCPU for ${together} tasks of both versions`)
      : []),
    ...(facts.balancerLimits
      ? judged(facts.balancerLimits, { what: 'load balancer limits', todo }, (limits) =>
          judgeTargets(limits, together, todo),
        )
      : []),
  ];
}

const TARGET_LIMITS = ['targets-per-application-load-balancer', 'targets-per-network-load-balancer'] as const;

function judgeTargets(limits: ReadonlyMap<string, number>, needed: number, todo: string): Finding[] {
  return TARGET_LIMITS.flatMap((name) =>
    limits.has(name)
      ? judgeLimit(limits.get(name), { name, needed, what: `${needed} targets of both sides`, todo })
      : [],
  );
}

function judgeLimit(
  limit: number | undefined,
  { name, needed, what, todo }: { name: string; needed: number; what: string; todo: string },
): Finding[] {
  if (limit === undefined) return [];
  return needed > limit
    ? [ng(`${what} do not fit in ${limit} (${name})`, todo)]
    : [ok(`${what} of at most ${limit} (${name}); what else the account runs was not counted`)];
}

/** The most tasks that a side has or may grow to. */
function largestCount({ sides, configuration }: Facts): number {
  const counts = sides.flatMap(({ service, scaling }) => [
    valueIn(service)?.desiredCount ?? 0,
    ...(valueIn(scaling) ?? []).map(({ max }) => max),
  ]);
  return Math.max(configuration.initialCount, ...counts);
}

const cpuUnits = ({ cpu }: Pick<TaskDefinition, 'cpu'>): number => Number(cpu) || 0;
