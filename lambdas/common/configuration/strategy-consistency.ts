/** How the parts of a service must fit its strategy. */
import { NLB_HOLD_SECONDS } from '../../decisions/traffic-steps.ts';
import { isNetworkListener } from './arn.ts';
import { BAKE } from './defaults.ts';
import {
  at,
  type Draft,
  type DraftSide,
  isGiven,
  itemsAt,
  secondsAt,
  sideCountOf,
  sidesOf,
  strategyOf,
  textAt,
} from './draft.ts';
import { durationSeconds } from './duration.ts';
import { type Path, type Problem, problemAt } from './problems.ts';

/** Why a strategy is what it is, as the second half of a sentence. */
export const BECAUSE = {
  'all-at-once': 'all-at-once moves the traffic from one to the other',
  canary: 'canary moves the traffic from one to the other',
  linear: 'linear moves the traffic from one to the other',
  steps: 'steps move the traffic from one to the other',
  rolling: 'rolling replaces the tasks of one ECS service in place',
  recreate: 'recreate stops the tasks of one ECS service before it starts the new ones',
  native: 'native leaves it to ECS to run both versions of one ECS service',
} as const;

const SHIFTING = 'all-at-once, canary, linear or steps';

export function strategyInconsistencies(draft: Draft): Problem[] {
  const type = strategyOf(draft);
  if (type === undefined) return sidesOf(draft).flatMap((side) => wholeSide(draft, side, false));
  const shifts = sideCountOf(type) === 2;
  return [
    ...sideCount(draft, type),
    ...sidesOf(draft).flatMap((side) => [
      ...wholeSide(draft, side, shifts),
      ...fleetShifts(draft, side, type),
    ]),
    ...oneFleet(draft),
    ...trafficOfStrategy(draft, type),
    ...modulesOfStrategy(draft, type),
    ...stepsRise(draft),
    ...stepsBake(draft),
    ...analysisHasTwoSides(draft, type),
    ...analysisPeriod(draft),
    ...approvalHasGates(draft, type),
    ...(shifts ? [] : onlyWithTwoSides(draft, type)),
    ...(shifts ? deadlineIsLongEnough(draft) : []),
  ];
}

type Type = NonNullable<ReturnType<typeof strategyOf>>;

function problem({ path, document }: Draft, within: Path, allowed: string, found?: string): Problem {
  return problemAt(document, [...path, ...within], allowed, found);
}

function sideCount(draft: Draft, type: Type): Problem[] {
  const count = itemsAt(draft, 'sides').length;
  const needed = sideCountOf(type);
  if (count === needed || count < 1 || count > 2) return [];
  const sides = (number: number) => (number === 1 ? 'one side' : 'two sides');
  return [problem(draft, ['sides'], `${sides(needed)}, because ${BECAUSE[type]}`, sides(count))];
}

/** An ECS service in its cluster, or a fleet behind its target group. */
function wholeSide({ document }: Draft, side: DraftSide, needsTargetGroup: boolean): Problem[] {
  const { path, cluster, service, fleet, targetGroup } = side;
  const value = (key: string, allowed: string) => problemAt(document, [...path, key], allowed);
  const group = 'the ARN of a target group';
  if (fleet !== undefined) {
    const mixed = [cluster !== undefined ? 'cluster' : [], service !== undefined ? 'service' : []].flat();
    return [
      ...mixed.map((key) =>
        value(key, 'nothing, because a fleet is no ECS service: its side has fleet and targetGroup'),
      ),
      ...(targetGroup === undefined
        ? [value('targetGroup', `${group}, because a fleet is what stands behind one`)]
        : []),
    ];
  }
  return [
    ...(cluster === undefined ? [value('cluster', 'the name or ARN of an ECS cluster')] : []),
    ...(service === undefined ? [value('service', 'the name or ARN of an ECS service')] : []),
    ...(needsTargetGroup && targetGroup === undefined ? [value('targetGroup', group)] : []),
  ];
}

function fleetShifts({ document }: Draft, { path, fleet }: DraftSide, type: Type): Problem[] {
  if (fleet === undefined || sideCountOf(type) === 2) return [];
  const allowed = `an ECS service, because ${BECAUSE[type]}; a fleet needs ${SHIFTING}`;
  return [problemAt(document, [...path, 'fleet'], allowed)];
}

function oneFleet(draft: Draft): Problem[] {
  const [, ...others] = sidesOf(draft).filter(({ fleet }) => fleet !== undefined);
  const allowed = 'at most one fleet: the other side is the ECS service to which or from which it moves';
  return others.map(({ path }) => problemAt(draft.document, [...path, 'fleet'], allowed));
}

function trafficOfStrategy(draft: Draft, type: Type): Problem[] {
  const given = isGiven(draft, 'traffic');
  if (type === 'recreate' && given) {
    const allowed =
      'nothing, because recreate stops the old version before the new one starts and so shifts nothing at a load balancer';
    return [problem(draft, ['traffic'], allowed, 'a load balancer shift')];
  }
  if (given || sideCountOf(type) === 1) return [];
  return [problem(draft, ['traffic'], `a mapping with rules, listener or modules, because ${BECAUSE[type]}`)];
}

function modulesOfStrategy(draft: Draft, type: Type): Problem[] {
  if (!isGiven(draft, 'traffic', 'modules')) return [];
  if (sideCountOf(type) === 1) {
    const allowed = `nothing, because ${BECAUSE[type]}; modules need ${SHIFTING}`;
    return [problem(draft, ['traffic', 'modules'], allowed)];
  }
  if (isGiven(draft, 'traffic', 'testRule')) return [];
  const allowed =
    "the ARN of a listener rule, because each module's address is checked on green through it before it has traffic";
  return [problem(draft, ['traffic', 'testRule'], allowed)];
}

function stepsRise(draft: Draft): Problem[] {
  const percents = itemsAt(draft, 'strategy', 'steps').map((step) => {
    const path = [...step, 'percent'];
    return { path, percent: at(draft, ...path) };
  });
  const numbers = percents.flatMap(({ path, percent }) =>
    typeof percent === 'number' ? [{ path, percent }] : [],
  );
  const rising = numbers.flatMap(({ path, percent }, index) => {
    const before = numbers[index - 1]?.percent ?? 0;
    if (percent > before) return [];
    return [problem(draft, path, `more than the ${before} before it, because steps only go up`)];
  });
  const last = numbers.at(-1);
  if (last === undefined || last.percent === 100 || percents.at(-1)?.path !== last.path) return rising;
  return [...rising, problem(draft, last.path, '100, because the last step gives green all the traffic')];
}

/** Each step says how long it lasts; for the last one that is the service's own bake, written once. */
function stepsBake(draft: Draft): Problem[] {
  const steps = itemsAt(draft, 'strategy', 'steps');
  const missing = steps.slice(0, -1).filter((step) => !isGiven(draft, ...step, 'bake'));
  const problems = missing.map((step) =>
    problem(draft, [...step, 'bake'], 'a duration, such as 10m: how long the step lasts'),
  );
  const last = steps.at(-1);
  if (last === undefined || !isGiven(draft, ...last, 'bake') || !isGiven(draft, 'bake')) return problems;
  const allowed = "nothing, because the service's bake says how long both sides run after the last step";
  return [...problems, problem(draft, [...last, 'bake'], allowed)];
}

function analysisHasTwoSides(draft: Draft, type: Type): Problem[] {
  if (!isGiven(draft, 'analysis') || ['canary', 'linear', 'steps', 'native'].includes(type)) return [];
  const allowed = `nothing, because with ${type} green and blue never have traffic at once, and so cannot be compared; canary, linear, steps and native can`;
  return [problem(draft, ['analysis'], allowed)];
}

/** CloudWatch keeps no other periods. */
function analysisPeriod(draft: Draft): Problem[] {
  const period = secondsAt(draft, 'analysis', 'period');
  if (period === undefined || period < 10 || period % 60 === 0 || [10, 20, 30].includes(period)) return [];
  return [
    problem(draft, ['analysis', 'period'], 'a period that CloudWatch has: 10s, 20s, 30s or whole minutes'),
  ];
}

function approvalHasGates(draft: Draft, type: Type): Problem[] {
  if (!isGiven(draft, 'approval')) return [];
  if (type === 'rolling' || type === 'recreate') {
    const allowed = `nothing, because ${BECAUSE[type]}: there is no gate before traffic; ${SHIFTING} and native have gates`;
    return [problem(draft, ['approval'], allowed)];
  }
  const gates = itemsAt(draft, 'approval', 'gates');
  return gates.flatMap((gate, index) => {
    const text = textAt(draft, ...gate);
    const earlier = gates.slice(0, index).some((other) => textAt(draft, ...other) === text);
    return text !== undefined && earlier
      ? [problem(draft, gate, 'each gate once', `'${text}' a second time`)]
      : [];
  });
}

/** What only makes sense if the old version stays beside the new one. */
function onlyWithTwoSides(draft: Draft, type: Type): Problem[] {
  const keep = secondsAt(draft, 'keepBlue') ?? 0;
  const stays = `nothing, because ${BECAUSE[type]}`;
  return [
    ...(keep > 0 ? [problem(draft, ['keepBlue'], `${stays}: there is no blue to keep`)] : []),
    ...(isGiven(draft, 'drain', 'sticky')
      ? [problem(draft, ['drain', 'sticky'], `${stays}: no clients stay behind on another side`)]
      : []),
  ];
}

function deadlineIsLongEnough(draft: Draft): Problem[] {
  const deadline = secondsAt(draft, 'deadline');
  const bakes = bakeSeconds(draft);
  if (deadline === undefined || deadline >= bakes) return [];
  return [problem(draft, ['deadline'], `at least ${bakes}s, the sum of the bakes that it has to cover`)];
}

/** All the time that is spent watching, from the first shift to the end of the last bake. */
export function bakeSeconds(draft: Draft): number {
  const steps = itemsAt(draft, 'strategy', 'steps');
  const lastStep = steps.at(-1);
  const lastStepBake = lastStep && secondsAt(draft, ...lastStep, 'bake');
  const last = secondsAt(draft, 'bake') ?? lastStepBake ?? durationSeconds(BAKE) ?? 0;
  const before = steps.slice(0, -1).map((step) => secondsAt(draft, ...step, 'bake') ?? 0);
  const canary = secondsAt(draft, 'strategy', 'bake') ?? [];
  const isNetwork = isNetworkListener(textAt(draft, 'traffic', 'listener') ?? '');
  const hold = isNetwork ? NLB_HOLD_SECONDS : 0;
  return sum([before, canary, linearBakes(draft), last].flat().map((bake) => Math.max(bake, hold)));
}

/** Of every step before the last. */
function linearBakes(draft: Draft): number[] {
  const percent = at(draft, 'strategy', 'percent');
  const every = secondsAt(draft, 'strategy', 'every');
  if (typeof percent !== 'number' || percent < 1 || every === undefined) return [];
  return Array.from({ length: Math.ceil(100 / percent) - 1 }, () => every);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
