/** Schedules: EventBridge Scheduler starts the state machine itself, under a role that may do nothing else. */
import { Aws } from 'aws-cdk-lib';
import { type CfnPolicy, Effect, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ServiceConfiguration } from '../lambdas/common/service.ts';

/** Scheduler tries a start again for as long: a nightly one must not come in the morning's rush. */
const AGE_MAX_SECONDS = 3600;
const ATTEMPTS_MAX = 10;

export interface SchedulesProps {
  readonly stateMachineArn: string;
  /** Receives what could not be started. */
  readonly deadLetters: IQueue;
}

export class Schedules extends Construct {
  private readonly props: SchedulesProps;
  private role: { readonly role: Role; readonly policy: Policy } | undefined;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    this.props = props;
  }

  /** Adds those of a service. */
  addTo(scope: Construct, { name: service, schedules }: ServiceConfiguration): void {
    for (const schedule of schedules) {
      const { role, policy } = this.makeRole();
      const created = new CfnSchedule(scope, `Schedule-${schedule.name}`, {
        description: `Sidestep: ${schedule.name} of ${service}`,
        scheduleExpression: schedule.at,
        scheduleExpressionTimezone: schedule.timeZone,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: this.props.stateMachineArn,
          roleArn: role.roleArn,
          input: JSON.stringify({
            service,
            schedule: schedule.name,
            force: schedule.force,
            // Scheduler writes the time here for which it fired: a second start for it is told by that.
            scheduledAt: '<aws.scheduler.scheduled-time>',
          }),
          deadLetterConfig: { arn: this.props.deadLetters.queueArn },
          retryPolicy: { maximumEventAgeInSeconds: AGE_MAX_SECONDS, maximumRetryAttempts: ATTEMPTS_MAX },
        },
      });
      created.addResourceDependency(policy.node.defaultChild as CfnPolicy);
    }
  }

  /** A stack without schedules needs none. */
  private makeRole(): { readonly role: Role; readonly policy: Policy } {
    if (this.role) return this.role;
    const role = new Role(this, 'Role', {
      description: 'Sidestep: lets EventBridge Scheduler start deployments',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    const allow = (action: string, resource: string): PolicyStatement =>
      new PolicyStatement({ effect: Effect.ALLOW, actions: [action], resources: [resource] });
    const policy = new Policy(this, 'Policy', {
      roles: [role],
      statements: [
        allow('states:StartExecution', this.props.stateMachineArn),
        allow('sqs:SendMessage', this.props.deadLetters.queueArn),
      ],
    });
    this.role = { role, policy };
    return this.role;
  }
}
