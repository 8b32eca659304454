/** What ECS says of a service deployment: whose it is, how it ended, what it waits for. */
import type { Gate } from '../common/service.ts';

export interface BriefFacts {
  serviceDeploymentArn?: string;
  targetServiceRevisionArn?: string;
  status?: string;
}

export interface HookFacts {
  hookId?: string;
  targetType?: string;
  status?: string;
  expiresAt?: Date;
}

/** AWS's enumerations grow, and Describe's own lacks a stage that the hooks have: they are read as open texts. */
export interface ServiceDeploymentFacts {
  serviceDeploymentArn?: string;
  status?: string;
  statusReason?: string;
  lifecycleStage?: string;
  lifecycleHookDetails?: HookFacts[];
  targetServiceRevision?: {
    requestedTaskCount?: number;
    runningTaskCount?: number;
    requestedProductionTrafficWeight?: number;
  };
}

export type ServiceDeploymentVerdict =
  | { readonly is: 'underWay' }
  /** On its way back, or about to be STOPPED: nothing can be done but to wait for its end. */
  | { readonly is: 'ending' }
  | { readonly is: 'successful' }
  | { readonly is: 'rolledBack' | 'rollbackFailed' | 'stopped' };

const VERDICTS: Readonly<Record<string, ServiceDeploymentVerdict>> = {
  SUCCESSFUL: { is: 'successful' },
  ROLLBACK_SUCCESSFUL: { is: 'rolledBack' },
  ROLLBACK_FAILED: { is: 'rollbackFailed' },
  STOPPED: { is: 'stopped' },
  STOP_REQUESTED: { is: 'ending' },
  ROLLBACK_REQUESTED: { is: 'ending' },
  ROLLBACK_IN_PROGRESS: { is: 'ending' },
};

/** Only SUCCESSFUL is success; a status that is not known is still under way. */
export function judgeServiceDeployment({ status = '' }: ServiceDeploymentFacts): ServiceDeploymentVerdict {
  return VERDICTS[status] ?? { is: 'underWay' };
}

/** `service deployment abc ended ROLLBACK_SUCCESSFUL: …`, for people. */
export function describeEnd({
  serviceDeploymentArn = '',
  status,
  statusReason,
}: ServiceDeploymentFacts): string {
  const why = statusReason ? `: ${statusReason}` : '';
  return `service deployment ${idOf(serviceDeploymentArn)} ended ${status}${why}`;
}

/** `SCALE_UP, 1 of 2 tasks run, 10 % of the traffic`, for people. */
export function describeProgress(facts: ServiceDeploymentFacts): string {
  const { status, lifecycleStage, targetServiceRevision = {} } = facts;
  const {
    runningTaskCount = 0,
    requestedTaskCount = 0,
    requestedProductionTrafficWeight,
  } = targetServiceRevision;
  const tasks = `${runningTaskCount} of ${requestedTaskCount} tasks run`;
  const traffic = requestedProductionTrafficWeight
    ? `, ${requestedProductionTrafficWeight} % of the traffic`
    : '';
  return `${[status, lifecycleStage].filter(Boolean).join(' ')}, ${tasks}${traffic}`;
}

export const idOf = (arn: string): string => arn.split('/').at(-1) ?? arn;

/**
 * The service deployments begun after another one.
 * @param briefs newest first
 * @param before the newest one when ours was about to be started; `none` if there was none
 */
export function begunAfter<B extends BriefFacts>(briefs: readonly B[], before: string): B[] {
  const index = briefs.findIndex(({ serviceDeploymentArn }) => serviceDeploymentArn === before);
  return index === -1 ? [...briefs] : briefs.slice(0, index);
}

/** @param briefs newest first @returns a service deployment that took ours' place */
export function supersededBy(briefs: readonly BriefFacts[], ours: string): string | undefined {
  const index = briefs.findIndex(({ serviceDeploymentArn }) => serviceDeploymentArn === ours);
  return index > 0 ? briefs[0]?.serviceDeploymentArn : undefined;
}

/** One that has not ended: a new one would supersede it. */
export const isOpen = ({ status = '' }: BriefFacts): boolean =>
  !['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'].includes(status);

/** Stages in which green has, or had, production traffic. */
const SERVING: readonly string[] = [
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
  'BAKE_TIME',
  'CLEAN_UP',
];

/** Whether what the service's alarms say may be green's doing. */
export function hasTraffic({ lifecycleStage = '', targetServiceRevision }: ServiceDeploymentFacts): boolean {
  return (
    SERVING.includes(lifecycleStage) || (targetServiceRevision?.requestedProductionTrafficWeight ?? 0) > 0
  );
}

/** PAUSE hooks that nobody has answered yet. */
export function pausesOf({ lifecycleHookDetails = [] }: ServiceDeploymentFacts): HookFacts[] {
  return lifecycleHookDetails.filter(
    ({ targetType, status }) => targetType === 'PAUSE' && status === 'AWAITING_ACTION',
  );
}

/** Which of Sidestep's gates a PAUSE hook of this stage is; none once green has everything. */
export function gateAt(lifecycleStage = ''): Gate | undefined {
  switch (lifecycleStage) {
    case 'PRE_PRODUCTION_TRAFFIC_SHIFT':
    // Knows no PAUSE hooks: what Describe may show for the stage before, which its enumeration lacks.
    case 'PRODUCTION_TRAFFIC_SHIFT':
      return 'before-full-traffic';
    case 'POST_PRODUCTION_TRAFFIC_SHIFT':
    case 'BAKE_TIME':
    case 'CLEAN_UP':
      return undefined;
    default:
      return 'before-traffic';
  }
}
