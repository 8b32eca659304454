/** ELBv2: target groups and load balancers as their owner configured them, and the account's limits. */
import {
  DescribeAccountLimitsCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';
import type { Action, RuleCondition } from './elbv2.ts';

export interface TargetGroupFacts {
  readonly arn: string;
  readonly name: string;
  /** `HTTP`, `HTTPS`, `TCP` … */
  readonly protocol: string;
  /** `instance`, `ip`, `lambda` or `alb`. */
  readonly targetType: string;
  /** Of those that forward to it; a target group belongs to one. */
  readonly loadBalancerArns: readonly string[];
  readonly deregistrationDelaySeconds: number;
  readonly healthCheck: {
    readonly enabled: boolean;
    readonly protocol: string;
    /** Absent for a check of the connection alone. */
    readonly path?: string;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
  };
}

/** A rule, or a listener's default action. */
export interface ForwardingPlace {
  readonly arn: string;
  readonly listenerArn: string;
  readonly port: number;
  readonly actions: readonly Action[];
  /** Empty for a listener's default action. */
  readonly conditions: readonly RuleCondition[];
}

export interface LoadBalancers {
  /** undefined if there is no such group. */
  describeTargetGroup(arn: string): Promise<TargetGroupFacts | undefined>;
  /** Every rule and default action of a load balancer. */
  describeForwarding(loadBalancerArn: string): Promise<ForwardingPlace[]>;
  /** Limit name, such as `targets-per-application-load-balancer` → value. */
  describeAccountLimits(): Promise<ReadonlyMap<string, number>>;
}

/** What AWS gives a group that does not say otherwise. */
const DELAY_SECONDS = 300;

const clientFor = clientOf(ElasticLoadBalancingV2Client);

export function loadBalancers(runtime: Runtime): LoadBalancers {
  const client = clientFor(runtime);

  async function listRules(ListenerArn: string) {
    const rules = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(new DescribeRulesCommand({ ListenerArn, Marker }));
      rules.push(...(page.Rules ?? []));
      Marker = page.NextMarker;
    } while (Marker);
    return rules;
  }

  async function listListeners(LoadBalancerArn: string) {
    const listeners = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(new DescribeListenersCommand({ LoadBalancerArn, Marker }));
      listeners.push(...(page.Listeners ?? []));
      Marker = page.NextMarker;
    } while (Marker);
    return listeners;
  }

  return {
    async describeTargetGroup(arn) {
      try {
        const [{ TargetGroups: [group] = [] }, { Attributes = [] }] = await Promise.all([
          client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] })),
          client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn })),
        ]);
        const delay = Attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')?.Value;
        return {
          arn,
          name: group?.TargetGroupName ?? '',
          protocol: group?.Protocol ?? '',
          targetType: group?.TargetType ?? 'instance',
          loadBalancerArns: group?.LoadBalancerArns ?? [],
          deregistrationDelaySeconds: Number(delay ?? DELAY_SECONDS),
          healthCheck: {
            enabled: group?.HealthCheckEnabled ?? true,
            protocol: group?.HealthCheckProtocol ?? '',
            path: group?.HealthCheckPath,
            intervalSeconds: group?.HealthCheckIntervalSeconds ?? 30,
            timeoutSeconds: group?.HealthCheckTimeoutSeconds ?? 5,
            healthyThreshold: group?.HealthyThresholdCount ?? 5,
            unhealthyThreshold: group?.UnhealthyThresholdCount ?? 2,
          },
        };
      } catch (error) {
        if (error instanceof TargetGroupNotFoundException) return undefined;
        throw error;
      }
    },
    async describeForwarding(loadBalancerArn) {
      const places: ForwardingPlace[] = [];
      for (const { ListenerArn = '', Port = 0, DefaultActions = [] } of await listListeners(
        loadBalancerArn,
      )) {
        const at = { listenerArn: ListenerArn, port: Port };
        places.push({ ...at, arn: ListenerArn, actions: DefaultActions, conditions: [] });
        for (const { RuleArn = '', Actions = [], Conditions = [], IsDefault } of await listRules(ListenerArn))
          if (!IsDefault) places.push({ ...at, arn: RuleArn, actions: Actions, conditions: Conditions });
      }
      return places;
    },
    async describeAccountLimits() {
      const limits = new Map<string, number>();
      let Marker: string | undefined;
      do {
        const page = await client.send(new DescribeAccountLimitsCommand({ Marker }));
        for (const { Name, Max } of page.Limits ?? []) if (Name) limits.set(Name, Number(Max));
        Marker = page.NextMarker;
      } while (Marker);
      return limits;
    },
  };
}
