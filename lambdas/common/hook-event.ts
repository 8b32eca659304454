/** What ECS calls a lifecycle hook's function with, and what it takes as an answer. */
import type { HookEvent, RevisionWeights } from '../decisions/lifecycle-hook.ts';
import { BadInput } from './errors.ts';

export interface HookAnswer {
  readonly hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';
  /** Seconds until ECS asks again. */
  readonly callBackDelay?: number;
  /** Given back in the next event of the same hook and stage. */
  readonly hookDetails?: { readonly stage: string; readonly sinceMs: number };
}

/** @throws BadInput that names the member and what was found */
export function parseHookEvent(event: unknown): HookEvent {
  const members = membersOf(event);
  const details = membersOf(members.executionDetails);
  const { stage, sinceMs } = membersOf(members.hookDetails);
  return {
    lifecycleStage: textOf(members, 'lifecycleStage'),
    serviceDeploymentArn: textOf(members, 'resourceArn'),
    serviceArn: textOf(details, 'serviceArn'),
    targetServiceRevisionArn: textOf(details, 'targetServiceRevisionArn'),
    testTrafficWeights: weightsOf(details.testTrafficWeights),
    productionTrafficWeights: weightsOf(details.productionTrafficWeights),
    // Details of another stage, should ECS keep them, say nothing of this one.
    ...(stage === members.lifecycleStage && typeof sinceMs === 'number' && { sinceMs }),
  };
}

type Members = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Members =>
  (typeof value === 'object' && value !== null ? value : {}) as Members;

function textOf(members: Members, member: string): string {
  const value = members[member];
  if (typeof value === 'string' && value !== '') return value;
  throw new BadInput(`a lifecycle hook is called by ECS with ${member}; found ${JSON.stringify(value)}`);
}

/** Shares that are no numbers are left out: they say nothing. */
function weightsOf(value: unknown): RevisionWeights {
  const entries = Object.entries(membersOf(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
