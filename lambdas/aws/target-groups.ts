/** ELBv2: the settings of a target group that decide how long things take. */
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface TargetGroupSettings {
  readonly deregistrationDelaySeconds: number;
  readonly healthCheckIntervalSeconds: number;
  readonly healthyThresholdCount: number;
}

export interface TargetGroups {
  /** By ARN. @throws TargetGroupNotFoundException */
  describeSettings(targetGroupArn: string): Promise<TargetGroupSettings>;
}

const DELAY = 'deregistration_delay.timeout_seconds';
/** What AWS gives a group that does not say otherwise. */
const DEFAULTS = {
  deregistrationDelaySeconds: 300,
  healthCheckIntervalSeconds: 30,
  healthyThresholdCount: 5,
} as const;

const clientFor = clientOf(ElasticLoadBalancingV2Client);

export function targetGroups(runtime: Runtime): TargetGroups {
  const client = clientFor(runtime);
  return {
    async describeSettings(TargetGroupArn) {
      const [{ TargetGroups: [group] = [] }, { Attributes = [] }] = await Promise.all([
        client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] })),
        client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn })),
      ]);
      const delay = Attributes.find(({ Key }) => Key === DELAY)?.Value;
      return {
        deregistrationDelaySeconds: Number(delay ?? DEFAULTS.deregistrationDelaySeconds),
        healthCheckIntervalSeconds: group?.HealthCheckIntervalSeconds ?? DEFAULTS.healthCheckIntervalSeconds,
        healthyThresholdCount: group?.HealthyThresholdCount ?? DEFAULTS.healthyThresholdCount,
      };
    },
  };
}
