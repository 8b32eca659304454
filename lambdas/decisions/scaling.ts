/** What becomes of the sides' autoscaling as they change roles, and how far the two of them scale alike. */
import type { CapturedScaling } from '../common/deployment.ts';
import { type JsonValue, sameJson } from './json.ts';

export interface ScalingPolicy {
  readonly name: string;
  /** `TargetTrackingScaling`, `StepScaling` … */
  readonly type: string;
  /** As AWS describes it. */
  readonly configuration: object;
}

export interface ScheduledAction {
  readonly name: string;
  readonly schedule: string;
  readonly timezone?: string;
  readonly min?: number;
  readonly max?: number;
  readonly startMs?: number;
  readonly endMs?: number;
}

/** What is known of how a side scales. */
export interface SideScaling {
  /** The ECS service's name. */
  readonly service: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** ARN, or empty. */
  readonly targetGroup: string;
  /** Absent if the side has no scalable target. */
  readonly target?: CapturedScaling;
  readonly policies: readonly ScalingPolicy[];
  readonly scheduledActions: readonly ScheduledAction[];
}

const ALL_SUSPENDED: CapturedScaling['suspended'] = { dynamicIn: true, dynamicOut: true, scheduled: true };

/** At rest at 0: an alarm, a schedule or a repeated registration would lift it otherwise. */
export function parkedScaling({ max }: CapturedScaling): CapturedScaling {
  return { min: 0, max, suspended: ALL_SUSPENDED };
}

export function isParked({ min, suspended }: CapturedScaling): boolean {
  return min === 0 && suspended.dynamicIn && suspended.dynamicOut && suspended.scheduled;
}

/** The count to start with: AWS would lift it to the minimum at once. */
export function startingCount(wanted: number, base: CapturedScaling | undefined): number {
  return Math.max(wanted, base?.min ?? 0);
}

/**
 * Green scales as blue did, but not in: it idles until it has the traffic, and would be too small for it.
 * A count above the maximum is somebody's will: it is not cut while the traffic needs it.
 */
export function greenScaling(base: CapturedScaling, count: number): CapturedScaling {
  return {
    min: base.min,
    max: Math.max(base.max, count),
    suspended: { ...base.suspended, dynamicIn: true },
  };
}

/** Outside its bounds a count is left alone: whatever is registered, AWS brings it inside at once. */
export function isWithin(count: number, { min, max }: CapturedScaling): boolean {
  return count >= min && count <= max;
}

/** Blue keeps the tasks that a rollback would need, though its traffic goes. */
export function heldScaling({ suspended }: CapturedScaling): Pick<CapturedScaling, 'suspended'> {
  return { suspended: { ...suspended, dynamicIn: true } };
}

/**
 * What brings a side back to what was found: all of it if it is parked. Otherwise only what was suspended:
 * a schedule or a person may have moved the bounds since.
 */
export function restoredScaling(
  found: CapturedScaling,
  live: CapturedScaling,
): Partial<CapturedScaling> | undefined {
  if (isParked(live)) return changeOf(live, found);
  return changeOf(live, { suspended: found.suspended });
}

/** What has to be registered for `live` to become `wanted`; undefined if it is so already. */
export function changeOf(
  live: CapturedScaling | undefined,
  wanted: Partial<CapturedScaling>,
): Partial<CapturedScaling> | undefined {
  const isSo = live !== undefined && sameJson(asJson({ ...live, ...wanted }), asJson(live));
  return isSo ? undefined : wanted;
}

/** A sentence for each way in which the sides scale differently once green has taken blue's bounds; empty if they do not. */
export function scalingDifferences(blue: SideScaling, green: SideScaling): string[] {
  return [
    ...targetDifferences(blue, green),
    ...unlike('policy', blue, green, policiesOf),
    ...unlike('scheduled action', blue, green, actionsOf),
  ];
}

function targetDifferences(blue: SideScaling, green: SideScaling): string[] {
  if (blue.target && isParked(blue.target)) {
    return [
      `${blue.service} serves though its scaling is suspended and its minimum is 0: ${green.service} takes that over`,
    ];
  }
  if ((blue.target === undefined) === (green.target === undefined)) return [];
  const [scaled, fixed] = blue.target ? [blue.service, green.service] : [green.service, blue.service];
  return [`${scaled} has a scalable target, ${fixed} has none`];
}

interface Compared {
  readonly name: string;
  readonly content: JsonValue;
}

const asJson = (value: object): JsonValue => value as JsonValue;

const policiesOf = (side: SideScaling): Compared[] =>
  side.policies.map(({ name, type, configuration }) => ({
    name,
    content: neutral(asJson({ type, configuration }), side),
  }));

const actionsOf = (side: SideScaling): Compared[] =>
  side.scheduledActions.map(({ name, ...content }) => ({ name, content: asJson(content) }));

/** Names may differ: what counts is whether the other side has an equal one, each for one. */
function unlike(
  kind: string,
  blue: SideScaling,
  green: SideScaling,
  of: (side: SideScaling) => Compared[],
): string[] {
  const [ofBlue, ofGreen] = [of(blue), of(green)];
  const tell = (one: Compared, has: SideScaling, lacks: SideScaling): string =>
    `${kind} ${one.name} of ${has.service} (${JSON.stringify(one.content)}) has no equal on ${lacks.service}`;
  return [
    ...without(ofBlue, ofGreen).map((one) => tell(one, blue, green)),
    ...without(ofGreen, ofBlue).map((one) => tell(one, green, blue)),
  ];
}

function without(ones: readonly Compared[], others: readonly Compared[]): Compared[] {
  const free = [...others];
  return ones.filter(({ content }) => {
    const equal = free.findIndex((other) => sameJson(other.content, content));
    if (equal >= 0) free.splice(equal, 1);
    return equal < 0;
  });
}

/** Words that can only mean the side itself, in resource labels and dimensions, are no difference. */
function neutral(value: JsonValue, side: SideScaling): JsonValue {
  if (typeof value === 'string') return neutralText(value, side);
  if (Array.isArray(value)) return value.map((one) => neutral(one, side));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, neutral(one, side)]));
}

function neutralText(text: string, { cluster, service, targetGroup }: SideScaling): string {
  const [, groupName, groupId] = targetGroup.split('/');
  const own = [cluster, service, groupName, groupId];
  return text
    .split('/')
    .map((segment) => (segment !== '' && own.includes(segment) ? '(own)' : segment))
    .join('/');
}
