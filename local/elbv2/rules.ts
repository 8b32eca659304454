/** Operations on rules. */
import { ruleArn } from '../arns.ts';
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { normaliseActions, showActions } from './actions.ts';
import type { Elbv2Context } from './context.ts';
import { page } from './paging.ts';
import {
  findListener,
  findRule,
  type ListenerRecord,
  type LoadBalancerRecord,
  type Records,
  type RuleRecord,
  rulesInOrder,
} from './records.ts';
import { normaliseConditions } from './rule-conditions.ts';
import { putTags } from './tags.ts';
import { requireForwardable } from './target-group-use.ts';

type RuleOperations = Pick<
  Operations<typeof Elbv2Api>,
  'CreateRule' | 'DescribeRules' | 'ModifyRule' | 'DeleteRule' | 'SetRulePriorities'
>;

const PRIORITY_MAX = 50_000;

export function ruleOperations(context: Elbv2Context): RuleOperations {
  const { records } = context;
  return {
    CreateRule: (input) => ({ Rules: [showRule(createRule(input, context))] }),
    DescribeRules: (input) => {
      const { items, NextMarker } = page(selectRules(input, records), input);
      return { Rules: items.map(showRule), NextMarker };
    },
    ModifyRule: (input) => ({ Rules: [showRule(modifyRule(input, context))] }),
    DeleteRule: ({ RuleArn }) => {
      const { loadBalancer, listener, rule } = findRule(records, RuleArn);
      if (rule.priority === 'default') throw notPermitted(`Default rule '${rule.arn}' cannot be deleted`);
      listener.rules.delete(rule.arn);
      records.tags.delete(rule.arn);
      takeEffect(loadBalancer, listener, context);
      return {};
    },
    SetRulePriorities: ({ RulePriorities = [] }) => ({
      Rules: setPriorities(RulePriorities, context).map(showRule),
    }),
  };
}

const notPermitted = (message: string): AwsError => new AwsError('OperationNotPermittedException', message);

function takeEffect(
  loadBalancer: LoadBalancerRecord,
  listener: ListenerRecord,
  { writer, targets }: Elbv2Context,
): void {
  writer.propagate(loadBalancer, listener);
  targets.reviewUse();
}

function createRule(input: Elbv2Api.CreateRuleInput, context: Elbv2Context): RuleRecord {
  const { records } = context;
  if (input.Transforms?.length) throw notImplemented('CreateRule with Transforms');
  const { loadBalancer, listener } = findListener(records, input.ListenerArn);
  if (loadBalancer.type === 'network') throw notImplemented('CreateRule on a Network Load Balancer');
  const priority = checkPriority(input.Priority);
  requireFreePriority(priority, listener.rules.values());
  const conditions = normaliseConditions(input.Conditions);
  const actions = normaliseActions(input.Actions, { protocol: listener.protocol });
  requireForwardable(actions, loadBalancer, records);
  const rule: RuleRecord = { arn: freeRuleArn(listener, priority), priority, conditions, actions };
  listener.rules.set(rule.arn, rule);
  putTags(records, rule.arn, input.Tags);
  takeEffect(loadBalancer, listener, context);
  return rule;
}

/** A rule keeps its ARN when its priority changes, so the plain ARN of a priority may be taken. */
function freeRuleArn({ arn, rules }: ListenerRecord, priority: number): string {
  for (let ordinal = priority; ; ordinal += PRIORITY_MAX) {
    const candidate = ruleArn(arn, ordinal);
    if (!rules.has(candidate)) return candidate;
  }
}

function checkPriority(priority = 0): number {
  if (Number.isInteger(priority) && priority >= 1 && priority <= PRIORITY_MAX) return priority;
  throw new AwsError('ValidationError', `Priority is ${priority}; allowed are 1 to ${PRIORITY_MAX}`);
}

function requireFreePriority(priority: number, rules: Iterable<RuleRecord>): void {
  const taken = [...rules].find((rule) => rule.priority === priority);
  if (taken)
    throw new AwsError(
      'PriorityInUseException',
      `Priority '${priority}' is currently in use by '${taken.arn}'`,
    );
}

/** Each list that is given replaces the former one; what is omitted stays. */
function modifyRule(input: Elbv2Api.ModifyRuleInput, context: Elbv2Context): RuleRecord {
  const { records } = context;
  if (input.Transforms?.length) throw notImplemented('ModifyRule with Transforms');
  const { loadBalancer, listener, rule } = findRule(records, input.RuleArn);
  if (rule.priority === 'default')
    throw notPermitted(`Default rule '${rule.arn}' cannot be modified; use ModifyListener`);
  const conditions = input.Conditions ? normaliseConditions(input.Conditions) : rule.conditions;
  const actions = input.Actions
    ? normaliseActions(input.Actions, { protocol: listener.protocol, former: rule.actions })
    : rule.actions;
  requireForwardable(actions, loadBalancer, records);
  Object.assign(rule, { conditions, actions });
  takeEffect(loadBalancer, listener, context);
  return rule;
}

/** Moves all or none; rules may swap their places. */
function setPriorities(pairs: readonly Elbv2Api.RulePriorityPair[], context: Elbv2Context): RuleRecord[] {
  const moves = pairs.map(({ RuleArn, Priority }) => ({
    ...findRule(context.records, RuleArn),
    to: checkPriority(Priority),
  }));
  const moved = new Set(moves.map(({ rule }) => rule));
  for (const [i, { rule, listener, to }] of moves.entries()) {
    if (rule.priority === 'default')
      throw notPermitted(`The priority of default rule '${rule.arn}' cannot be set`);
    const staying = [...listener.rules.values()].filter((one) => !moved.has(one));
    const earlier = moves.slice(0, i).filter((move) => move.listener === listener);
    requireFreePriority(to, [...staying, ...earlier.map((move) => ({ ...move.rule, priority: move.to }))]);
  }
  for (const { rule, to } of moves) rule.priority = to;
  for (const listener of new Set(moves.map((move) => move.listener))) {
    takeEffect(findListener(context.records, listener.arn).loadBalancer, listener, context);
  }
  return moves.map(({ rule }) => rule);
}

function selectRules({ ListenerArn, RuleArns }: Elbv2Api.DescribeRulesInput, records: Records): RuleRecord[] {
  if (RuleArns?.length) return RuleArns.map((arn) => findRule(records, arn).rule);
  if (!ListenerArn) throw new AwsError('ValidationError', 'Either ListenerArn or RuleArns must be specified');
  return rulesInOrder(findListener(records, ListenerArn).listener);
}

function showRule({ arn, priority, conditions, actions }: RuleRecord): Elbv2Api.Rule {
  return {
    RuleArn: arn,
    Priority: String(priority),
    Conditions: structuredClone(conditions),
    Actions: showActions(actions),
    IsDefault: priority === 'default',
  };
}
