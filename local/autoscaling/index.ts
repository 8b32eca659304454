/** Application Auto Scaling: the desired counts of ECS services, their bounds, policies and scheduled actions. */
import { pageOf } from '../page.ts';
import type { Platform } from '../platform.ts';
import { refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { ApplicationAutoScalingApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { type Activity, activityView, createActivities } from './activities.ts';
import { breachOf, type FiredAlarm, firedAlarm } from './alarm-call.ts';
import { stepWanted } from './capacity.ts';
import { type Policy, policyView, putPolicy } from './policies.ts';
import {
  requireNamespace,
  requireResource,
  resourceOf,
  type ScalableResource,
  validation,
} from './resource.ts';
import { createScaling, type EcsPort, inBackground } from './scaling.ts';
import { actionView, createActionTimers, putAction, type ScheduledAction } from './scheduled-actions.ts';
import { notRegistered, registered, type ScalableTarget, targetView } from './targets.ts';

export type { Activity } from './activities.ts';

const PAGE_MAX = 50;

export interface AutoScalingSimulator {
  readonly operations: Operations<typeof ApplicationAutoScalingApi>;
  /** What scaling did and what it left undone, newest first. */
  readonly activities: readonly Activity[];
  /** An alarm calls a policy by its ARN. @throws AwsError `ObjectNotFoundException` for a policy that is gone */
  deliver(policyArn: string, payload: unknown): Promise<void>;
  /**
   * Asks for `count` tasks more, as a target tracking policy would whose metric is too high; a negative `count` asks for less.
   * @param resourceId `service/CLUSTER/SERVICE`
   * @throws AwsError `ObjectNotFoundException` if no scalable target is registered
   */
  scaleOut(resourceId: string, count: number): Promise<void>;
  /** Ends the schedules' timers. */
  close(): void;
}

/** Weaker than AWS: ECS services only; target tracking policies are kept, and act only when {@link AutoScalingSimulator.scaleOut} asks for them. */
export function createAutoScaling(platform: Platform, { ecs }: { ecs: EcsPort }): AutoScalingSimulator {
  const { clock } = platform;
  const random = platform.random.fork('autoscaling');
  const targets = new Map<string, ScalableTarget>();
  const policies = new Map<string, Policy>();
  const actions = new Map<string, ScheduledAction>();
  const activities = createActivities(platform);
  const scaling = createScaling(ecs, activities);

  const fresh = () => ({ id: random.uuid(), nowMs: clock.now() });
  const keyOf = (resource: ScalableResource, name = ''): string => `${resource.id}#${name}`;
  const requireTarget = ({ id }: ScalableResource): ScalableTarget => {
    const target = targets.get(id);
    if (!target) throw notRegistered(id);
    return target;
  };
  const timers = createActionTimers(clock, (action) => {
    const target = targets.get(action.resource.id);
    if (target) inBackground(platform, scaling.scheduled(target, action));
  });
  const removeAction = (action: ScheduledAction): void => {
    timers.forget(action);
    actions.delete(keyOf(action.resource, action.name));
  };

  async function call(policy: Policy, alarm: FiredAlarm): Promise<void> {
    if (!policy.step || clock.now() < policy.cooldownEndsAtMs) return;
    const { step } = policy;
    const cause = `monitor alarm ${alarm.name} in state ${alarm.state} triggered policy ${policy.name}`;
    const before = activities.all[0];
    await scaling.dynamic(requireTarget(policy.resource), cause, (live) =>
      stepWanted(step, breachOf(alarm), live),
    );
    const [newest] = activities.all;
    if (newest !== before && newest?.status === 'Successful')
      policy.cooldownEndsAtMs = clock.now() + (step.Cooldown ?? 0) * 1_000;
  }

  return {
    activities: activities.all,
    close: timers.close,
    async deliver(policyArn, payload) {
      const policy = [...policies.values()].find(({ arn }) => arn === policyArn);
      if (!policy)
        throw new AwsError('ObjectNotFoundException', `No scaling policy found for ARN ${policyArn}`);
      await call(policy, firedAlarm(payload));
    },
    scaleOut: async (resourceId, count) =>
      scaling.dynamic(
        requireTarget(resourceOf(resourceId)),
        `a target tracking policy asked for ${count} more`,
        ({ desired }) => desired + count,
      ),
    operations: {
      async RegisterScalableTarget(input) {
        refuseMembers('RegisterScalableTarget', input, ['Tags']);
        const resource = requireResource(input);
        if (!(await scaling.find(resource))) throw validation(`ECS service doesn't exist: ${resource.id}`);
        const target = registered(input, resource, targets.get(resource.id), fresh());
        targets.set(resource.id, target);
        await scaling.bring(target);
        return { ScalableTargetARN: target.arn };
      },
      DeregisterScalableTarget(input) {
        const { resource } = requireTarget(requireResource(input));
        targets.delete(resource.id);
        for (const action of belonging(actions, resource)) removeAction(action);
        for (const { name } of belonging(policies, resource)) policies.delete(keyOf(resource, name));
        return {};
      },
      DescribeScalableTargets(input) {
        requireNamespace(input);
        const { ResourceIds } = input;
        const listed = sortedBy(targets, ({ resource }) => resource.id).filter(
          ({ resource }) => ResourceIds?.includes(resource.id) ?? true,
        );
        const { elements, nextToken } = page(listed, input);
        return { ScalableTargets: elements.map(targetView), NextToken: nextToken };
      },
      PutScalingPolicy(input) {
        const { resource } = requireTarget(requireResource(input));
        const key = keyOf(resource, input.PolicyName);
        const policy = putPolicy(input, resource, policies.get(key), fresh());
        policies.set(key, policy);
        return { PolicyARN: policy.arn, Alarms: [] };
      },
      DeleteScalingPolicy(input) {
        if (!policies.delete(keyOf(requireResource(input), input.PolicyName)))
          throw missing('scaling policy', input.PolicyName);
        return {};
      },
      DescribeScalingPolicies(input) {
        const { elements, nextToken } = page(asked(policies, input, input.PolicyNames), input);
        return { ScalingPolicies: elements.map(policyView), NextToken: nextToken };
      },
      PutScheduledAction(input) {
        const { resource } = requireTarget(requireResource(input));
        const key = keyOf(resource, input.ScheduledActionName);
        const action = putAction(input, resource, actions.get(key), fresh());
        actions.set(key, action);
        timers.follow(action);
        return {};
      },
      DeleteScheduledAction(input) {
        const action = actions.get(keyOf(requireResource(input), input.ScheduledActionName));
        if (!action) throw missing('scheduled action', input.ScheduledActionName);
        removeAction(action);
        return {};
      },
      DescribeScheduledActions(input) {
        const { elements, nextToken } = page(asked(actions, input, input.ScheduledActionNames), input);
        return { ScheduledActions: elements.map(actionView), NextToken: nextToken };
      },
      DescribeScalingActivities(input) {
        requireNamespace(input);
        const { ResourceId, IncludeNotScaledActivities = false } = input;
        const listed = activities.all.filter(
          ({ resource, status }) =>
            (ResourceId ?? resource.id) === resource.id &&
            (IncludeNotScaledActivities || status !== 'NotScaled'),
        );
        const { elements, nextToken } = page(listed, input);
        return { ScalingActivities: elements.map(activityView), NextToken: nextToken };
      },
    },
  };
}

interface OnResource {
  readonly name: string;
  readonly resource: ScalableResource;
}

interface Filter {
  ServiceNamespace?: string | undefined;
  ScalableDimension?: string | undefined;
  ResourceId?: string | undefined;
}

function asked<T extends OnResource>(all: Map<string, T>, filter: Filter, names?: readonly string[]): T[] {
  requireNamespace(filter);
  const { ResourceId } = filter;
  return sortedBy(all, ({ resource, name }) => `${resource.id}#${name}`).filter(
    ({ resource, name }) => (ResourceId ?? resource.id) === resource.id && (names?.includes(name) ?? true),
  );
}

const belonging = <T extends OnResource>(all: Map<string, T>, { id }: ScalableResource): T[] =>
  [...all.values()].filter(({ resource }) => resource.id === id);

const sortedBy = <T>(all: Map<string, T>, key: (one: T) => string): T[] =>
  [...all.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));

function page<T>(
  listed: readonly T[],
  { MaxResults = PAGE_MAX, NextToken }: { MaxResults?: number | undefined; NextToken?: string | undefined },
) {
  if (MaxResults < 1 || MaxResults > PAGE_MAX)
    throw validation(`MaxResults is ${MaxResults}; allowed are 1 to ${PAGE_MAX}`);
  return pageOf(
    listed,
    MaxResults,
    NextToken,
    () => new AwsError('InvalidNextTokenException', 'Invalid token.'),
  );
}

const missing = (kind: string, name = ''): AwsError =>
  new AwsError('ObjectNotFoundException', `No ${kind} found with name ${name}`);
