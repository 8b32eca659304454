/** Counts the tasks of a native service by target group: its revisions say which one each of them serves from. */
import { DescribeServiceRevisionsCommand, DescribeServicesCommand } from '@aws-sdk/client-ecs';
import type { Clients } from './clients.ts';
import type { World } from './index.ts';
import { CLUSTER, SERVICE, SIDES, type SideName } from './names.ts';
import type { TaskCounts } from './observe.ts';

export async function readNativeCounts(
  { ecs }: Pick<Clients, 'ecs'>,
  { targetGroups }: Pick<World, 'targetGroups'>,
): Promise<Map<SideName, TaskCounts>> {
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster: CLUSTER, services: [SERVICE] }),
  );
  const summaries = services[0]?.currentServiceRevisions ?? [];
  const counts = new Map<SideName, TaskCounts>();
  if (summaries.length === 0) return counts;
  const { serviceRevisions = [] } = await ecs.send(
    new DescribeServiceRevisionsCommand({ serviceRevisionArns: summaries.map(({ arn = '' }) => arn) }),
  );
  for (const { arn, requestedTaskCount = 0, runningTaskCount = 0, pendingTaskCount = 0 } of summaries) {
    const revision = serviceRevisions.find(({ serviceRevisionArn }) => serviceRevisionArn === arn);
    const group = revision?.resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn;
    const side = SIDES.find((name) => targetGroups[name] === group);
    if (!side) continue;
    const former = counts.get(side);
    counts.set(side, {
      desiredCount: requestedTaskCount + (former?.desiredCount ?? 0),
      runningCount: runningTaskCount + (former?.runningCount ?? 0),
      pendingCount: pendingTaskCount + (former?.pendingCount ?? 0),
    });
  }
  return counts;
}
