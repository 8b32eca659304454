/** When a service is deployed, as a CDK user says it. */
import type { Duration } from 'aws-cdk-lib';

/** A time in which deployments may begin. */
export interface WindowProps {
  /** An AWS cron expression, such as `cron(0 9 ? * MON-FRI *)`. */
  readonly opens: string;
  /** How long it is open, from a minute to 7 days. */
  readonly duration: Duration;
  /** IANA name. @default 'UTC' */
  readonly timeZone?: string;
}

/** A time at which the newest image is asked for. */
export interface ScheduleProps {
  readonly name: string;
  /** `cron(…)` or `rate(…)`, as EventBridge Scheduler reads it. */
  readonly at: string;
  /** IANA name. @default 'UTC' */
  readonly timeZone?: string;
  /** Whether the digest that serves is deployed again, with new tasks. @default false */
  readonly force?: boolean;
}
