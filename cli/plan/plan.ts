/** Makes a plan: resolves a request as the machine would, and says what would follow, without beginning it. */

import { lastSegment } from '../../lambdas/common/configuration/arn.ts';
import type { Deployment, ResolvedSide } from '../../lambdas/common/deployment.ts';
import { Refusal } from '../../lambdas/common/errors.ts';
import { readTargetHealth } from '../../lambdas/common/health.ts';
import { parseRequest } from '../../lambdas/common/request.ts';
import type { Runtime } from '../../lambdas/common/runtime.ts';
import { type Change, changesBetween } from '../../lambdas/decisions/revision-changes.ts';
import { percentOf } from '../../lambdas/decisions/weights.ts';
import { configurationOf } from '../../lambdas/resolution/configuration.ts';
import { describeCandidate, draftDeployment } from '../../lambdas/resolution/draft.ts';
import type { Asked } from '../../lambdas/resolution/requested-image.ts';
import { resolveRevision, type WantedRevision } from '../../lambdas/resolution/revision.ts';
import { judgeDeployment } from '../../lambdas/resolution/worth.ts';
import { getLock } from '../../lambdas/table/locks.ts';
import type { PlanFacts } from './facts.ts';
import { gatherFacts } from './gather.ts';
import { type PlanPorts, planPorts } from './ports.ts';
import { refusalsOf } from './refusals.ts';
import { type Saving, savingsOf } from './savings.ts';
import { allChanges, type Changes, type PlannedStep, predictSteps, type Totals, totalsOf } from './steps.ts';
import { warningsOf } from './warnings.ts';

/** Why a deployment would not begin, or would end before anything is changed. */
export interface PlannedRefusal {
  readonly name: string;
  readonly reason: string;
}

export interface PlannedSide {
  readonly role: 'blue' | 'green';
  readonly kind: 'ecs' | 'fleet';
  readonly cluster: string;
  readonly service: string;
  readonly targetGroup: string;
  /** Share of the production traffic now, 0 to 100; absent if Sidestep moves none. */
  readonly percent?: number;
  readonly desiredCount: number;
  /** Absent without a target group. */
  readonly healthyCount?: number;
  readonly taskDefinitionArn: string;
}

export interface PlannedRevision {
  readonly baseTaskDefinitionArn: string;
  readonly family: string;
  /** Of a revision that is registered already and is the one wanted. */
  readonly registeredArn?: string;
  /** Against what blue runs; against green's own definition if blue is a fleet. */
  readonly changes: readonly Change[];
}

export interface Plan {
  readonly service: string;
  /** `NOTHING_TO_DEPLOY` and `REFUSED` end before anything is done. */
  readonly outcome?: 'NOTHING_TO_DEPLOY' | 'REFUSED';
  /** Of NOTHING_TO_DEPLOY. */
  readonly reason?: string;
  readonly refusals: readonly PlannedRefusal[];
  readonly warnings: readonly string[];
  readonly strategy?: string;
  readonly image?: Deployment['image'];
  readonly sides: readonly PlannedSide[];
  readonly revision?: PlannedRevision;
  readonly steps: readonly PlannedStep[];
  readonly totals?: Totals;
  /** Calls of AWS that change something, by operation. */
  readonly changes: Changes;
  readonly savings: readonly Saving[];
  readonly scalingDifferences: readonly string[];
}

const EMPTY = {
  refusals: [],
  warnings: [],
  sides: [],
  steps: [],
  changes: {},
  savings: [],
  scalingDifferences: [],
} as const;

/**
 * @param input as an execution's: `{service, image, …}`
 * @returns refusals that a deployment would meet are in the plan, not thrown
 */
export async function makePlan(
  input: { readonly service: string; readonly [member: string]: unknown },
  { runtime, stateMachineArn }: { readonly runtime: Runtime; readonly stateMachineArn: string },
): Promise<Plan> {
  const ports = planPorts(runtime);
  const started = {
    executionArn: `${stateMachineArn.replace(':stateMachine:', ':execution:')}:plan`,
    startedAt: new Date(runtime.now()).toISOString(),
  };
  try {
    const request = parseRequest({ ...input });
    if (request.kind === 'recover') throw new RangeError('a recovery has no plan');
    const configuration = await configurationOf(request.service, ports);
    const candidate = await describeCandidate(request, configuration, started, ports);
    const deployment = await draftDeployment(request, configuration, candidate, started, ports);
    return await planDeployment(request, deployment, ports);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...EMPTY, service: input.service, outcome: 'REFUSED', refusals: [told(error)] };
  }
}

const told = ({ name, message }: Refusal): PlannedRefusal => ({ name, reason: message });

async function planDeployment(request: Asked, deployment: Deployment, ports: PlanPorts): Promise<Plan> {
  const { service, image, configuration } = deployment;
  const worth = await judgeDeployment(deployment, ports);
  const sides = await describeSides(deployment, ports);
  const known = { ...EMPTY, service, image, sides, strategy: configuration.strategy.type };
  if (!worth.deploy) return { ...known, outcome: 'NOTHING_TO_DEPLOY', reason: worth.reason };
  const refusals = (await refusalsOf(request, deployment, ports)).map(told);
  const wanted = await wantedRevision(deployment, ports);
  if (wanted instanceof Refusal)
    return { ...known, outcome: 'REFUSED', refusals: [...refusals, told(wanted)] };
  const { facts, scalingDifferences } = await gatherFacts(deployment, wanted?.identicalArn, ports);
  const steps = predictSteps(facts);
  const totals = totalsOf(steps);
  return {
    ...known,
    ...(refusals.length > 0 && { outcome: 'REFUSED' as const }),
    refusals,
    warnings: warningsOf(facts, totals, await getLock(ports.table, service), ports.now()),
    revision: wanted && (await describeRevision(facts, wanted, ports)),
    steps,
    totals,
    changes: allChanges(steps),
    savings: savingsOf(facts),
    scalingDifferences,
  };
}

/** @returns undefined for a fleet, which takes none */
async function wantedRevision(
  deployment: Deployment,
  { ecs }: PlanPorts,
): Promise<WantedRevision | Refusal | undefined> {
  if (deployment.green.kind === 'fleet') return undefined;
  try {
    return await resolveRevision(deployment, ecs);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

async function describeSides(
  { blue, green, liveWeights, configuration }: Deployment,
  ports: PlanPorts,
): Promise<PlannedSide[]> {
  const isOne = configuration.sides.length === 1;
  const roles = isOne ? [['blue', blue] as const] : [['blue', blue] as const, ['green', green] as const];
  return Promise.all(
    roles.map(async ([role, side]) => ({
      role,
      ...placeOf(side),
      percent: liveWeights[0] && percentOf(liveWeights[0].weights, side.targetGroup),
      healthyCount: side.targetGroup
        ? (await readTargetHealth(ports.elbv2, side.targetGroup, 1)).healthyCount
        : undefined,
    })),
  );
}

const placeOf = ({ kind, cluster, service, targetGroup, desiredCount, taskDefinitionArn }: ResolvedSide) => ({
  kind,
  cluster: lastSegment(cluster),
  service: lastSegment(service),
  targetGroup,
  desiredCount,
  taskDefinitionArn,
});

async function describeRevision(
  { deployment }: PlanFacts,
  { input, identicalArn }: WantedRevision,
  { ecs }: PlanPorts,
): Promise<PlannedRevision> {
  const { blue, green, baseTaskDefinitionArn } = deployment;
  const running = await ecs.describeTaskDefinition(blue.taskDefinitionArn || green.taskDefinitionArn);
  return {
    baseTaskDefinitionArn,
    family: input.family ?? '',
    registeredArn: identicalArn,
    changes: changesBetween(running.taskDefinition, input),
  };
}
