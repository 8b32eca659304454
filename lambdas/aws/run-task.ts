/** ECS: starts one-off tasks, at most once each, and finds them again by who started them. */
import {
  ConflictException,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Tag,
  type Task,
} from '@aws-sdk/client-ecs';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

/** Where a task runs and how it is reached: what a service has, RunTask takes by the same names. */
export type Placement = Pick<
  RunTaskCommandInput,
  'capacityProviderStrategy' | 'launchType' | 'networkConfiguration' | 'platformVersion'
>;

/** One task to start. */
export interface TaskOrder {
  readonly cluster: string;
  /** By family, `family:revision` or ARN. */
  readonly taskDefinition: string;
  /** ECS refuses groups that begin with `service:` or `family:`. */
  readonly group: string;
  /** At most 128 letters, digits, hyphens, underscores and slashes. */
  readonly startedBy: string;
  /** At most 64 characters: a second order with the same token starts nothing. ECS keeps it for an hour after the task. */
  readonly clientToken: string;
  readonly placement: Placement;
  readonly overrides?: RunTaskCommandInput['overrides'];
  readonly tags: Readonly<Record<string, string>>;
}

export type Launch =
  | { readonly started: true; readonly taskArn: string }
  /** ECS had no place for it: its reasons. */
  | { readonly started: false; readonly reason: string };

export interface RunTask {
  runTask(order: TaskOrder): Promise<Launch>;
  /** The tasks that were started under this name and have not ended, with their tags. */
  findTasks(cluster: string, startedBy: string): Promise<Task[]>;
}

const clientFor = clientOf(ECSClient);

export function runTask(runtime: Runtime): RunTask {
  const client = clientFor(runtime);

  async function listTasks(
    cluster: string,
    startedBy: string,
    desiredStatus: 'RUNNING' | 'STOPPED',
  ): Promise<string[]> {
    const arns: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await client.send(new ListTasksCommand({ cluster, startedBy, desiredStatus, nextToken }));
      arns.push(...(page.taskArns ?? []));
      nextToken = page.nextToken;
    } while (nextToken);
    return arns;
  }

  return {
    async runTask({ placement, tags, ...order }) {
      const input = { ...order, ...placement, tags: toTags(tags), count: 1 };
      try {
        const { tasks = [], failures = [] } = await client.send(new RunTaskCommand(input));
        const [task] = tasks;
        if (task?.taskArn) return { started: true, taskArn: task.taskArn };
        const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': '));
        return { started: false, reason: reasons.join('; ') || 'ECS started no task and gave no reason' };
      } catch (error) {
        // Somebody changed the service's network meanwhile: the token's task is ours all the same.
        const [taskArn] = error instanceof ConflictException ? (error.resourceIds ?? []) : [];
        if (taskArn) return { started: true, taskArn };
        throw error;
      }
    },
    async findTasks(cluster, startedBy) {
      const arns = [
        ...(await listTasks(cluster, startedBy, 'RUNNING')),
        ...(await listTasks(cluster, startedBy, 'STOPPED')),
      ];
      const found: Task[] = [];
      for (let from = 0; from < arns.length; from += 100) {
        const some = arns.slice(from, from + 100);
        const command = new DescribeTasksCommand({ cluster, tasks: some, include: ['TAGS'] });
        found.push(...((await client.send(command)).tasks ?? []));
      }
      return found.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    },
  };
}

const toTags = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([key, value]) => ({ key, value }));
