/** A service as a CDK user describes it, with constructs. */
import type { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IBaseService } from 'aws-cdk-lib/aws-ecs';
import type { ITargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IRole, IUser } from 'aws-cdk-lib/aws-iam';
import type { ScheduleProps, WindowProps } from './calendar-props.ts';
import type {
  AnalysisProps,
  ApprovalProps,
  CheckNetworkProps,
  HttpCheckProps,
  LambdaCheckProps,
  MigrationProps,
  TaskCheckProps,
} from './check-props.ts';
import type { ImageProps } from './image-props.ts';
import type { StrategyProps } from './strategy-props.ts';

/** A place that can serve: an ECS service, or a fleet of VMs. */
export interface SideProps {
  /** The cluster's name or ARN; left out for a fleet. */
  readonly cluster?: string;
  /** The ECS service's name or ARN; left out for a fleet. */
  readonly service?: string;
  /** A name for the VMs behind the target group. Give this, or `cluster` and `service`. */
  readonly fleet?: string;
  /** Left out only for an ECS service that no traffic is shifted to. */
  readonly targetGroupArn?: string;
  /** Alarms that watch this side alone. @default none */
  readonly alarms?: IAlarm[];
}

/** Makes sides of constructs. */
// biome-ignore lint/complexity/noStaticOnlyClass: jsii exports classes, no functions
export class Side {
  /** @param targetGroup left out for a service behind no load balancer */
  static of(service: IBaseService, targetGroup?: ITargetGroup, alarms: IAlarm[] = []): SideProps {
    return {
      cluster: service.cluster.clusterName,
      service: service.serviceName,
      ...(targetGroup && { targetGroupArn: targetGroup.targetGroupArn }),
      alarms,
    };
  }

  /** VMs that are registered with a target group. */
  static fleet(name: string, targetGroup: ITargetGroup, alarms: IAlarm[] = []): SideProps {
    return { fleet: name, targetGroupArn: targetGroup.targetGroupArn, alarms };
  }
}

/** A module of a product: the rule that takes its requests, and the address at which it answers. */
export interface ModuleProps {
  readonly name: string;
  readonly ruleArn: string;
  /** `zone/module`: the path `/zone/module` is checked on green before the swap. */
  readonly address: string;
}

export interface GroupProps {
  readonly name: string;
  /** Whether its services shift, and step back, as one. @default true */
  readonly together?: boolean;
  /** How long one waits for the others, before its first shift and after its last bake. @default 1 hour */
  readonly timeout?: Duration;
}

export interface ServiceProps extends ImageProps {
  /** @default Strategy.allAtOnce() */
  readonly strategy?: StrategyProps;
  /** The listener rules that carry users' traffic. Give these, `listenerArn` or `modules`, if traffic is shifted. */
  readonly ruleArns?: string[];
  /** The listener whose default action carries users' traffic. Give this, `ruleArns` or `modules`. */
  readonly listenerArn?: string;
  /** The modules whose rules carry users' traffic, in the order in which they are swapped. Give these, `ruleArns` or `listenerArn`. */
  readonly modules?: ModuleProps[];
  /** The listener rule through which green is tested before it has traffic. */
  readonly testRuleArn?: string;
  /** Two sides in any order, because which one is blue is read from the live listener; one for rolling, recreate and native. */
  readonly sides: SideProps[];
  /**
   * The task and execution roles of the service's task definitions.
   * @default none: a task definition that has roles cannot be registered
   */
  readonly roles?: IRole[];
  readonly httpChecks?: HttpCheckProps[];
  /** @default HTTP checks are made from outside of any VPC */
  readonly checkNetwork?: CheckNetworkProps;
  readonly lambdaChecks?: LambdaCheckProps[];
  readonly taskChecks?: TaskCheckProps[];
  /** Alarms that must be quiet before the shift and during the bake. */
  readonly alarms?: IAlarm[];
  /** Compares green with blue while both have traffic; `{}` with the defaults. @default no comparison */
  readonly analysis?: AnalysisProps;
  /** @default nobody is asked */
  readonly approval?: ApprovalProps;
  /** Who may approve and reject. @default whoever may speak at all: see `Sidestep.grantSignals` */
  readonly approvers?: (IRole | IUser)[];
  /** @default no task runs before green takes traffic */
  readonly migration?: MigrationProps;
  /** How long both sides run after the last shift. @default 10 minutes */
  readonly bake?: Duration;
  /** How long blue stays whole after success. @default 0 seconds */
  readonly keepBlue?: Duration;
  /** How long a pause may last before the deployment steps back. @default 24 hours */
  readonly pauseTimeout?: Duration;
  /** How long the deployment may take until green serves and has baked. @default no limit of its own */
  readonly deadline?: Duration;
  /** The count of a first deployment, when nothing runs that could be counted. @default 1 */
  readonly initialCount?: number;
  /** How long green may take to become steady and healthy. @default 30 minutes */
  readonly steadyStateTimeout?: Duration;
  /** How long blue may take to finish its last requests and stop. @default 30 minutes */
  readonly drainTimeout?: Duration;
  /** How long sticky clients of blue are waited for before it is drained. @default 1 hour */
  readonly drainSticky?: Duration;
  /** What becomes of a push while a deployment is under way: `queue`, `supersede` or `reject`. @default 'queue' */
  readonly whenBusy?: string;
  /** Names of services that have to be deployed, and well, before this one begins. @default none */
  readonly after?: string[];
  /** The group with whose other services this one shifts, and steps back, as one. @default it shifts by itself */
  readonly group?: GroupProps;
  /** How long a written weight is given to take effect everywhere. @default 10 seconds */
  readonly propagation?: Duration;
  /** Deployments begin only in these. @default always */
  readonly windows?: WindowProps[];
  /** @default deployments are asked for by pushes and people alone */
  readonly schedules?: ScheduleProps[];
  /** How long ended deployments and their audits are kept. @default 400 days */
  readonly history?: Duration;
}
