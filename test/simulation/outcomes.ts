/** S17: the moment a deployment frees its lock, the world is as its outcome says. */
import { DescribeTasksCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import type { Deployment, ResolvedSide } from '../../lambdas/common/deployment.ts';
import type { CallRecord } from '../../local/wire/endpoint.ts';
import { CLUSTER, type SideName } from '../../local/world/names.ts';
import type { Findings } from './findings.ts';
import type { Meddled } from './meddling.ts';
import type { Setting } from './setting.ts';
import { truthOf } from './truth.ts';

interface Write {
  Delete?: { Key?: { pk?: { S?: string } } };
  Update?: { Key?: { sk?: { S?: string } }; ExpressionAttributeValues?: Record<string, { S?: string }> };
}

/** Judges each release of a lock as it takes effect, before anybody hears of it. */
export function judgeReleases(setting: Setting, findings: Findings, meddled: Meddled): void {
  setting.cloud.endpoint.intercept({
    async after(call) {
      const released = releasedBy(call);
      if (!released || meddled.edit) return;
      const { deployments } = await setting.table();
      const deployment = deployments.find(({ deploymentId }) => deploymentId === released);
      if (deployment) await judge(deployment, setting, findings);
    },
  });
}

/** The deployment whose lock a transaction deletes. */
function releasedBy({ operation, input }: Omit<CallRecord, 'error'>): string | undefined {
  if (operation !== 'TransactWriteItems') return undefined;
  const { TransactItems = [] } = input as { TransactItems?: Write[] };
  if (!TransactItems.some(({ Delete }) => Delete?.Key?.pk?.S === 'locks')) return undefined;
  const record = TransactItems.find(({ Update }) => Update?.Key?.sk?.S?.startsWith('deployment#'));
  return record?.Update?.Key?.sk?.S?.slice('deployment#'.length);
}

async function judge(deployment: Deployment, setting: Setting, findings: Findings): Promise<void> {
  const { outcome, blue, green, deploymentId } = deployment;
  const truth = truthOf(setting)();
  const weightOf = ({ service }: ResolvedSide): number => truth.weights[service as SideName];
  const say = (what: string): void => findings.add('S17', `${deploymentId} ended ${outcome}, but ${what}`);
  const requireAll = (serving: ResolvedSide, other: ResolvedSide): void => {
    if (weightOf(serving) === 0 || weightOf(other) > 0)
      say(`${serving.service} has weight ${weightOf(serving)}, ${other.service} ${weightOf(other)}`);
  };
  const requireStopped = async (side: ResolvedSide): Promise<void> => {
    const left = await tasksOf(setting, side);
    if (left.length > 0) say(`${left.length} tasks of ${side.service} run`);
  };
  if (outcome === 'SUCCESSFUL') {
    requireAll(green, blue);
    await requireStopped(blue);
    const strangers = (await tasksOf(setting, green)).filter((arn) => arn !== deployment.revisionArn);
    if (strangers.length > 0) say(`${green.service} runs ${strangers.join(', ')}`);
  } else if (outcome === 'ROLLBACK_SUCCESSFUL') {
    requireAll(blue, green);
    await requireStopped(green);
  } else if (outcome === 'DRAIN_FAILED') {
    requireAll(green, blue);
  } else if (outcome !== 'REFUSED') {
    say('no deployment that had the lock ends like that');
  }
}

/** Revisions of a side's tasks that have not stopped. */
async function tasksOf({ clients }: Setting, { service }: ResolvedSide): Promise<string[]> {
  const found: string[] = [];
  for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
    const { taskArns = [] } = await clients.ecs.send(
      new ListTasksCommand({ cluster: CLUSTER, serviceName: service, desiredStatus }),
    );
    if (taskArns.length === 0) continue;
    const { tasks = [] } = await clients.ecs.send(
      new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns.slice(0, 100) }),
    );
    for (const { lastStatus, taskDefinitionArn = '' } of tasks)
      if (lastStatus !== 'STOPPED') found.push(taskDefinitionArn);
  }
  return found;
}
