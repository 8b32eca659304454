/** The effects of scaling on ECS: what is asked, what bounds and suspension leave of it, and the note that is kept. */
import type { Platform } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import type { Call, Operations } from '../wire/operations.ts';
import type { Activities, Activity } from './activities.ts';
import { type Capacity, clamp, dynamicChange } from './capacity.ts';
import type { ScalableResource } from './resource.ts';
import type { ScheduledAction } from './scheduled-actions.ts';
import { requireBounds, type ScalableTarget } from './targets.ts';

/** ECS, as scaling uses it: through its own operations, as the service-linked role would. */
export type EcsPort = Pick<Operations<typeof EcsApi>, 'DescribeServices' | 'UpdateService'>;

/** An ECS service that is ACTIVE. */
export interface LiveService extends Capacity {
  /** While it is, scale-in is off. */
  readonly isDeploying: boolean;
}

export interface Scaling {
  /** @returns undefined unless the service exists and is ACTIVE */
  find(resource: ScalableResource): Promise<LiveService | undefined>;
  /** Brings the count inside the bounds, whatever is suspended: a registration does so. */
  bring(target: ScalableTarget, cause?: string): Promise<void>;
  /** What a policy asks for. */
  dynamic(
    target: ScalableTarget,
    cause: string,
    wantedOf: (live: Capacity) => number | undefined,
  ): Promise<void>;
  /** A scheduled action's time has come. */
  scheduled(target: ScalableTarget, action: ScheduledAction): Promise<void>;
}

const CALL: Call = { caller: 'AWSServiceRoleForApplicationAutoScaling_ECSService', requestId: 'autoscaling' };

export function createScaling(ecs: EcsPort, activities: Activities): Scaling {
  const find = async ({ cluster, service }: ScalableResource): Promise<LiveService | undefined> => {
    const found = await described(ecs, cluster, service);
    if (found?.status !== 'ACTIVE') return undefined;
    const primary = found.deployments?.find(({ status }) => status === 'PRIMARY');
    return {
      desired: found.desiredCount ?? 0,
      running: found.runningCount ?? 0,
      isDeploying: primary?.rolloutState === 'IN_PROGRESS',
    };
  };

  const set = async (
    resource: ScalableResource,
    { from, to, cause }: Pick<Activity, 'from' | 'to' | 'cause'>,
  ): Promise<void> => {
    const { cluster, service } = resource;
    try {
      await ecs.UpdateService?.({ cluster, service, desiredCount: to }, CALL);
    } catch (error) {
      const reason = `Failed to set desired count to ${to}. ${(error as Error).message}`;
      activities.note({ resource, from, to: from, cause, status: 'Failed', message: reason });
      throw error;
    }
    const message = `Successfully set desired count to ${to}. Change successfully fulfilled by ecs.`;
    activities.note({ resource, from, to, cause, status: 'Successful', message });
  };
  const leave = (resource: ScalableResource, count: number, cause: string, message: string): void =>
    activities.note({ resource, from: count, to: count, cause, status: 'NotScaled', message });

  const bring = async (target: ScalableTarget, cause?: string): Promise<void> => {
    const live = await find(target.resource);
    if (!live) return;
    const to = clamp(live.desired, target);
    if (to === live.desired) return;
    const bound =
      to > live.desired
        ? `minimum capacity was set to ${target.min}`
        : `maximum capacity was set to ${target.max}`;
    await set(target.resource, {
      from: live.desired,
      to,
      cause: cause === undefined ? bound : `${bound} and ${cause}`,
    });
  };

  return {
    find,
    bring,
    async dynamic(target, cause, wantedOf) {
      const { resource, suspended } = target;
      const live = await find(resource);
      const wanted = live && wantedOf(live);
      if (!live || wanted === undefined) return;
      const change = dynamicChange(live, wanted, target);
      const stay = (reason: string): void => leave(resource, live.desired, cause, reason);
      if (change.kind === 'none') return stay('the count is where the bounds allow it to be');
      if (change.kind === 'out' && suspended.dynamicOut) return stay('scaling out is suspended');
      if (change.kind === 'in' && suspended.dynamicIn) return stay('scaling in is suspended');
      if (change.kind === 'in' && live.isDeploying)
        return stay('scaling in is off while ECS deploys the service');
      await set(resource, { from: live.desired, to: change.desired, cause });
    },
    async scheduled(target, action) {
      const cause = `scheduled action name ${action.name} was triggered`;
      const { resource } = target;
      if (target.suspended.scheduled) {
        const live = await find(resource);
        return leave(resource, live?.desired ?? 0, cause, 'scheduled scaling is suspended');
      }
      const { min = target.min, max = target.max } = action;
      const refusal = refusalOf(min, max);
      if (refusal) {
        const live = (await find(resource))?.desired ?? 0;
        activities.note({ resource, from: live, to: live, cause, status: 'Failed', message: refusal });
        return;
      }
      target.min = min;
      target.max = max;
      await bring(target, cause);
    },
  };
}

function refusalOf(min: number, max: number): string | undefined {
  try {
    requireBounds(min, max);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function described(
  ecs: EcsPort,
  cluster: string,
  service: string,
): Promise<EcsApi.Service | undefined> {
  try {
    const answer = await ecs.DescribeServices?.({ cluster, services: [service] }, CALL);
    return answer?.services?.[0];
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ClusterNotFoundException') return undefined;
    throw error;
  }
}

/** Runs work that no caller awaits; what ECS refuses is in the activities already. */
export function inBackground(platform: Platform, work: Promise<void>): void {
  work.catch((error: unknown) => {
    if (!(error instanceof AwsError)) platform.fault(error);
  });
}
