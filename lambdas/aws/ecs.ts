/** ECS: the operations that a deployment needs, with what cannot be absent made certain. */
import {
  ClientException,
  ConflictException,
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  InvalidParameterException,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type Service,
  type ServiceDeployment,
  type ServiceDeploymentBrief,
  type ServiceRevision,
  StopServiceDeploymentCommand,
  type Tag,
  type Task,
  type TaskDefinition,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { EcsServiceNotFound, TaskDefinitionNotFound } from '../common/errors.ts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf, SENT_ONCE } from './client.ts';

export type { Service, ServiceDeployment, ServiceDeploymentBrief, ServiceRevision, Task, TaskDefinition };
export type TaskDefinitionInput = RegisterTaskDefinitionCommandInput;

export interface DescribedTaskDefinition {
  readonly taskDefinition: TaskDefinition;
  /** Tags come beside the definition, and only when asked for. */
  readonly tags: readonly Tag[];
}

export interface Ecs {
  /** @throws EcsServiceNotFound if it is missing or no longer ACTIVE */
  describeService(cluster: string, service: string): Promise<Service>;
  /** By family (its newest ACTIVE revision), `family:revision` or ARN. @throws TaskDefinitionNotFound */
  describeTaskDefinition(taskDefinition: string): Promise<DescribedTaskDefinition>;
  /** @returns the new revision's ARN */
  registerTaskDefinition(input: TaskDefinitionInput): Promise<string>;
  updateService(
    cluster: string,
    service: string,
    change: { desiredCount?: number; taskDefinition?: string; forceNewDeployment?: boolean },
  ): Promise<Service>;
  /** All tasks of a service whose desired status is RUNNING (or those that ECS wants, or has, STOPPED: kept for about an hour). */
  describeTasksOf(cluster: string, service: string, desiredStatus?: 'RUNNING' | 'STOPPED'): Promise<Task[]>;
  /** The newest service deployments of a service, at most 100, newest first. */
  listServiceDeployments(cluster: string, service: string): Promise<ServiceDeploymentBrief[]>;
  /** At most 20 ARNs; those that ECS does not know are absent from the answer. */
  describeServiceDeployments(arns: readonly string[]): Promise<ServiceDeployment[]>;
  /** At most 20 ARNs; those that ECS does not know are absent from the answer. */
  describeServiceRevisions(arns: readonly string[]): Promise<ServiceRevision[]>;
  /** Asks ECS to roll back. @returns false if it is no longer possible: the service deployment is ending or has ended */
  stopServiceDeployment(arn: string): Promise<boolean>;
  /** Answers a PAUSE hook. @returns false if the hook awaits no action any more */
  continueServiceDeployment(arn: string, hookId: string, action: 'CONTINUE' | 'ROLLBACK'): Promise<boolean>;
}

const clientFor = clientOf(ECSClient);
const clientForWrites = clientOf(ECSClient, SENT_ONCE);

export function ecs(runtime: Runtime): Ecs {
  const client = clientFor(runtime);
  const onceClient = clientForWrites(runtime);
  return {
    async describeService(cluster, service) {
      const { services = [] } = await client.send(
        new DescribeServicesCommand({ cluster, services: [service] }),
      );
      const [found] = services;
      if (found?.status !== 'ACTIVE') {
        throw new EcsServiceNotFound(
          `ECS service ${service} in cluster ${cluster} is ${found?.status ?? 'missing'}; it must be ACTIVE`,
        );
      }
      return found;
    },
    async describeTaskDefinition(taskDefinition) {
      const answer = await client
        .send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }))
        .catch((error: unknown): never => {
          if (!(error instanceof ClientException)) throw error;
          const reason = `task definition ${taskDefinition || '(none)'} cannot be described: ${error.message}`;
          throw new TaskDefinitionNotFound(reason, { cause: error });
        });
      return { taskDefinition: answer.taskDefinition ?? {}, tags: answer.tags ?? [] };
    },
    async registerTaskDefinition(input) {
      const { taskDefinition } = await onceClient.send(new RegisterTaskDefinitionCommand(input));
      return taskDefinition?.taskDefinitionArn ?? '';
    },
    async updateService(cluster, service, change) {
      const answer = await onceClient.send(new UpdateServiceCommand({ cluster, service, ...change }));
      return answer.service ?? {};
    },
    async listServiceDeployments(cluster, service) {
      const command = new ListServiceDeploymentsCommand({ cluster, service, maxResults: 100 });
      const { serviceDeployments = [] } = await client.send(command);
      const createdAtMs = ({ createdAt }: ServiceDeploymentBrief): number => createdAt?.getTime() ?? 0;
      // That the newest come first is observed, not promised.
      return serviceDeployments.sort((a, b) => createdAtMs(b) - createdAtMs(a));
    },
    async describeServiceDeployments(arns) {
      const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [...arns] });
      return (await client.send(command)).serviceDeployments ?? [];
    },
    async describeServiceRevisions(arns) {
      const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns: [...arns] });
      return (await client.send(command)).serviceRevisions ?? [];
    },
    stopServiceDeployment(serviceDeploymentArn) {
      const command = new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' });
      return unlessTooLate(client.send(command));
    },
    continueServiceDeployment(serviceDeploymentArn, hookId, action) {
      const command = new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action });
      return unlessTooLate(client.send(command));
    },
    async describeTasksOf(cluster, service, desiredStatus = 'RUNNING') {
      const tasks: Task[] = [];
      let nextToken: string | undefined;
      do {
        const page = await client.send(
          new ListTasksCommand({ cluster, serviceName: service, desiredStatus, nextToken }),
        );
        nextToken = page.nextToken;
        if (!page.taskArns?.length) continue;
        // A page holds at most 100, which is also what DescribeTasks takes.
        const described = await client.send(new DescribeTasksCommand({ cluster, tasks: page.taskArns }));
        tasks.push(...(described.tasks ?? []));
      } while (nextToken);
      return tasks;
    },
  };
}

/** A service deployment that has moved on meanwhile refuses the call in one of these words. */
async function unlessTooLate(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    const isTooLate = [ClientException, ConflictException, InvalidParameterException];
    if (isTooLate.some((known) => error instanceof known)) return false;
    throw error;
  }
}
