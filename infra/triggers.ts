/** What starts, wakes and repairs deployments: EventBridge rules, and the queue for events that could not be handled. */
import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { type EventPattern, type IRuleTarget, Match, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { lastSegment } from '../lambdas/common/configuration/arn.ts';
import { isInPlace, type RepositorySource, type ServiceConfiguration } from '../lambdas/common/service.ts';
import { groupOf } from '../lambdas/common/task-group.ts';
import { EVENT_HANDLERS } from './handler-names.ts';
import type { Handlers } from './handlers.ts';
import type { ServiceReach } from './reach.ts';

/** Alarm ARNs in one rule: a pattern may have 2048 characters, and an alarm's name 255. */
const ALARMS_PER_RULE = 5;

export function createDeadLetterQueue(scope: Construct): Queue {
  const queue = new Queue(scope, 'DeadLetters', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  // One statement for all rules: a queue's policy holds no more than twenty.
  queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnLike: { 'aws:SourceArn': rulesOfThisAccount(scope) } },
    }),
  );
  return queue;
}

/** Lets rules call the event handlers: one permission each, because a function's policy has an end (20 KB). */
export function allowEvents(scope: Construct, handlers: Handlers): void {
  for (const name of EVENT_HANDLERS) {
    handlers[name].addPermission('Events', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: rulesOfThisAccount(scope),
    });
  }
}

/** The triggers that exist once: executions that ended badly, and the sweep. */
export function createStackTriggers(
  parent: Construct,
  stateMachineArn: string,
  handlers: Handlers,
  deadLetters: Queue,
): void {
  const scope = new Construct(parent, 'Triggers');
  new Rule(scope, 'ExecutionEnded', {
    description: 'Sidestep: an execution failed, timed out or was stopped; repair what it left',
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [stateMachineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
    },
    targets: [callOnEvent(handlers['recover-deployment'], deadLetters)],
  });
  new Rule(scope, 'Sweep', {
    description: 'Sidestep: look again at every open wait, for the events that never came',
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [callEachTime(handlers.sweep)],
  });
  new Rule(scope, 'SweepImages', {
    description:
      'Sidestep: compare what ECR has with what was deployed, for the pushes that no event told of',
    schedule: Schedule.rate(Duration.minutes(5)),
    targets: [callEachTime(handlers['sweep-images'])],
  });
}

/** A push of a tagged image; tags are matched in code, because a bus has room for 30 wildcard rules only. */
export function createPushRule(
  scope: Construct,
  id: string,
  { repository, registryId }: RepositorySource,
  handlers: Handlers,
  deadLetters: Queue,
): void {
  new Rule(scope, id, {
    description: `Sidestep: an image was pushed or replicated to ${repository}`,
    eventPattern: {
      source: ['aws.ecr'],
      detailType: ['ECR Image Action', 'ECR Replication Action'],
      account: [registryId ?? Aws.ACCOUNT_ID],
      detail: {
        'repository-name': [repository],
        'action-type': ['PUSH', 'REPLICATE'],
        result: ['SUCCESS'],
        'image-tag': Match.exists(),
      },
    },
    targets: [callOnEvent(handlers['start-deployment'], deadLetters)],
  });
}

/** The rules that wake a service's open waits. */
export function createWakeRules(
  scope: Construct,
  { name, strategy, sides, checks, migration }: ServiceConfiguration,
  reach: ServiceReach,
  handlers: Handlers,
  deadLetters: Queue,
): void {
  const wake = (id: string, eventPattern: EventPattern): void => {
    const description = `Sidestep: wakes the deployment of ${name}`;
    new Rule(scope, id, {
      description,
      eventPattern,
      targets: [callOnEvent(handlers['wake-deployment'], deadLetters)],
    });
  };
  // Only what can decide a wait: green that is complete or given up, and tasks that have stopped.
  wake('ServiceChanged', {
    source: ['aws.ecs'],
    detailType: ['ECS Deployment State Change', 'ECS Service Action'],
    resources: [...reach.ecsServiceArns],
    detail: {
      eventName: ['SERVICE_DEPLOYMENT_COMPLETED', 'SERVICE_DEPLOYMENT_FAILED', 'SERVICE_STEADY_STATE'],
    },
  });
  if (reach.scannedRepositoryArns.length > 0) {
    wake('ImageScanned', {
      source: ['aws.ecr', 'aws.inspector2'],
      detailType: ['ECR Image Scan', 'Inspector2 Scan'],
      resources: [...reach.scannedRepositoryArns],
    });
  }
  if (strategy.type === 'native') {
    wake('HookWaits', {
      source: ['aws.ecs'],
      detailType: ['ECS Hook State Change'],
      detail: { serviceArn: [...reach.ecsServiceArns], eventName: ['HOOK_AWAITING_ACTION'] },
    });
  }
  const services = sides
    .filter(({ kind }) => kind === 'ecs')
    .map(({ service }) => `service:${lastSegment(service)}`);
  const hasOneOffTasks = migration !== undefined || checks.task.length > 0;
  wake('TaskChanged', {
    source: ['aws.ecs'],
    detailType: ['ECS Task State Change'],
    detail: {
      clusterArn: [...reach.clusterArns],
      group: hasOneOffTasks ? [...services, groupOf(name)] : services,
      // In place both versions share one service: how many of which there are is shown as it changes.
      lastStatus: isInPlace({ strategy }) ? ['PROVISIONING', 'PENDING', 'RUNNING', 'STOPPED'] : ['STOPPED'],
    },
  });
  const alarmNames = [...checks.alarms.service, ...Object.values(checks.alarms.sides).flat()];
  for (const [index, alarms] of chunks(alarmNames, ALARMS_PER_RULE).entries()) {
    wake(`AlarmChanged${index === 0 ? '' : index + 1}`, {
      source: ['aws.cloudwatch'],
      detailType: ['CloudWatch Alarm State Change'],
      detail: { alarmName: alarms },
    });
  }
}

/** EventBridge tries for 24 hours, then leaves the event in the queue. */
function callOnEvent(handler: LambdaFunction, deadLetters: Queue): IRuleTarget {
  return { bind: () => ({ arn: handler.functionArn, deadLetterConfig: { arn: deadLetters.queueArn } }) };
}

/** A missed tick is made up for by the next. */
function callEachTime(handler: LambdaFunction): IRuleTarget {
  return { bind: () => ({ arn: handler.functionArn, retryPolicy: { maximumRetryAttempts: 0 } }) };
}

function rulesOfThisAccount(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'events', resource: 'rule', resourceName: '*' });
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  const starts = Array.from({ length: Math.ceil(values.length / size) }, (_, index) => index * size);
  return starts.map((start) => values.slice(start, start + size));
}
