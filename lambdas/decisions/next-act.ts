/** What comes next within a deployment: the strategy as data, read where the machine has its one choice. */
import type { Deployment, NextAct } from '../common/deployment.ts';
import { jointGroupOf } from '../common/service.ts';
import { ordersOf } from './orders.ts';

/** What every state before `WhatNext?` gives to the machine. */
export interface Next {
  readonly next: NextAct;
  /** The traffic step that `next` is about. */
  readonly trafficStep: number;
  /** How long its bake lasts; at least 1, because a state cannot wait for less. */
  readonly bakeSeconds: number;
}

type Facts = Pick<
  Deployment,
  | 'configuration'
  | 'trafficSteps'
  | 'trafficStep'
  | 'signals'
  | 'gatesPassed'
  | 'image'
  | 'round'
  | 'succeededAtMs'
>;

/** After green was verified. */
export function afterVerification(deployment: Facts): Next {
  const { lambda, task } = deployment.configuration.checks;
  return lambda.length + task.length > 0 ? nextOf('runChecks', 0, deployment) : afterChecks(deployment);
}

/** After the user's own checks. */
export const afterChecks = (deployment: Facts): Next => beforeStep(deployment, 0);

/** After the bake of a traffic step, or of a strategy that has none. */
export const afterBake = (deployment: Facts): Next =>
  beforeStep(deployment, (deployment.trafficStep ?? 0) + 1);

/** Before a traffic step: a pause holds it, a gate guards it. */
export function beforeStep(deployment: Facts, trafficStep: number): Next {
  if (ordersOf(deployment).pause) return nextOf('pause', trafficStep, deployment);
  return onwards(deployment, trafficStep);
}

/** The same when nothing holds it any more. */
export function onwards(deployment: Facts, trafficStep: number): Next {
  const { trafficSteps, gatesPassed = [] } = deployment;
  const movesTraffic = trafficSteps.length > 0;
  if (!movesTraffic) return nextOf(trafficStep === 0 ? 'bake' : 'done', trafficStep, deployment);
  const step = trafficSteps[trafficStep];
  if (!step) return nextOf(isThrough(deployment) ? 'done' : 'waitForGroup', trafficStep, deployment);
  const isOpen = step.gate === undefined || gatesPassed.includes(step.gate);
  if (!isOpen) return nextOf('waitForApproval', trafficStep, deployment);
  return nextOf(mayShift(deployment) ? 'modifyListener' : 'waitForGroup', trafficStep, deployment);
}

/** Services of a group shift together, from the moment at which their round is complete. */
export const mayShift = ({ configuration, round }: Pick<Facts, 'configuration' | 'round'>): boolean =>
  jointGroupOf(configuration) === undefined || round?.closedAtMs !== undefined;

/** Services of a group succeed together. */
const isThrough = ({ configuration, succeededAtMs }: Facts): boolean =>
  jointGroupOf(configuration) === undefined || succeededAtMs !== undefined;

/** Which of its two waits for the group a deployment stands at: the second, once its last traffic step is done. */
export const isAfterLastBake = ({
  trafficSteps,
  nextTrafficStep = 0,
}: Pick<Deployment, 'trafficSteps' | 'nextTrafficStep'>): boolean => nextTrafficStep >= trafficSteps.length;

export function nextOf(next: NextAct, trafficStep: number, { trafficSteps, configuration }: Facts): Next {
  const bakeSeconds = trafficSteps[trafficStep]?.bakeSeconds ?? configuration.bakeSeconds;
  return { next, trafficStep, bakeSeconds: Math.max(1, bakeSeconds) };
}
