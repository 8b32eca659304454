/** ECS: looks at one-off tasks by their ARNs, and stops them. */
import { DescribeTasksCommand, ECSClient, StopTaskCommand, type Task } from '@aws-sdk/client-ecs';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export type { Task };

export interface EcsTasks {
  /** Asks the containers to end, as ECS does when it stops a task; one that has ended stays as it is. */
  stopTask(cluster: string, taskArn: string, reason: string): Promise<void>;
  /** undefined if ECS does not know it: not yet, or no longer (an hour after its end). */
  describeTask(cluster: string, taskArn: string): Promise<Task | undefined>;
}

const clientFor = clientOf(ECSClient);

export function ecsTasks(runtime: Runtime): EcsTasks {
  const client = clientFor(runtime);
  return {
    async stopTask(cluster, task, reason) {
      // ECS takes at most 1024 characters (API reference, StopTask).
      await client.send(new StopTaskCommand({ cluster, task, reason: reason.slice(0, 1024) }));
    },
    async describeTask(cluster, taskArn) {
      const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
      return tasks[0];
    },
  };
}
