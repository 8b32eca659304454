/** Tells people: a topic, and alarms on deployments that ended badly and on events that were lost. */
import { Aws, Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_HANDLERS, stateName } from './handler-names.ts';
import type { Handlers } from './handlers.ts';

const PERIOD = Duration.minutes(1);

export function createTopic(scope: Construct): Topic {
  const topic = new Topic(scope, 'Topic', { displayName: 'Sidestep', enforceSSL: true });
  // A policy of its own takes the default one's place, under which alarms might publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  return topic;
}

export interface AlarmsProps {
  readonly topic: ITopic;
  readonly stateMachineArn: string;
  readonly handlers: Handlers;
  readonly deadLetters: IQueue;
}

/**
 * A failed step of a deployment shows as the execution's end. So only the handlers that events call have alarms
 * of their own; a step that throws because targets are not healthy *yet* is no error.
 */
export function createAlarms(
  parent: Construct,
  { topic, stateMachineArn, handlers, deadLetters }: AlarmsProps,
): void {
  const scope = new Construct(parent, 'Alarms');
  const alarm = (id: string, alarmDescription: string, metric: IMetric): void => {
    const created = new Alarm(scope, id, {
      metric,
      alarmDescription,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    created.addAlarmAction(new SnsAction(topic));
  };
  const executions = (metricName: string): IMetric => executionsMetric(stateMachineArn, metricName);
  alarm(
    'Failed',
    'A deployment was rolled back, refused or halted: open the failed execution for the reason',
    executions('ExecutionsFailed'),
  );
  alarm('TimedOut', 'A deployment timed out; recovery starts by itself', executions('ExecutionsTimedOut'));
  alarm('Aborted', 'A deployment was stopped; recovery starts by itself', executions('ExecutionsAborted'));
  alarm(
    'DeadLettersWaiting',
    'Events could not be handled: a push may not have been deployed',
    waiting(deadLetters),
  );
  for (const name of EVENT_HANDLERS) {
    const errors = handlers[name].metricErrors({ period: PERIOD, statistic: 'Sum' });
    alarm(`${stateName(name)}Failed`, `The handler ${name} threw an error: read its log`, errors);
  }
}

function executionsMetric(stateMachineArn: string, metricName: string): IMetric {
  const dimensionsMap = { StateMachineArn: stateMachineArn };
  return new Metric({ namespace: 'AWS/States', metricName, dimensionsMap, period: PERIOD, statistic: 'Sum' });
}

function waiting(queue: IQueue): IMetric {
  return queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' });
}
