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
/** How old a transition may be when it is told. */
const LATE_MS = 300_000;

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
  readonly metricsNamespace: string;
}

/**
 * A failed step of a deployment shows as the execution's end. So only the handlers that events call have alarms
 * of their own; a step that throws because targets are not healthy *yet* is no error.
 */
export function createAlarms(
  parent: Construct,
  { topic, stateMachineArn, handlers, deadLetters, metricsNamespace }: AlarmsProps,
): Alarm[] {
  const scope = new Construct(parent, 'Alarms');
  const all: Alarm[] = [];
  const alarm = (id: string, alarmDescription: string, metric: IMetric, threshold = 1): void => {
    const created = new Alarm(scope, id, {
      metric,
      alarmDescription,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    created.addAlarmAction(new SnsAction(topic));
    all.push(created);
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
  const standing = (metricName: string): IMetric => standingMetric(metricsNamespace, metricName);
  alarm(
    'Held',
    'A deployment is halted, or could not be rolled back: both sides stay as they are until a person looks',
    standing('DeploymentsHeld'),
  );
  alarm(
    'RecoveryGivenUp',
    'A deployment died as often as automation takes one over: start the machine with {"recover": "<its id>"}',
    standing('RecoveriesGivenUp'),
  );
  alarm(
    'WaitingLong',
    'A deployment has waited for an hour although nothing keeps it: read the log of the sweep',
    standing('DeploymentsWaitingLong'),
  );
  alarm(
    'TellingLate',
    'Transitions are told minutes late: events, messages and metrics fail; deployments do not depend on them',
    handlers['tell-transitions'].metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' }),
    LATE_MS,
  );
  for (const name of EVENT_HANDLERS) {
    const errors = handlers[name].metricErrors({ period: PERIOD, statistic: 'Sum' });
    alarm(`${stateName(name)}Failed`, `The handler ${name} threw an error: read its log`, errors);
  }
  return all;
}

/** Logged by the sweep each minute, as long as there is something. */
function standingMetric(namespace: string, metricName: string): IMetric {
  return new Metric({ namespace, metricName, period: PERIOD, statistic: 'Maximum' });
}

function executionsMetric(stateMachineArn: string, metricName: string): IMetric {
  const dimensionsMap = { StateMachineArn: stateMachineArn };
  return new Metric({ namespace: 'AWS/States', metricName, dimensionsMap, period: PERIOD, statistic: 'Sum' });
}

function waiting(queue: IQueue): IMetric {
  return queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' });
}
