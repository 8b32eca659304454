/** A native deployment as DescribeServiceDeployments shows it. Pure. */
import type { EcsApi } from '../../wire/models.ts';
import type { RevisionRecord, ServiceDeploymentRecord } from '../records.ts';
import type { HookRecord } from './records.ts';

/** Stage and hooks; nothing for a rolling deployment. */
export function nativeView({
  native,
}: ServiceDeploymentRecord): Pick<EcsApi.ServiceDeployment, 'lifecycleStage' | 'lifecycleHookDetails'> {
  if (!native) return {};
  return {
    // The answer's type lacks PRE_PRODUCTION_TRAFFIC_SHIFT, which the hooks' own type has.
    lifecycleStage: native.stage as EcsApi.ServiceDeploymentLifecycleStage | undefined,
    lifecycleHookDetails: native.hooks.map(hookView),
  };
}

function hookView(hook: HookRecord): EcsApi.DeploymentLifecycleHookDetail {
  return {
    hookId: hook.id,
    targetType: hook.targetType,
    targetArn: hook.targetArn,
    status: hook.status,
    expiresAt: new Date(hook.expiresAtMs),
    timeoutAction: hook.timeoutAction,
  };
}

/** The shares that a revision was given last, in percent. They are what was asked for, not the live weights. */
export function requestedWeights(
  { native, deployment }: ServiceDeploymentRecord,
  revision: RevisionRecord,
): Pick<EcsApi.ServiceRevisionSummary, 'requestedProductionTrafficWeight' | 'requestedTestTrafficWeight'> {
  if (!native) return {};
  const { production = 0, test = 0 } = native.traffic;
  if (revision === deployment.revision)
    return { requestedProductionTrafficWeight: production, requestedTestTrafficWeight: test };
  if (revision !== native.source?.revision)
    return { requestedProductionTrafficWeight: 0, requestedTestTrafficWeight: 0 };
  return { requestedProductionTrafficWeight: 100 - production, requestedTestTrafficWeight: 100 - test };
}
