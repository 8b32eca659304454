/** ELBv2: what a rule or a listener does now, a write of its actions, and the health of targets. */
import {
  type Action,
  DescribeListenersCommand,
  type DescribeListenersCommandOutput,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  type DescribeRulesCommandOutput,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type Listener,
  ListenerNotFoundException,
  ModifyListenerCommand,
  ModifyRuleCommand,
  type Rule,
  type RuleCondition,
  RuleNotFoundException,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListenerNotFound } from '../common/errors.ts';
import type { HttpOrigin, Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export type { Action, RuleCondition, TargetHealthDescription };

/** A place whose actions can be written: a rule, or a listener (its default action). */
export interface ListenerPlace {
  readonly arn: string;
  readonly actions: readonly Action[];
  /** Set for a rule that takes what no other rule of its listener does. */
  readonly isDefaultRule?: boolean;
}

/** Where a request must go to meet a rule, and what the rule asks of it. */
export interface RuleAddress {
  readonly origin: HttpOrigin;
  readonly conditions: readonly RuleCondition[];
}

export interface Elbv2 {
  /** Reads places in the order given; rules and listeners may be mixed. @throws ListenerNotFound naming the ARN */
  describePlaces(arns: readonly string[]): Promise<ListenerPlace[]>;
  /** Replaces all actions of a rule (ModifyRule) or a listener's default (ModifyListener); everything else stays. */
  modifyPlace(place: ListenerPlace): Promise<void>;
  describeTargetHealth(targetGroupArn: string): Promise<TargetHealthDescription[]>;
  /** Every rule, and every listener's default action, of the load balancer that a rule or listener belongs to. */
  describeNeighbours(arn: string): Promise<ListenerPlace[]>;
  /** The address through which a rule's load balancer is reached. */
  describeRuleAddress(ruleArn: string): Promise<RuleAddress>;
}

const isRule = (arn: string): boolean => arn.includes(':listener-rule/');
/** `…:listener-rule/app/web/lb/listener/rule` → `…:listener/app/web/lb/listener` */
const listenerOf = (ruleArn: string): string =>
  ruleArn.replace(':listener-rule/', ':listener/').replace(/\/[^/]+$/, '');

/** `…:listener/app/web/lb/listener` or a rule of it → `…:loadbalancer/app/web/lb` */
const loadBalancerOf = (arn: string): string =>
  arn.replace(/:listener(-rule)?\/(app|net)\/([^/]+)\/([^/]+)\/.*$/, ':loadbalancer/$2/$3/$4');

const clientFor = clientOf(ElasticLoadBalancingV2Client);

export function elbv2(runtime: Runtime): Elbv2 {
  const client = clientFor(runtime);

  const describeRules = async (arns: readonly string[]) => {
    if (arns.length === 0) return [];
    const { Rules = [] } = await client.send(new DescribeRulesCommand({ RuleArns: [...arns] }));
    return Rules;
  };
  const describeListeners = async (arns: readonly string[]) => {
    if (arns.length === 0) return [];
    const { Listeners = [] } = await client.send(new DescribeListenersCommand({ ListenerArns: [...arns] }));
    return Listeners;
  };

  async function* listenersOf(LoadBalancerArn: string): AsyncGenerator<Listener> {
    let Marker: string | undefined;
    do {
      const page: DescribeListenersCommandOutput = await client.send(
        new DescribeListenersCommand({ LoadBalancerArn, Marker }),
      );
      yield* page.Listeners ?? [];
      Marker = page.NextMarker;
    } while (Marker);
  }

  async function* rulesOf(ListenerArn: string): AsyncGenerator<Rule> {
    let Marker: string | undefined;
    do {
      const page: DescribeRulesCommandOutput = await client.send(
        new DescribeRulesCommand({ ListenerArn, Marker }),
      );
      yield* page.Rules ?? [];
      Marker = page.NextMarker;
    } while (Marker);
  }

  return {
    async describePlaces(arns) {
      try {
        const rules = await describeRules(arns.filter(isRule));
        const listeners = await describeListeners(arns.filter((arn) => !isRule(arn)));
        const found = new Map([
          ...rules.map(
            ({ RuleArn, Actions = [], IsDefault }) =>
              [RuleArn, { actions: Actions, isDefaultRule: IsDefault }] as const,
          ),
          ...listeners.map(
            ({ ListenerArn, DefaultActions = [] }) => [ListenerArn, { actions: DefaultActions }] as const,
          ),
        ]);
        return arns.map((arn) => ({ arn, ...(found.get(arn) ?? missing(arn)) }));
      } catch (error) {
        if (error instanceof RuleNotFoundException || error instanceof ListenerNotFoundException)
          missing(arns.join(', '));
        throw error;
      }
    },
    async modifyPlace({ arn, actions }) {
      const list = [...actions];
      await (isRule(arn)
        ? client.send(new ModifyRuleCommand({ RuleArn: arn, Actions: list }))
        : client.send(new ModifyListenerCommand({ ListenerArn: arn, DefaultActions: list })));
    },
    async describeTargetHealth(targetGroupArn) {
      const answer = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }));
      return answer.TargetHealthDescriptions ?? [];
    },
    async describeNeighbours(arn) {
      const places: ListenerPlace[] = [];
      for await (const { ListenerArn = '', DefaultActions = [] } of listenersOf(loadBalancerOf(arn))) {
        places.push({ arn: ListenerArn, actions: DefaultActions });
        for await (const { RuleArn = '', Actions = [], IsDefault } of rulesOf(ListenerArn)) {
          if (!IsDefault) places.push({ arn: RuleArn, actions: Actions });
        }
      }
      return places;
    },
    async describeRuleAddress(ruleArn) {
      const [[rule], [listener]] = await Promise.all([
        describeRules([ruleArn]),
        describeListeners([listenerOf(ruleArn)]),
      ]);
      const { LoadBalancers = [] } = await client.send(
        new DescribeLoadBalancersCommand({ LoadBalancerArns: [listener?.LoadBalancerArn ?? ''] }),
      );
      const origin = {
        host: LoadBalancers[0]?.DNSName ?? '',
        port: listener?.Port ?? 0,
        isTls: listener?.Protocol === 'HTTPS',
        isInternal: LoadBalancers[0]?.Scheme === 'internal',
      };
      return { origin, conditions: rule?.Conditions ?? [] };
    },
  };
}

function missing(arn: string): never {
  throw new ListenerNotFound(`listener or rule ${arn} does not exist; correct traffic in the configuration`);
}
