/** What scaling has done, newest first, and what it left undone with the reason. */
import type { Platform } from '../platform.ts';
import type { ApplicationAutoScalingApi } from '../wire/models.ts';
import { described, type ScalableResource } from './resource.ts';

/** As many as are kept; AWS keeps those of six weeks. */
const ACTIVITIES_MAX = 1_000;

export interface Activity {
  readonly id: string;
  readonly atMs: number;
  readonly resource: ScalableResource;
  readonly cause: string;
  /** Desired count before and after; equal if nothing was scaled. */
  readonly from: number;
  readonly to: number;
  readonly status: 'Successful' | 'Failed' | 'NotScaled';
  /** In the words of the description; for `NotScaled` and `Failed` the reason. */
  readonly message: string;
}

export interface Activities {
  readonly all: readonly Activity[];
  note(activity: Omit<Activity, 'id' | 'atMs'>): void;
}

export function createActivities({ clock, random: all }: Platform): Activities {
  const random = all.fork('autoscaling/activities');
  const kept: Activity[] = [];
  return {
    all: kept,
    note(activity) {
      kept.unshift({ ...activity, id: random.uuid(), atMs: clock.now() });
      kept.splice(ACTIVITIES_MAX);
    },
  };
}

export function activityView(activity: Activity): ApplicationAutoScalingApi.ScalingActivity {
  const at = new Date(activity.atMs);
  return {
    ...described(activity.resource),
    ActivityId: activity.id,
    Description: `Setting desired count to ${activity.to}.`,
    Cause: activity.cause,
    StartTime: at,
    EndTime: at,
    StatusCode: activity.status === 'NotScaled' ? 'Failed' : activity.status,
    StatusMessage: activity.message,
  };
}
