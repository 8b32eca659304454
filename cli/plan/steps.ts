/** The steps of a deployment that was not begun: what each changes, how long it takes, and which setting says so. Pure. */
import { isNetwork, NLB_HOLD_SECONDS } from '../../lambdas/decisions/traffic-steps.ts';
import type { PlanFacts, SideFacts } from './facts.ts';
import { shortName, spellSeconds } from './spell.ts';

/** Calls of AWS that change something; Sidestep's own table and answers to Step Functions are not counted. */
export type Changes = Readonly<Record<string, number>>;

export interface PlannedStep {
  /** The machine's state. */
  readonly state: string;
  /** What happens, for people. */
  readonly says: string;
  /** Predicted; 0 if somebody else decides, which `waitsFor` then tells. */
  readonly seconds: number;
  /** What may come on top, until the deployment gives up or goes on by itself. */
  readonly atMostSeconds?: number;
  /** Whose time cannot be predicted: a person's, or a program's of the user. */
  readonly waitsFor?: string;
  /** Which settings give the time. */
  readonly because?: string;
  readonly changes: Changes;
  /** Whether green serves everything, for good, once this is over: the rest is cleaning up. */
  readonly isBefore: 'green serves' | 'the end';
}

type Step = Omit<PlannedStep, 'isBefore' | 'changes'> & { readonly changes?: Changes };

/** Of a task whose service was never deployed before: placing it, pulling its image, starting it. */
export const START_GUESS_SECONDS = 30;

export function predictSteps(facts: PlanFacts): PlannedStep[] {
  const forward = [...prepare(facts), ...run(facts), ...check(facts), ...shift(facts)];
  return [
    ...forward.map((step) => ({ changes: {}, ...step, isBefore: 'green serves' as const })),
    ...cleanUp(facts).map((step) => ({ changes: {}, ...step, isBefore: 'the end' as const })),
  ];
}

function prepare(facts: PlanFacts): Step[] {
  const { deployment, registeredArn, green } = facts;
  if (green.isFleet) return [];
  const family = shortName(deployment.green.taskDefinitionArn).replace(/:\d+$/, '');
  const registered = registeredArn
    ? { says: `${shortName(registeredArn)} is registered already` }
    : { says: `a new revision of ${family}`, changes: { 'ecs:RegisterTaskDefinition': 1 } };
  return [{ state: 'RegisterRevision', seconds: 0, ...registered }, ...migrate(facts)];
}

function migrate({ deployment, lastMigrationSeconds }: PlanFacts): Step[] {
  const { migration } = deployment.configuration;
  if (!migration) return [];
  const command = migration.command.join(' ');
  return [
    {
      state: 'RunMigration',
      says: `one task runs ${command} in ${migration.container}`,
      seconds: lastMigrationSeconds ?? 0,
      atMostSeconds: migration.timeoutSeconds,
      ...(lastMigrationSeconds === undefined
        ? { waitsFor: 'the migration' }
        : { because: 'as the last migration took' }),
      changes: { 'ecs:RunTask': 1 },
    },
  ];
}

function run(facts: PlanFacts): Step[] {
  switch (facts.start) {
    case 'beside':
      return [...attach(facts), ...startGreen(facts), steadyState(facts, rollout(facts))];
    case 'inPlace':
      return [...startGreen(facts), steadyState(facts, replacement(facts))];
    case 'afterStop':
      return [stopBlue(facts), ...startGreen(facts), steadyState(facts, rollout(facts))];
    case 'native':
      return native(facts);
  }
}

function attach({ green, attachWrites, deployment }: PlanFacts): Step[] {
  const { testRule } = deployment.configuration.traffic ?? {};
  const test = testRule ? ', and all test traffic' : '';
  return [
    {
      state: 'AttachGreen',
      says:
        attachWrites > 0
          ? `${green.name}'s target group at weight 0${test}`
          : `${green.name}'s target group is there`,
      seconds: 0,
      changes: writes(deployment.configuration.traffic, attachWrites),
    },
  ];
}

function startGreen({ green, count, scalingWrites }: PlanFacts): Step[] {
  if (green.isFleet) return [{ state: 'StartGreen', says: `${green.name} runs already`, seconds: 0 }];
  return [
    {
      state: 'StartGreen',
      says: `${count} tasks of ${green.name}`,
      seconds: 0,
      changes: { 'ecs:UpdateService': 1, ...scaling(scalingWrites.start) },
    },
  ];
}

interface Prediction {
  readonly seconds: number;
  readonly because: string;
}

function steadyState({ green, deployment }: PlanFacts, { seconds, because }: Prediction): Step {
  const says = green.isFleet
    ? `every machine of ${green.name} that is registered is healthy`
    : `every task of ${green.name} runs and is healthy`;
  const atMostSeconds = deployment.configuration.steadyStateTimeoutSeconds;
  return { state: 'WaitForSteadyState', says, seconds, atMostSeconds, because };
}

/** All tasks at once, beside what serves. */
function rollout({ green, lastRolloutSeconds }: PlanFacts): Prediction {
  if (green.isFleet) return firstHealth(green);
  const health = firstHealth(green);
  const start = startSeconds(green, lastRolloutSeconds);
  return { seconds: start.seconds + health.seconds, because: `${start.because}, ${health.because}` };
}

/** A new target is healthy after one check that it passes (ELB guide, "Health checks for target groups"). */
function firstHealth({ targetGroup }: SideFacts): Prediction {
  if (!targetGroup) return { seconds: 0, because: 'no load balancer' };
  const { healthCheckIntervalSeconds: seconds, healthyThresholdCount } = targetGroup;
  const worst = `, × ${healthyThresholdCount} after a failed one`;
  return { seconds, because: `health check interval ${spellSeconds(seconds)} for the first check${worst}` };
}

function startSeconds({ targetGroup }: SideFacts, lastRolloutSeconds: number | undefined): Prediction {
  if (lastRolloutSeconds === undefined)
    return {
      seconds: START_GUESS_SECONDS,
      because: `${spellSeconds(START_GUESS_SECONDS)} to start, guessed`,
    };
  const seconds = Math.max(0, lastRolloutSeconds - (targetGroup?.healthCheckIntervalSeconds ?? 0));
  return {
    seconds,
    because: `${spellSeconds(seconds)} to start, as ECS's last deployment took ${spellSeconds(lastRolloutSeconds)}`,
  };
}

/** Tasks are replaced in as many rounds as the service's bounds ask for; the last round's old ones still drain. */
function replacement(facts: PlanFacts): Prediction {
  const { green, count, rollout: bounds, lastRolloutSeconds } = facts;
  const { minimumHealthyPercent, maximumPercent } = bounds;
  const rounds = roundsOf(count, bounds);
  const bounded = `${rounds} rounds of ${count} tasks by ${minimumHealthyPercent} to ${maximumPercent} %`;
  if (lastRolloutSeconds !== undefined)
    return {
      seconds: lastRolloutSeconds,
      because: `as ECS's last deployment took; ${bounded}`,
    };
  const { seconds, because } = rollout(facts);
  const stop = rounds > 1 ? stopSeconds(green) : 0;
  return { seconds: rounds * seconds + (rounds - 1) * stop, because: `${bounded}, each ${because}` };
}

function roundsOf(count: number, { minimumHealthyPercent, maximumPercent }: PlanFacts['rollout']): number {
  const floor = Math.ceil((minimumHealthyPercent * count) / 100);
  const ceiling = Math.floor((maximumPercent * count) / 100);
  return Math.max(1, Math.ceil(count / Math.max(1, ceiling - floor)));
}

const stopSeconds = ({ targetGroup }: SideFacts): number => targetGroup?.deregistrationDelaySeconds ?? 0;

function stopped(side: SideFacts): Pick<Step, 'seconds' | 'atMostSeconds' | 'because'> {
  const delay = stopSeconds(side);
  const stop = `stop timeout ${spellSeconds(side.stopTimeoutSeconds)} at most`;
  return {
    seconds: delay,
    atMostSeconds: delay + side.stopTimeoutSeconds,
    because: side.targetGroup ? `deregistration delay ${spellSeconds(delay)}, ${stop}` : stop,
  };
}

function stopBlue({ blue, scalingWrites }: PlanFacts): Step {
  return {
    state: 'StopBlue',
    says: `every task of ${blue.name} stops: nothing serves from here`,
    ...stopped(blue),
    changes: { 'ecs:UpdateService': 1, ...scaling(scalingWrites.stop) },
  };
}

function check({ deployment, start }: PlanFacts): Step[] {
  const { checks, traffic, modules } = deployment.configuration;
  if (start === 'native') return [];
  const requests = (traffic?.testRule ? checks.http.length : 0) + modules.length;
  const verified: Step = {
    state: 'VerifyTargets',
    says: `targets are healthy${requests > 0 ? `, HTTP checks pass: ${requests}` : ''}`,
    seconds: 0,
  };
  const programs = [...checks.lambda, ...checks.task];
  if (programs.length === 0) return [verified];
  const atMostSeconds = Math.max(...programs.map(({ timeoutSeconds }) => timeoutSeconds));
  const changes = counted({
    'lambda:Invoke': checks.lambda.length,
    'ecs:RunTask': checks.task.length,
  });
  const says = `${programs.length} checks of yours, side by side`;
  return [
    verified,
    { state: 'RunChecks', says, seconds: 0, atMostSeconds, waitsFor: 'your checks', changes },
  ];
}

/** Each traffic step with its gate and its bake; a single bake where no traffic moves. */
function shift({ deployment, start }: PlanFacts): Step[] {
  const { trafficSteps, configuration, liveWeights } = deployment;
  if (start === 'native') return [];
  if (trafficSteps.length === 0) {
    const seconds = configuration.bakeSeconds;
    return [{ state: 'Bake', says: 'watched in place', seconds, because: 'bake' }];
  }
  return trafficSteps.flatMap(({ percent, bakeSeconds, gate }, index) => [
    ...(gate ? [approval(deployment, gate)] : []),
    {
      state: 'ModifyListener',
      says: `green takes ${percent} %`,
      seconds: 0,
      changes: writes(configuration.traffic, liveWeights.length),
    },
    {
      state: 'Bake',
      says: `green has ${percent} %`,
      seconds: bakeSeconds,
      because: reasonOfBake(deployment, index),
    },
  ]);
}

function approval({ configuration }: PlanFacts['deployment'], gate: string): Step {
  const { timeoutSeconds = 0, otherwise = 'reject' } = configuration.approval ?? {};
  return {
    state: 'WaitForApproval',
    says: `${gate}; silence means ${otherwise}`,
    seconds: 0,
    atMostSeconds: timeoutSeconds,
    waitsFor: 'an approval',
  };
}

/** A bake may be longer than the strategy asks for, and then it says why. */
function reasonOfBake(
  { configuration, trafficSteps, settleSeconds }: PlanFacts['deployment'],
  index: number,
) {
  const { percent, bakeSeconds } = trafficSteps[index] ?? { percent: 100, bakeSeconds: 0 };
  const asked = percent < 100 ? bakeOf(configuration.strategy) : configuration.bakeSeconds;
  if (isNetwork(configuration) && bakeSeconds === NLB_HOLD_SECONDS && (asked ?? 0) < NLB_HOLD_SECONDS)
    return `a Network Load Balancer's shift is held ${spellSeconds(NLB_HOLD_SECONDS)}: its weights take minutes to have effect everywhere`;
  if (percent === 100 && settleSeconds > configuration.bakeSeconds) {
    const isSticky = settleSeconds > configuration.propagationSeconds;
    return isSticky
      ? `clients stick to blue for ${spellSeconds(settleSeconds)} (stickiness, drain.sticky)`
      : `a weight takes ${spellSeconds(settleSeconds)} to have effect everywhere (propagation)`;
  }
  return percent === 100 ? 'bake' : `bake of strategy ${configuration.strategy.type}`;
}

function bakeOf(strategy: PlanFacts['deployment']['configuration']['strategy']): number | undefined {
  if (strategy.type === 'canary') return strategy.bakeSeconds;
  if (strategy.type === 'linear') return strategy.everySeconds;
  // The steps of a list have bakes of their own.
  return undefined;
}

/** ECS moves the traffic by the service's own settings; Sidestep follows. */
function native(facts: PlanFacts): Step[] {
  const { green, native: shift, deployment } = facts;
  if (!shift) return [];
  const state = 'FollowServiceDeployment';
  const { seconds, because } = rollout(facts);
  const hold = shift.isNetwork ? NLB_HOLD_SECONDS : 0;
  const held = hold > 0 ? `, and ECS holds a Network Load Balancer's shift ${spellSeconds(hold)}` : '';
  const pauses = shift.pauses.map((stage) => ({
    state,
    says: `ECS pauses at ${stage}`,
    seconds: 0,
    atMostSeconds: deployment.configuration.approval?.timeoutSeconds,
    waitsFor: 'an approval',
  }));
  return [
    {
      state: 'StartServiceDeployment',
      says: `ECS begins its own ${shift.strategy} deployment of ${green.name}`,
      seconds: 0,
      changes: { 'ecs:UpdateService': 1 },
    },
    { state, says: 'ECS starts green and checks its targets', seconds, because },
    ...pauses,
    ...shift.steps.map(({ percent, bakeSeconds }) => ({
      state,
      says: `green has ${percent} %`,
      seconds: bakeSeconds + hold,
      because: `${shift.strategy.toLowerCase()}Configuration of the service${held}`,
    })),
    {
      state,
      says: 'green has 100 %',
      seconds: shift.bakeSeconds + hold,
      because: `bakeTimeInMinutes of the service${held}`,
    },
  ];
}

function cleanUp(facts: PlanFacts): Step[] {
  const { blue, deployment, keepsBlue, scalingWrites, start } = facts;
  if (start === 'native')
    return [{ state: 'FollowServiceDeployment', says: 'ECS stops blue', ...stopped(blue) }];
  if (start !== 'beside') return [];
  const { keepBlueSeconds, drainTimeoutSeconds } = deployment.configuration;
  const standby: Step = {
    state: 'Standby',
    says: `${blue.name} stays whole: a rollback is one write`,
    seconds: keepBlueSeconds,
    because: 'keepBlue; a new push ends it',
    changes: scaling(scalingWrites.release),
  };
  const onDrain = (keepsBlue ? 0 : scalingWrites.release) + scalingWrites.stop;
  const drain: Step = blue.isFleet
    ? { state: 'DrainBlue', says: `${blue.name} stays registered: its machines are yours`, seconds: 0 }
    : {
        state: 'DrainBlue',
        says: `${blue.name} finishes its requests and stops`,
        ...stopped(blue),
        atMostSeconds: drainTimeoutSeconds,
        changes: { 'ecs:UpdateService': 1, ...scaling(onDrain) },
      };
  return keepsBlue ? [standby, drain] : [drain];
}

function writes(traffic: { rules: readonly string[] } | object | undefined, count: number): Changes {
  const isRules = traffic !== undefined && 'rules' in traffic;
  return counted({ [`elasticloadbalancing:${isRules ? 'ModifyRule' : 'ModifyListener'}`]: count });
}

const scaling = (count: number): Changes =>
  counted({ 'application-autoscaling:RegisterScalableTarget': count });

const counted = (changes: Changes): Changes =>
  Object.fromEntries(Object.entries(changes).filter(([, count]) => count > 0));

/** All steps' changes together. */
export function allChanges(steps: readonly PlannedStep[]): Changes {
  const all: Record<string, number> = {};
  for (const { changes } of steps)
    for (const [call, count] of Object.entries(changes)) all[call] = (all[call] ?? 0) + count;
  return all;
}

export interface Totals {
  /** Until green serves everything and its bakes are over, without what cannot be predicted. */
  readonly untilGreenServesSeconds: number;
  readonly totalSeconds: number;
  /** From the old version's stop to the new one's first answer; 0 if something serves throughout. */
  readonly downtimeSeconds: number;
}

export function totalsOf(steps: readonly PlannedStep[]): Totals {
  const sum = (some: readonly PlannedStep[]): number => some.reduce((all, { seconds }) => all + seconds, 0);
  const hasDowntime = steps.some(({ state }) => state === 'StopBlue');
  return {
    untilGreenServesSeconds: sum(steps.filter(({ isBefore }) => isBefore === 'green serves')),
    totalSeconds: sum(steps),
    downtimeSeconds: hasDowntime
      ? sum(steps.filter(({ state }) => ['StopBlue', 'StartGreen', 'WaitForSteadyState'].includes(state)))
      : 0,
  };
}
