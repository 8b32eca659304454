/** Whether a load balancer may forward to the target groups that actions name. */
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';
import { targetGroupsOf } from './actions.ts';
import { stickinessSecondsOf } from './attributes.ts';
import { findTargetGroup, type LoadBalancerRecord, type Records } from './records.ts';
import { loadBalancersOf } from './target-groups.ts';

/**
 * @throws AwsError TargetGroupNotFoundException; IncompatibleProtocolsException (HTTP groups are for Application,
 * TCP groups for Network Load Balancers); TargetGroupAssociationLimitException (a group serves one load balancer);
 * InvalidConfigurationRequestException (sticky targets among several groups need the action's stickiness)
 */
export function requireForwardable(
  actions: readonly Elbv2Api.Action[],
  loadBalancer: LoadBalancerRecord,
  records: Records,
): void {
  const groups = targetGroupsOf(actions).map((arn) => findTargetGroup(records, arn));
  const protocol = loadBalancer.type === 'network' ? 'TCP' : 'HTTP';
  for (const { arn, settings } of groups) {
    if (settings.protocol !== protocol) {
      throw new AwsError(
        'IncompatibleProtocolsException',
        `Target group '${arn}' has protocol ${settings.protocol}; load balancer '${loadBalancer.arn}' needs ${protocol}`,
      );
    }
    const other = loadBalancersOf(arn, records).find((one) => one.arn !== loadBalancer.arn);
    if (other) {
      throw new AwsError(
        'TargetGroupAssociationLimitException',
        `Target group '${arn}' is associated with load balancer '${other.arn}'`,
      );
    }
  }
  const sticky = groups.find(({ attributes }) => stickinessSecondsOf(attributes) !== undefined);
  const isEnabled = actions.some(({ ForwardConfig }) => ForwardConfig?.TargetGroupStickinessConfig?.Enabled);
  if (sticky && groups.length > 1 && !isEnabled) {
    throw new AwsError(
      'InvalidConfigurationRequestException',
      `Target group '${sticky.arn}' is sticky, so an action with several groups must enable TargetGroupStickinessConfig`,
    );
  }
}
