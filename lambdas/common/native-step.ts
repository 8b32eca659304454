/** Reads what ECS is about to shift, so that both revisions can be compared by their target groups. */
import type { Ecs, ServiceRevision } from '../aws/ecs.ts';
import type { HookEvent } from '../decisions/lifecycle-hook.ts';
import { bakeSecondsAt } from '../decisions/native-step.ts';
import type { Deployment, NativeStep } from './deployment.ts';

/** @returns undefined if there is no blue beside green: nothing to compare with */
export async function readNativeStep(
  { productionTrafficWeights, targetServiceRevisionArn }: HookEvent,
  { green }: Deployment,
  { ecs, now }: { readonly ecs: Ecs; readonly now: () => number },
): Promise<NativeStep | undefined> {
  const blueArn = Object.keys(productionTrafficWeights).find((arn) => arn !== targetServiceRevisionArn);
  if (blueArn === undefined) return undefined;
  const revisions = await ecs.describeServiceRevisions([targetServiceRevisionArn, blueArn]);
  const groupOf = (arn: string) => targetGroupOf(revisions, arn);
  const [greenTargetGroup, blueTargetGroup] = [groupOf(targetServiceRevisionArn), groupOf(blueArn)];
  const service = await ecs.describeService(green.cluster, green.service);
  const productionRule = service.loadBalancers?.[0]?.advancedConfiguration?.productionListenerRule;
  if (!greenTargetGroup || !blueTargetGroup || !productionRule) return undefined;
  const percent = productionTrafficWeights[targetServiceRevisionArn] ?? 0;
  const bakeSeconds = bakeSecondsAt(percent, service.deploymentConfiguration);
  return { percent, startedAtMs: now(), bakeSeconds, productionRule, blueTargetGroup, greenTargetGroup };
}

/** A service behind several load balancers is compared by its first. */
function targetGroupOf(revisions: readonly ServiceRevision[], arn: string): string | undefined {
  const revision = revisions.find(({ serviceRevisionArn }) => serviceRevisionArn === arn);
  return revision?.resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn;
}
