/** Which target group is green's, read from the rules as they are, and what makes them unusable. Pure. */
import type { RuleForward } from '../../simulators.ts';
import type { ServiceLoadBalancer } from '../records.ts';

export type Networking =
  | { readonly valid: true; readonly greenTargetGroupArn: string }
  | { readonly valid: false; readonly reason: string };

/**
 * Judges one load balancer of a service before its traffic is shifted. Green is the group without weight on the
 * production rule; whether the other one is where blue's tasks are is not asked, as ECS does not ask.
 * @param isFirst whether no revision serves yet: then green takes the service's own target group
 */
export function judgeNetworking(
  balancer: ServiceLoadBalancer,
  forwards: { production: RuleForward | undefined; test: RuleForward | undefined },
  isFirst: boolean,
): Networking {
  const { targetGroupArn, advancedConfiguration } = balancer;
  if (!advancedConfiguration) return { valid: true, greenTargetGroupArn: targetGroupArn };
  const groups = [targetGroupArn, advancedConfiguration.alternateTargetGroupArn];
  const { productionListenerRule, testListenerRule } = advancedConfiguration;
  const wrong =
    problemOf(productionListenerRule, forwards.production, groups) ??
    (testListenerRule && problemOf(testListenerRule, forwards.test, groups)) ??
    unattached(groups, forwards);
  if (wrong) return { valid: false, reason: wrong };
  const live = groups.filter((group) => (forwards.production?.weights.get(group) ?? 0) > 0);
  if (live.length !== 1) {
    return {
      valid: false,
      reason: `exactly one target group of ${productionListenerRule} must have a weight above 0; found ${live.length}`,
    };
  }
  const idle = groups.find((group) => group !== live[0]) ?? targetGroupArn;
  return { valid: true, greenTargetGroupArn: isFirst ? targetGroupArn : idle };
}

function problemOf(
  ruleArn: string,
  forward: RuleForward | undefined,
  groups: readonly string[],
): string | undefined {
  if (!forward) return `${ruleArn} does not exist or does not forward`;
  const [other] = forward.otherActions;
  if (other) return `${ruleArn} has an action of type ${other} before its forward`;
  const foreign = [...forward.weights.keys()].find((group) => !groups.includes(group));
  if (foreign) return `${ruleArn} forwards to ${foreign}, which is no target group of the service`;
  return undefined;
}

function unattached(
  groups: readonly string[],
  { production, test }: { production: RuleForward | undefined; test: RuleForward | undefined },
): string | undefined {
  const group = groups.find((each) => !production?.weights.has(each) && !test?.weights.has(each));
  return group && `${group} is on no listener rule of the service`;
}
