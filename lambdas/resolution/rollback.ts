/** What going back means: which version, on which revision, and what of the configuration does not apply to it. */

import type { TableWrite } from '../aws/dynamodb.ts';
import type { Ecs } from '../aws/ecs.ts';
import type { Elbv2 } from '../aws/elbv2.ts';
import type { Deployment, ResolvedSide, Rollback, Signal } from '../common/deployment.ts';
import { NothingToGoBackTo, TaskDefinitionNotFound } from '../common/errors.ts';
import { type ServiceConfiguration, shiftsTraffic } from '../common/service.ts';
import type { Ground } from '../common/step.ts';
import { imageOf } from '../decisions/revision.ts';
import { cameToServe, chooseRollbackTarget, problemWithTarget } from '../decisions/rollback.ts';
import { getDeployment, queryNewestDeployments, recordSignal } from '../table/deployments.ts';
import { getLock } from '../table/locks.ts';
import { rememberStepBack } from '../table/memory.ts';
import { getWord, suspensionOf } from '../table/restraints.ts';
import { digestOfFleet } from './fleet.ts';
import type { Asked } from './requested-image.ts';
import { resolveSides } from './sides.ts';

type Person = Extract<Asked, { kind: 'person' }>;
type Ports = Ground & { readonly ecs: Ecs; readonly elbv2: Elbv2 };

export type PlannedRollback =
  /** A deployment under way, or one that stands by, steps back: nothing is left for this one to do. */
  | { readonly told: string }
  | {
      readonly request: Asked;
      readonly configuration: ServiceConfiguration;
      readonly rollback: Rollback;
    };

/** How far back the last good version is looked for: further back it is named. */
const LOOKED_AT_MAX = 250;

/**
 * @returns undefined if the request is for no rollback
 * @throws NothingToGoBackTo with what is known
 */
export async function planRollback(
  request: Asked,
  configuration: ServiceConfiguration,
  executionArn: string,
  ports: Ports,
): Promise<PlannedRollback | undefined> {
  if (request.kind !== 'person' || request.rollback === undefined) return undefined;
  const word = await wordBehind(request, request.rollback, executionArn, ports);
  const told = await tellIfUnderWay(request, word, executionArn, ports);
  if (told !== undefined) return { told };
  const target = await targetOf(request.rollback, configuration, ports);
  const { toDeploymentId, fromDigest, fromDeploymentId } = target;
  return {
    request: { ...request, ...(await contentOf(target, ports.ecs)) },
    configuration: configurationForRollback(configuration),
    rollback: { ...word, toDeploymentId, fromDigest, fromDeploymentId },
  };
}

type Word = Pick<Rollback, 'by' | 'session' | 'why'>;

/** Who asked, from the table, where only an authenticated caller's word stands; the input alone proves nothing. */
async function wordBehind(
  { service, said, despite }: Person,
  rollback: true | string,
  executionArn: string,
  { table }: Ports,
): Promise<Word> {
  const word = said === undefined ? undefined : await getWord(table, service, said);
  if (word?.word !== 'rollback' || (word.deploymentId ?? true) !== rollback)
    return { by: executionArn, why: despite ?? 'a rollback' };
  return { by: word.by, session: word.session, why: word.why ?? 'a rollback' };
}

/** What the signal `rollback` does: the deployment hears it in its next step, or when the sweep looks at its wait. */
async function tellIfUnderWay(
  { service, rollback }: Person,
  { by, session, why }: Word,
  executionArn: string,
  { table, now }: Ports,
): Promise<string | undefined> {
  const [newest] = await queryNewestDeployments(table, service, { limit: 1 });
  // This step was tried before, and the deployment may have ended since.
  if (newest && isTold(newest, executionArn)) return `${newest.deploymentId} was told to step back`;
  const lock = await getLock(table, service);
  if (!lock) return undefined;
  const deployment = await getDeployment(table, lock.deploymentId);
  const { deploymentId, outcome, pointOfNoReturn, succeededAtMs } = deployment;
  const isNamed = rollback !== true;
  if (outcome || pointOfNoReturn || (succeededAtMs && isNamed)) return undefined;
  if (isNamed) {
    throw new NothingToGoBackTo(`${deploymentId} is under way: abort it, and then roll back to ${rollback}`);
  }
  const atMs = now();
  const signal: Signal = { name: 'rollback', by, session, atMs, reason: why, execution: executionArn };
  const suspended = { why, by, session, atMs, deploymentId };
  const isHeard = await recordSignal(table, deployment, signal, ...suspensionOf(service, suspended));
  return isHeard ? `${deploymentId} was told to step back` : undefined;
}

const isTold = ({ signals }: Deployment, executionArn: string): boolean =>
  Object.values(signals).some(({ execution }) => execution === executionArn);

interface Target extends Pick<Rollback, 'toDeploymentId' | 'fromDigest' | 'fromDeploymentId'> {
  readonly digest: string;
  readonly revisionArn?: string;
}

/** @throws NothingToGoBackTo */
async function targetOf(
  rollback: true | string,
  configuration: ServiceConfiguration,
  ports: Ports,
): Promise<Target> {
  const service = configuration.name;
  const { blue } = await resolveSides(configuration, ports);
  const fromDigest = await digestOf(blue, configuration, ports.ecs);
  const past = await queryNewestDeployments(ports.table, service, { limit: LOOKED_AT_MAX });
  const chosen = chooseRollbackTarget(past, fromDigest);
  const from = { fromDigest, fromDeploymentId: chosen.serving?.deploymentId };
  if (rollback !== true) {
    const named = await getDeployment(ports.table, rollback);
    const problem = problemWithTarget(named, service);
    if (problem !== undefined) throw new NothingToGoBackTo(problem);
    return { ...from, ...versionOf(named) };
  }
  if (chosen.to) return { ...from, ...versionOf(chosen.to) };
  const first = past.findLast(cameToServe);
  const original = first?.blueServes ? await digestOf(first.blue, configuration, ports.ecs) : undefined;
  const isLeft = past.some(({ rollback }) => rollback?.fromDigest === original);
  if (first && original !== undefined && original !== fromDigest && !isLeft)
    return { ...from, digest: original, revisionArn: first.blue.taskDefinitionArn || undefined };
  throw new NothingToGoBackTo(
    `${service} serves ${fromDigest ?? 'an image that is not given by digest'}${from.fromDeploymentId ? ` by ${from.fromDeploymentId}` : ''}, and none of its ${past.length} newest deployments brought another version that was good and not stepped back from. Name a deployment: {"service": "${service}", "rollback": "<deployment id>"}`,
  );
}

const versionOf = ({ deploymentId, image, revisionArn }: Deployment) => ({
  toDeploymentId: deploymentId,
  digest: image.digest,
  revisionArn,
});

/** @returns undefined if nothing runs there, or its image is given by tag */
async function digestOf(
  { kind, service, taskDefinitionArn }: ResolvedSide,
  { image }: ServiceConfiguration,
  ecs: Ecs,
): Promise<string | undefined> {
  if (kind === 'fleet') return digestOfFleet(service);
  if (taskDefinitionArn === '') return undefined;
  const { taskDefinition } = await ecs.describeTaskDefinition(taskDefinitionArn);
  return imageOf(taskDefinition, image.containers[0] ?? '')?.split('@')[1];
}

/** The version as a person would ask for it: on its own revision if that is still there, so that it is what it was. */
async function contentOf({ digest, revisionArn }: Target, ecs: Ecs): Promise<Partial<Person>> {
  const [, fleet] = /^fleet:(.+)$/.exec(digest) ?? [];
  if (fleet !== undefined) return { to: fleet };
  const isThere = revisionArn !== undefined && (await isActive(revisionArn, ecs));
  return { asked: { text: digest, digest }, taskDefinition: isThere ? revisionArn : undefined };
}

async function isActive(revisionArn: string, ecs: Ecs): Promise<boolean> {
  try {
    return (await ecs.describeTaskDefinition(revisionArn)).taskDefinition.status === 'ACTIVE';
  } catch (error) {
    if (error instanceof TaskDefinitionNotFound) return false;
    throw error;
  }
}

/**
 * A version that was good has passed what a new one has to pass: it comes all at once, without approval, migration or
 * comparison, and what it replaces is not kept. A scan that finds something new in it must not stand in its way.
 */
export function configurationForRollback(configuration: ServiceConfiguration): ServiceConfiguration {
  const {
    analysis: _analysis,
    approval: _approval,
    migration: _migration,
    image: { scan: _scan, ...image },
    ...rest
  } = configuration;
  const strategy = shiftsTraffic(configuration) ? ({ type: 'all-at-once' } as const) : configuration.strategy;
  return { ...rest, image, strategy, keepBlueSeconds: 0 };
}

/** What is written with the record of a rollback, before anything moves: automation rests, and leaves the version alone. */
export function writesOf({ deploymentId, service, startedAtMs, rollback }: Deployment): TableWrite[] {
  if (!rollback) return [];
  const { by, session, why, fromDigest, fromDeploymentId = deploymentId } = rollback;
  const suspended = suspensionOf(service, { why, by, session, atMs: startedAtMs, deploymentId });
  if (fromDigest === undefined || fromDigest.startsWith('fleet:')) return suspended;
  const tried = { digest: fromDigest, deploymentId: fromDeploymentId, steppedBackBy: deploymentId };
  return [...suspended, rememberStepBack(service, tried)];
}
