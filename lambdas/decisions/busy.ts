/** What becomes of a deployment that finds another under way: it waits, supersedes the other, or is refused. */
import type { Deployment, Progress, StartedBy } from '../common/deployment.ts';
import { isInPlace, type ServiceConfiguration, type WhenBusy } from '../common/service.ts';

/** What a deployment writes before it does what cannot be undone by merely stopping it, whatever its strategy. */
const SHIFT_MARKS = [
  'shift',
  'stoppedAtMs',
  'serviceDeploymentBefore',
  'succeededAtMs',
  'pointOfNoReturn',
  'round.closedAtMs',
  'stages.RestoreListener',
  'stages.StopGreen',
  'stages.StartBlue',
  'stages.StopServiceDeployment',
  'outcome',
] as const;

/**
 * The members of a record of which one at least is there once the deployment has moved traffic, or begun to step back.
 * In place the new version takes traffic as soon as it starts.
 */
export function shiftMarks(configuration: Pick<ServiceConfiguration, 'strategy'>): readonly string[] {
  return isInPlace(configuration) ? [...SHIFT_MARKS, 'ecsDeploymentBefore'] : SHIFT_MARKS;
}

export function hasShifted(deployment: Pick<Deployment, 'configuration'> & Partial<Progress>): boolean {
  return shiftMarks(deployment.configuration).some((mark) => valueAt(deployment, mark) !== undefined);
}

function valueAt(record: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], record);
}

export interface BusyNewcomer {
  readonly kind: StartedBy['kind'];
  readonly whenBusy: WhenBusy;
  /** It waited already: a rival was faster, or it waits for more than its turn. */
  readonly isItsTurn: boolean;
  /** It goes back to an earlier deployment. */
  readonly isRollback: boolean;
  /** Newer than the push that is being deployed. */
  readonly isNewer: boolean;
}

export type BusyVerdict =
  | { readonly must: 'wait' }
  | { readonly must: 'supersede' }
  | { readonly must: 'refuse'; readonly reason: string };

/** @param deploying the record of the deployment that holds the lock */
export function judgeBusy(newcomer: BusyNewcomer, deploying: Deployment): BusyVerdict {
  const { kind, whenBusy, isItsTurn, isRollback, isNewer } = newcomer;
  if (whenBusy === 'reject' && !isItsTurn && !isRollback) {
    const { service, deploymentId } = deploying;
    const reason = `${deploymentId} is being deployed, and ${service} is configured to reject whoever comes meanwhile (whenBusy)`;
    return { must: 'refuse', reason };
  }
  const isPersons = deploying.startedBy.kind === 'person';
  const mayTake = kind === 'person' || (isNewer && !isPersons);
  const isAsked = whenBusy === 'supersede' && mayTake && !deploying.supersededBy && !hasShifted(deploying);
  return { must: isAsked ? 'supersede' : 'wait' };
}
