/** Weights of a forward action: read them, compare them with what we meant, and write them without touching anything else. */
import type { ListenerWeights, ListenerWrite, Weights } from '../common/deployment.ts';

interface TargetGroupTuple {
  TargetGroupArn?: string;
  Weight?: number;
}

/** As much of an ELBv2 action as is read here; all the rest is carried over as it came. */
export interface ForwardingAction {
  Type?: string;
  TargetGroupArn?: string;
  ForwardConfig?: {
    TargetGroups?: TargetGroupTuple[];
    TargetGroupStickinessConfig?: { Enabled?: boolean; DurationSeconds?: number };
  };
  AuthenticateOidcConfig?: object;
}

/** The weights of a place's forward action; none if it does not forward. A group alone weighs 1, as ELB has it. */
export function weightsOf(actions: readonly ForwardingAction[]): Weights {
  const forward = actions.find(({ Type }) => Type === 'forward');
  const groups = forward?.ForwardConfig?.TargetGroups ?? [];
  if (groups.length === 0) return forward?.TargetGroupArn ? { [forward.TargetGroupArn]: 1 } : {};
  return Object.fromEntries(groups.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn, Weight]));
}

/** How long a client stays on its group by cookie, whatever the weights become; 0 without group stickiness. */
export function stickinessOf(actions: readonly ForwardingAction[]): number {
  const forward = actions.find(({ Type }) => Type === 'forward');
  const { Enabled = false, DurationSeconds = 0 } = forward?.ForwardConfig?.TargetGroupStickinessConfig ?? {};
  return Enabled ? DurationSeconds : 0;
}

/**
 * The same actions with the weights of `weights` in the forward action; groups that it does not name keep theirs.
 * `TargetGroupArn` beside ForwardConfig would allow that one group only, so it goes. Describe never returns an OIDC
 * client secret, so the write says to keep the one that is there (ELBv2 ModifyRule, AuthenticateOidcActionConfig).
 */
export function withWeights<A extends ForwardingAction>(actions: readonly A[], weights: Weights): A[] {
  const merged = { ...weightsOf(actions), ...weights };
  return actions.map((action): A => {
    if (action.Type === 'forward') {
      const { TargetGroupArn: _, ...rest } = action;
      const TargetGroups = Object.entries(merged).map(([TargetGroupArn, Weight]) => ({
        TargetGroupArn,
        Weight,
      }));
      return { ...rest, ForwardConfig: { ...action.ForwardConfig, TargetGroups } } as A;
    }
    if (!action.AuthenticateOidcConfig) return action;
    const oidc = { ...action.AuthenticateOidcConfig, UseExistingClientSecret: true };
    return { ...action, AuthenticateOidcConfig: oidc } as A;
  });
}

/** Each group's share of the traffic; groups without any are left out, so that 1:0 equals 100 alone. */
function sharesOf(weights: Weights): Map<string, number> {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const shares = Object.entries(weights).filter(([, weight]) => weight > 0);
  return new Map(shares.map(([arn, weight]) => [arn, weight / total]));
}

/** Whether two sets of weights split traffic alike, whatever their scale. */
export function sameShares(a: Weights, b: Weights): boolean {
  const [left, right] = [sharesOf(a), sharesOf(b)];
  if (left.size !== right.size) return false;
  return [...left].every(([arn, share]) => Math.abs(share - (right.get(arn) ?? -1)) < 1e-9);
}

/** Weights are whole numbers from 0 to 999: tenths of a percent need a scale of a thousand. */
export function weightsFor(percent: number): { readonly blue: number; readonly green: number } {
  const scale = Number.isInteger(percent) ? 100 : 1000;
  const green = Math.round((percent * scale) / 100);
  return { blue: scale - green, green };
}

/** The weight of a target group, as a share of 100. */
export function percentOf(weights: Weights, targetGroupArn: string): number {
  return 100 * (sharesOf(weights).get(targetGroupArn) ?? 0);
}

/** `orders-a 100 : orders-b 0`, for people. */
export function describeWeights(weights: Weights): string {
  const parts = Object.entries(weights).map(([arn, weight]) => `${targetGroupName(arn)} ${weight}`);
  return parts.length > 0 ? parts.join(' : ') : 'no target group';
}

const targetGroupName = (arn: string): string => arn.split('/')[1] ?? arn;

export type DriftVerdict =
  | {
      readonly ours: true /** Places that have yet to be written. */;
      readonly toWrite: readonly ListenerWeights[];
    }
  | { readonly ours: false; readonly reason: string };

/**
 * Compares live weights with a recorded intent. `from` has yet to be written; `to` is ours already (the write's
 * answer may have been lost); anything else was written by somebody else.
 */
export function judgeDrift(live: readonly ListenerWeights[], write: ListenerWrite): DriftVerdict {
  const toWrite: ListenerWeights[] = [];
  for (const [index, intended] of write.to.entries()) {
    const now = live.find(({ arn }) => arn === intended.arn)?.weights ?? {};
    const ours = [
      intended.weights,
      ...[write.from, write.orFrom].map((places) => places?.[index]?.weights ?? {}),
    ];
    if (sameShares(now, intended.weights) && attached(now, intended.weights)) continue;
    if (!ours.some((weights) => sameShares(now, weights))) {
      const expected = ours
        .filter((weights) => Object.keys(weights).length > 0)
        .map(describeWeights)
        .join(', or ');
      return {
        ours: false,
        reason: `${intended.arn} has ${describeWeights(now)}; expected ${expected}. Somebody else wrote to it: nothing was touched`,
      };
    }
    toWrite.push(intended);
  }
  return { ours: true, toWrite };
}

/** Where a write that was to be one act has got to `to`, with the weights to go back to; the last written comes first. */
export function placesToTakeBack(
  live: readonly ListenerWeights[],
  { from, to }: ListenerWrite,
): ListenerWeights[] {
  return to
    .flatMap(({ arn, weights }, index) => {
      const now = live.find((place) => place.arn === arn)?.weights ?? {};
      const before = from[index];
      return before && sameShares(now, weights) && !sameShares(now, before.weights) ? [before] : [];
    })
    .reverse();
}

/** Whether every group that we want on the action is there: at weight 0 it counts, because only then is it health-checked. */
function attached(live: Weights, wanted: Weights): boolean {
  return Object.keys(wanted).every((arn) => arn in live);
}
