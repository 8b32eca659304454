/** Operations on targets: registering, deregistering, and asking for their health. */
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import type { Elbv2Context } from './context.ts';
import { findTargetGroup, type Target, type TargetGroupRecord } from './records.ts';
import type { Targets } from './targets.ts';

type TargetOperations = Pick<
  Operations<typeof Elbv2Api>,
  'RegisterTargets' | 'DeregisterTargets' | 'DescribeTargetHealth'
>;

export function targetOperations({ records, targets }: Elbv2Context): TargetOperations {
  return {
    RegisterTargets: async ({ TargetGroupArn, Targets: given = [] }) => {
      const group = findTargetGroup(records, TargetGroupArn);
      const wanted = given.map((target) => toTarget(target, group));
      for (const target of wanted) targets.register(group.arn, target);
      await targets.written(group.arn);
      return {};
    },
    DeregisterTargets: async ({ TargetGroupArn, Targets: given = [] }) => {
      const group = findTargetGroup(records, TargetGroupArn);
      for (const target of given.flatMap((one) => matching(one, group)))
        targets.deregister(group.arn, target);
      await targets.written(group.arn);
      return {};
    },
    DescribeTargetHealth: ({ TargetGroupArn, Targets: asked, Include }) => {
      if (Include?.length) throw notImplemented('DescribeTargetHealth with Include');
      const group = findTargetGroup(records, TargetGroupArn);
      const wanted = asked?.length
        ? asked.map((target) => toTarget(target, group))
        : [...group.targets.values()];
      return { TargetHealthDescriptions: wanted.map((target) => describeTarget(target, group, targets)) };
    },
  };
}

/** Without a port a target has the group's. */
function toTarget({ Id = '', Port }: Elbv2Api.TargetDescription, { settings }: TargetGroupRecord): Target {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(Id);
  if (settings.targetType === 'ip' && !isAddress)
    throw new AwsError('InvalidTargetException', `'${Id}' is not an IPv4 address`);
  if (settings.targetType === 'instance' && isAddress) {
    throw new AwsError(
      'InvalidTargetException',
      `'${Id}' is an address; the target group takes instance ids`,
    );
  }
  return { id: Id, port: Port ?? settings.port };
}

/** Deregistering an id without a port takes all its ports. */
function matching({ Id, Port }: Elbv2Api.TargetDescription, { targets }: TargetGroupRecord): Target[] {
  return [...targets.values()].filter(({ id, port }) => id === Id && (Port === undefined || Port === port));
}

function describeTarget(
  { id, port }: Target,
  { arn, settings }: TargetGroupRecord,
  targets: Targets,
): Elbv2Api.TargetHealthDescription {
  const { state, reason, description } = targets.healthOf(arn, { id, port });
  return {
    Target: { Id: id, Port: port },
    HealthCheckPort: settings.healthCheckPort === 'traffic-port' ? String(port) : settings.healthCheckPort,
    TargetHealth: { State: state, Reason: reason, Description: description } as Elbv2Api.TargetHealth,
  };
}
