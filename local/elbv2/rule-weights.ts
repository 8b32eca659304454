/** Lets ECS read and write the weights of rules, or of a Network Load Balancer's listeners, as its own controller does. */
import type { ListenerRules } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';
import { normaliseActions } from './actions.ts';
import type { Elbv2Context } from './context.ts';
import {
  defaultRule,
  type ListenerRecord,
  type LoadBalancerRecord,
  type Records,
  type RuleRecord,
} from './records.ts';
import { requireForwardable } from './target-group-use.ts';

export function listenerRules({ records, writer, targets }: Elbv2Context): ListenerRules {
  return {
    forwardOf(arn) {
      const found = find(records, arn);
      const forward = found?.rule.actions.at(-1)?.ForwardConfig;
      if (!found || !forward) return undefined;
      return {
        weights: weightsOf(forward),
        otherActions: otherActionsOf(found.rule),
        isNetwork: found.loadBalancer.type === 'network',
      };
    },
    setWeights(arn, weights) {
      const found = find(records, arn);
      if (!found) throw new AwsError('RuleNotFoundException', `Rule '${arn}' not found`);
      const { loadBalancer, listener, rule } = found;
      const given = rule.actions.map((action) => withWeights(action, weights));
      const actions = normaliseActions(given, { protocol: listener.protocol, former: rule.actions });
      requireForwardable(actions, loadBalancer, records);
      rule.actions = actions;
      writer.propagate(loadBalancer, listener);
      targets.reviewUse();
    },
  };
}

interface Found {
  readonly loadBalancer: LoadBalancerRecord;
  readonly listener: ListenerRecord;
  readonly rule: RuleRecord;
}

/** An application load balancer's rule, or the default one of a network load balancer's listener. */
function find({ loadBalancers }: Records, arn: string): Found | undefined {
  for (const loadBalancer of loadBalancers.values()) {
    const isNetwork = loadBalancer.type === 'network';
    for (const listener of loadBalancer.listeners.values()) {
      const rule = isNetwork && listener.arn === arn ? defaultRule(listener) : listener.rules.get(arn);
      if (rule) return { loadBalancer, listener, rule };
    }
  }
  return undefined;
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
