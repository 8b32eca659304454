/** One page of CloudWatch for the stack: what stands still, and of each service how its deployments went. */
import { Duration, Fn } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { OUTCOMES } from '../lambdas/common/deployment.ts';
import type { ServiceConfiguration } from '../lambdas/common/service.ts';

const HOUR = Duration.hours(1);
const MINUTE = Duration.minutes(1);
const WIDTH = 24;
const HEIGHT = 6;

export interface DashboardProps {
  readonly name: string;
  readonly metricsNamespace: string;
  readonly stateMachineArn: string;
  readonly alarms: readonly Alarm[];
}

export class DeploymentsDashboard {
  private readonly dashboard: Dashboard;
  private readonly namespace: string;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    this.namespace = props.metricsNamespace;
    this.dashboard = new Dashboard(scope, id, { dashboardName: props.name });
    this.dashboard.addWidgets(
      new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: WIDTH, height: 4 }),
    );
    this.dashboard.addWidgets(
      graph('Executions', executions(props.stateMachineArn), WIDTH / 2),
      graph('Stands still', standing(this.namespace), WIDTH / 2),
    );
  }

  addService(service: ServiceConfiguration): void {
    const { name } = service;
    this.dashboard.addWidgets(new TextWidget({ markdown: `# ${name}`, width: WIDTH, height: 1 }));
    const widgets: IWidget[] = [
      graph('How deployments ended', outcomes(this.namespace, name), WIDTH / 3),
      graph('How long they took', durations(this.namespace, name), WIDTH / 3),
    ];
    const requests = requestsBySide(service);
    if (requests.length > 0) widgets.push(graph('Requests by side', requests, WIDTH / 3));
    this.dashboard.addWidgets(...widgets);
  }
}

const graph = (title: string, left: IMetric[], width: number): IWidget =>
  new GraphWidget({ title, left, width, height: HEIGHT });

function executions(stateMachineArn: string): IMetric[] {
  const names = ['Started', 'Succeeded', 'Failed', 'TimedOut', 'Aborted'];
  return names.map(
    (name) =>
      new Metric({
        namespace: 'AWS/States',
        metricName: `Executions${name}`,
        dimensionsMap: { StateMachineArn: stateMachineArn },
        label: name,
        statistic: 'Sum',
        period: HOUR,
      }),
  );
}

function standing(namespace: string): IMetric[] {
  const names = ['DeploymentsHeld', 'RecoveriesGivenUp', 'DeploymentsWaitingLong'];
  return names.map(
    (metricName) => new Metric({ namespace, metricName, statistic: 'Maximum', period: MINUTE }),
  );
}

function outcomes(namespace: string, Service: string): IMetric[] {
  return OUTCOMES.map(
    (Outcome) =>
      new Metric({
        namespace,
        metricName: 'Deployments',
        dimensionsMap: { Service, Outcome },
        label: Outcome,
        statistic: 'Sum',
        period: HOUR,
      }),
  );
}

function durations(namespace: string, Service: string): IMetric[] {
  const names = ['DurationSeconds', 'TimeToServeSeconds', 'LeadTimeSeconds'];
  return names.map(
    (metricName) =>
      new Metric({
        namespace,
        metricName,
        dimensionsMap: { Service },
        label: metricName.replace('Seconds', ''),
        statistic: 'Average',
        period: HOUR,
      }),
  );
}

/** The live weights, as users' requests show them. */
function requestsBySide({ sides, traffic }: ServiceConfiguration): IMetric[] {
  const place = traffic && ('rules' in traffic ? traffic.rules[0] : traffic.listener);
  // A Network Load Balancer counts connections, of all its groups together.
  if (place === undefined || place.includes('/net/')) return [];
  return sides.map(
    ({ service, targetGroup }) =>
      new Metric({
        namespace: 'AWS/ApplicationELB',
        metricName: 'RequestCount',
        dimensionsMap: { TargetGroup: targetGroupName(targetGroup), LoadBalancer: loadBalancerName(place) },
        label: service,
        statistic: 'Sum',
        period: MINUTE,
      }),
  );
}

/** `targetgroup/orders-a/0123…`, of an ARN that may be known only when the stack is deployed. */
const targetGroupName = (arn: string): string => Fn.select(5, Fn.split(':', arn));

/** `app/web/0123…`, of a rule's or a listener's ARN. */
function loadBalancerName(arn: string): string {
  const parts = Fn.split('/', arn);
  return Fn.join(
    '/',
    [1, 2, 3].map((part) => Fn.select(part, parts)),
  );
}
