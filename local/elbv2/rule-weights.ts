/** Lets ECS read and write the weights of listener rules, as its own controller does on AWS. */
import type { ListenerRules } from '../simulators.ts';
import type { Elbv2Api } from '../wire/models.ts';
import { normaliseActions } from './actions.ts';
import type { Elbv2Context } from './context.ts';
import { findRule, type RuleRecord } from './records.ts';
import { requireForwardable } from './target-group-use.ts';

export function listenerRules({ records, writer, targets }: Elbv2Context): ListenerRules {
  return {
    forwardOf(ruleArn) {
      const rule = [...records.loadBalancers.values()]
        .flatMap(({ listeners }) => [...listeners.values()])
        .flatMap(({ rules }) => rules.get(ruleArn) ?? [])[0];
      const forward = rule?.actions.at(-1)?.ForwardConfig;
      if (!rule || !forward) return undefined;
      return { weights: weightsOf(forward), otherActions: otherActionsOf(rule) };
    },
    setWeights(ruleArn, weights) {
      const { loadBalancer, listener, rule } = findRule(records, ruleArn);
      const given = rule.actions.map((action) => withWeights(action, weights));
      const actions = normaliseActions(given, { protocol: listener.protocol, former: rule.actions });
      requireForwardable(actions, loadBalancer, records);
      rule.actions = actions;
      writer.propagate(loadBalancer, listener);
      targets.reviewUse();
    },
  };
}

function weightsOf({ TargetGroups = [] }: Elbv2Api.ForwardActionConfig): Map<string, number> {
  return new Map(TargetGroups.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn, Weight]));
}

const otherActionsOf = ({ actions }: RuleRecord): string[] =>
  actions.slice(0, -1).map(({ Type }) => Type ?? '');

function withWeights(action: Elbv2Api.Action, weights: ReadonlyMap<string, number>): Elbv2Api.Action {
  if (!action.ForwardConfig) return action;
  const { TargetGroupArn: _, ...rest } = action;
  const TargetGroups = [...weights].map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
  return { ...rest, ForwardConfig: { ...action.ForwardConfig, TargetGroups } };
}
