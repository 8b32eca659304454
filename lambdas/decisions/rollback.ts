/** Which version a rollback brings back: the last that was good before the one that serves, and not one that was stepped back from. */
import type { Deployment } from '../common/deployment.ts';

/** A deployment as far as it says which versions were good. */
export type PastDeployment = Pick<
  Deployment,
  'deploymentId' | 'image' | 'outcome' | 'rollback' | 'succeededAtMs' | 'pointOfNoReturn'
>;

/** Whether its version came to serve everything, even if its old side still drains, or would not. */
export function cameToServe({
  outcome,
  succeededAtMs,
  pointOfNoReturn,
}: Pick<Deployment, 'outcome' | 'succeededAtMs' | 'pointOfNoReturn'>): boolean {
  if (outcome === undefined) return succeededAtMs !== undefined || pointOfNoReturn === true;
  return outcome === 'SUCCESSFUL' || outcome === 'DRAIN_FAILED';
}

export interface RollbackTarget<D> {
  /** The deployment whose version comes back; absent if the history has none. */
  readonly to?: D;
  /** The deployment that brought what serves; absent if somebody else did. */
  readonly serving?: D;
}

/**
 * A rollback is a deployment too: after one, the next goes further back, not forth again. A version that was stepped
 * back from, and deployed again later, is good again.
 * @param newestFirst the service's deployments
 */
export function chooseRollbackTarget<D extends PastDeployment>(
  newestFirst: readonly D[],
  servingDigest: string | undefined,
): RollbackTarget<D> {
  const serving = newestFirst.find((past) => past.image.digest === servingDigest && cameToServe(past));
  const from = serving === undefined ? 0 : newestFirst.indexOf(serving);
  const steppedBackFrom = new Set(
    newestFirst.slice(0, from + 1).flatMap(({ rollback }) => rollback?.fromDigest ?? []),
  );
  for (const past of newestFirst.slice(from)) {
    const { image, outcome, rollback } = past;
    const isGood = outcome === 'SUCCESSFUL' && image.digest !== servingDigest;
    if (isGood && !steppedBackFrom.has(image.digest)) return { to: past, serving };
    if (rollback?.fromDigest !== undefined) steppedBackFrom.add(rollback.fromDigest);
  }
  return { serving };
}

/** @returns why the named deployment cannot be gone back to; undefined if it can */
export function problemWithTarget(
  { deploymentId, service, outcome }: Pick<Deployment, 'deploymentId' | 'service' | 'outcome'>,
  asked: string,
): string | undefined {
  if (service !== asked) return `${deploymentId} is a deployment of ${service}, not of ${asked}`;
  if (outcome === 'SUCCESSFUL') return undefined;
  const ended = outcome === undefined ? 'has not ended' : `ended ${outcome}`;
  return `${deploymentId} ${ended}; only a deployment that was SUCCESSFUL can be gone back to`;
}
