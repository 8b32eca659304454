/** Where a task is registered with the load balancer, and how it is doing there. */
import type { TargetRegistry } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { TaskRecord, TaskTarget } from './records.ts';

/** One target for each load balancer of the service, at the host port of the named container's port. */
export function targetsOf({ order, containers }: TaskRecord): TaskTarget[] {
  return order.loadBalancers.flatMap(({ targetGroupArn, containerName, containerPort }) => {
    const container = containers.find(({ definition }) => definition.name === containerName);
    const port = container?.hostPorts.get(containerPort);
    return port === undefined ? [] : [{ targetGroupArn, target: { id: '127.0.0.1', port } }];
  });
}

/** The target's state as DescribeTargetHealth gives it. A target group that is gone has no targets: `unused`. */
export function healthOfTarget(
  targets: TargetRegistry,
  { targetGroupArn, target }: TaskTarget,
): ReturnType<TargetRegistry['healthOf']> {
  try {
    return targets.healthOf(targetGroupArn, target);
  } catch {
    return { state: 'unused', reason: 'Target.NotRegistered' };
  }
}

/** Takes the target out of its group; nothing if the group is gone, and its targets with it. */
export function deregisterTarget(targets: TargetRegistry, { targetGroupArn, target }: TaskTarget): void {
  try {
    targets.deregister(targetGroupArn, target);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}
