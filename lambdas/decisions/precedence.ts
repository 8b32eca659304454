/** Which of the services that one push feeds begins first. */
import type { Outcome } from '../common/deployment.ts';
import type { ServiceConfiguration } from '../common/service.ts';

type Ordered = Pick<ServiceConfiguration, 'name' | 'after'>;

/** Predecessors before those that come after them; otherwise as they were given. */
export function inOrder<Service extends Ordered>(services: readonly Service[]): Service[] {
  const ordered: Service[] = [];
  const visit = (service: Service, seen: readonly string[]): void => {
    if (ordered.includes(service) || seen.includes(service.name)) return;
    for (const name of service.after) {
      const before = services.find((other) => other.name === name);
      if (before) visit(before, [...seen, service.name]);
    }
    ordered.push(service);
  };
  for (const service of services) visit(service, []);
  return ordered;
}

/** What is known of one predecessor. */
export interface PredecessorFacts {
  readonly service: string;
  readonly lock?: { readonly deploymentId: string; readonly heldBecause?: string };
  readonly waitingId?: string;
  /** The newest deployment that ever had its turn. */
  readonly last?: {
    readonly deploymentId: string;
    /** Absent while it goes on. */
    readonly outcome?: Outcome;
    readonly reason?: string;
    readonly isOfSamePush: boolean;
    /** It was started after the image was pushed that is to be deployed now. */
    readonly isLater: boolean;
  };
  /** Only if the same push feeds it: the status of that execution as AWS spells it, or `NOT_FOUND`. */
  readonly samePush?: string;
}

export type Precedence =
  | { readonly is: 'clear' }
  | { readonly is: 'busy'; readonly waitsFor: string }
  | { readonly is: 'failed'; readonly reason: string };

/** Green serves, even if blue could not be cleaned up. */
const WELL: readonly (Outcome | undefined)[] = ['SUCCESSFUL', 'DRAIN_FAILED'];
const LOST = ['FAILED', 'ABORTED', 'TIMED_OUT'];

/** Whether every predecessor is done, and well. What still goes on is waited for before anything is called failed. */
export function judgePrecedence(predecessors: readonly PredecessorFacts[]): Precedence {
  const verdicts = predecessors.map(judgePredecessor);
  return (
    verdicts.find(({ is }) => is === 'busy') ?? verdicts.find(({ is }) => is === 'failed') ?? { is: 'clear' }
  );
}

function judgePredecessor({ service, lock, waitingId, last, samePush }: PredecessorFacts): Precedence {
  if (lock?.heldBecause !== undefined)
    return { is: 'failed', reason: `${service} waits for a person: ${lock.heldBecause}` };
  if (lock) return { is: 'busy', waitsFor: `${service}, which ${lock.deploymentId} deploys` };
  if (waitingId !== undefined)
    return { is: 'busy', waitsFor: `${service}, where ${waitingId} waits for its turn` };
  const hasEnded = last?.isOfSamePush === true && last.outcome !== undefined;
  if (samePush !== undefined && ['RUNNING', 'PENDING_REDRIVE', 'NOT_FOUND'].includes(samePush) && !hasEnded)
    return { is: 'busy', waitsFor: `${service}, which the same push feeds` };
  const isAnswered = last !== undefined && (last.isOfSamePush || last.isLater);
  if (samePush !== undefined && LOST.includes(samePush) && !isAnswered)
    return { is: 'failed', reason: `${service} could not be deployed from the same push: see its execution` };
  if (last?.outcome === undefined || WELL.includes(last.outcome)) return { is: 'clear' };
  const { deploymentId, outcome, reason = '' } = last;
  return { is: 'failed', reason: `${service}: ${deploymentId} ended ${outcome}: ${reason}` };
}
