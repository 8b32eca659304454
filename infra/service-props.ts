/** A service as a CDK user describes it, with constructs, and the same as sidestep.yaml would. */
import type { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IBaseService } from 'aws-cdk-lib/aws-ecs';
import type { ITargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IRole } from 'aws-cdk-lib/aws-iam';

/** A place that can serve: an ECS service behind a target group. */
export interface SideProps {
  /** The cluster's name or ARN. */
  readonly cluster: string;
  /** The ECS service's name or ARN. */
  readonly service: string;
  readonly targetGroupArn: string;
}

/** Makes sides of constructs. */
// biome-ignore lint/complexity/noStaticOnlyClass: jsii exports classes, no functions
export class Side {
  static of(service: IBaseService, targetGroup: ITargetGroup): SideProps {
    return {
      cluster: service.cluster.clusterName,
      service: service.serviceName,
      targetGroupArn: targetGroup.targetGroupArn,
    };
  }
}

/** A path of green that must answer before green has traffic. */
export interface HttpCheckProps {
  readonly path: string;
  /** @default 200 */
  readonly status?: number;
  /** @default 5 seconds */
  readonly timeout?: Duration;
}

export interface ServiceProps {
  readonly repository: IRepository;
  /** The registry's account, if it is not the stack's own. */
  readonly registryId?: string;
  /** The container of the task definition that receives the image. */
  readonly container: string;
  /** Deploys pushes of exactly this tag. Give this or `tagGlob`. */
  readonly exactTag?: string;
  /** Deploys pushes of tags that match this pattern, such as `v*`. Give this or `exactTag`. */
  readonly tagGlob?: string;
  /** The listener rules that carry users' traffic. Give these or `listenerArn`. */
  readonly ruleArns?: string[];
  /** The listener whose default action carries users' traffic. Give this or `ruleArns`. */
  readonly listenerArn?: string;
  /** The listener rule through which green is tested before it has traffic. */
  readonly testRuleArn?: string;
  /** Two sides, in any order: which one is blue is read from the live listener. */
  readonly sides: SideProps[];
  /**
   * The task and execution roles of the service's task definitions.
   * @default none: a task definition that has roles cannot be registered
   */
  readonly roles?: IRole[];
  readonly httpChecks?: HttpCheckProps[];
  /** Alarms that must be quiet before the shift and during the bake. */
  readonly alarms?: IAlarm[];
  /** How long both sides run after the shift. @default 10 minutes */
  readonly bake?: Duration;
  /** The count of a first deployment, when nothing runs that could be counted. @default 1 */
  readonly initialCount?: number;
  /** How long green may take to become steady and healthy. @default 30 minutes */
  readonly steadyStateTimeout?: Duration;
  /** How long blue may take to finish its last requests and stop. @default 30 minutes */
  readonly drainTimeout?: Duration;
  /** How long a written weight is given to take effect everywhere. @default 10 seconds */
  readonly propagation?: Duration;
}

/** The service as it would stand in sidestep.yaml, so that one set of checks and defaults holds for both. */
export function toDocument(props: ServiceProps): Record<string, unknown> {
  return withoutUndefined({
    image: withoutUndefined({
      repository: props.repository.repositoryName,
      registryId: props.registryId,
      container: props.container,
      tags: withoutUndefined({ exact: props.exactTag, glob: props.tagGlob }),
    }),
    traffic: withoutUndefined({
      rules: props.ruleArns,
      listener: props.listenerArn,
      testRule: props.testRuleArn,
    }),
    sides: props.sides.map(({ targetGroupArn, ...side }) => ({ ...side, targetGroup: targetGroupArn })),
    roles: props.roles?.map(({ roleArn }) => roleArn),
    checks: {
      http: (props.httpChecks ?? []).map(({ timeout, ...check }) =>
        withoutUndefined({ ...check, timeout: written(timeout) }),
      ),
      alarms: (props.alarms ?? []).map(({ alarmName }) => alarmName),
    },
    bake: written(props.bake),
    initialCount: props.initialCount,
    steadyState: props.steadyStateTimeout && { timeout: written(props.steadyStateTimeout) },
    drain: props.drainTimeout && { timeout: written(props.drainTimeout) },
    propagation: written(props.propagation),
  });
}

function written(duration: Duration | undefined): string | undefined {
  return duration && `${duration.toSeconds()}s`;
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
