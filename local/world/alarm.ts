/** The alarm of a load balancer: more than a few of something bad at its targets. */
import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import type { Clients } from './clients.ts';
import { LOAD_BALANCER } from './names.ts';

export interface AlarmSubject {
  readonly name: string;
  /** What is counted, for people. */
  readonly what: string;
  readonly namespace: string;
  readonly metric: string;
}

/** Fires within seconds: a high-resolution period, and one period is enough. */
export async function createAlarm(
  { cloudwatch }: Clients,
  loadBalancerArn: string,
  { name, what, namespace, metric }: AlarmSubject,
): Promise<void> {
  const [, dimension = ''] = loadBalancerArn.split(':loadbalancer/');
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      AlarmDescription: `More than 5 ${what} by the targets of ${LOAD_BALANCER} within 10 seconds`,
      Namespace: namespace,
      MetricName: metric,
      Dimensions: [{ Name: 'LoadBalancer', Value: dimension }],
      Statistic: 'Sum',
      Period: 10,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      Threshold: 5,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    }),
  );
}
