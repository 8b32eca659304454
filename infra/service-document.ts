/** A service made of constructs, as it would stand in sidestep.yaml: one set of checks and defaults holds for both. */
import type { Duration } from 'aws-cdk-lib';
import type { IRole, IUser } from 'aws-cdk-lib/aws-iam';
import type { ImageProps, SidecarProps } from './image-props.ts';
import type { ServiceProps, SideProps } from './service-props.ts';
import type { StrategyProps } from './strategy-props.ts';

/** @returns a service of the document that parseConfiguration takes; nothing in it is undefined */
export function toDocument(props: ServiceProps): Record<string, unknown> {
  return withoutUndefined({
    image: imageOf(props),
    strategy: props.strategy && strategyOf(props.strategy),
    traffic: trafficOf(props),
    sides: props.sides.map(sideOf),
    roles: props.roles?.map(({ roleArn }) => roleArn),
    checks: checksOf(props),
    analysis: props.analysis && withDurations(props.analysis, 'period', 'lag'),
    approval: props.approval && withDurations(props.approval, 'timeout'),
    approvers: props.approvers?.map(approverArn),
    migration: props.migration && withDurations(props.migration, 'timeout'),
    bake: written(props.bake),
    keepBlue: written(props.keepBlue),
    pause: props.pauseTimeout && { timeout: written(props.pauseTimeout) },
    deadline: written(props.deadline),
    initialCount: props.initialCount,
    steadyState: props.steadyStateTimeout && { timeout: written(props.steadyStateTimeout) },
    drain: ifAny({ timeout: written(props.drainTimeout), sticky: written(props.drainSticky) }),
    propagation: written(props.propagation),
    windows: props.windows?.map(({ duration, ...window }) => ({ ...window, for: written(duration) })),
    schedules: props.schedules?.map((schedule) => ({ ...schedule })),
    whenBusy: props.whenBusy,
    after: props.after,
    group: props.group && withDurations(props.group, 'timeout'),
    history: props.history && { keep: written(props.history) },
  });
}

function imageOf(props: ImageProps): Record<string, unknown> {
  const { container, otherContainers = [], scan, signature } = props;
  return withoutUndefined({
    ...sourceOf({ ...props, containers: [container, ...otherContainers] }),
    base: props.base,
    minimumAge: written(props.minimumAge),
    scan: scan && withDurations(scan, 'timeout'),
    signature: signature && withDurations(signature, 'timeout'),
    keepTag: props.keepTag,
    sidecars: props.sidecars?.map(sourceOf),
  });
}

function sourceOf({ repository, registryId, containers, ...tags }: SidecarProps): Record<string, unknown> {
  const { tagSemver: semver, tagGlob: glob, newestTag: newest, exactTag: exact } = tags;
  const [only] = containers;
  return withoutUndefined({
    repository: repository.repositoryName,
    registryId,
    container: containers.length === 1 ? only : containers,
    tags: withoutUndefined({ semver, glob, newest, exact }),
  });
}

const approverArn = (approver: IRole | IUser): string =>
  'roleArn' in approver ? approver.roleArn : approver.userArn;

function strategyOf({ steps, ...strategy }: StrategyProps): Record<string, unknown> {
  return withoutUndefined({
    ...withDurations(strategy, 'bake', 'every'),
    steps: steps?.map((step) => withDurations(step, 'bake')),
  });
}

function trafficOf({
  ruleArns,
  listenerArn,
  modules,
  testRuleArn,
}: ServiceProps): Record<string, unknown> | undefined {
  return ifAny({
    rules: ruleArns,
    listener: listenerArn,
    modules: modules?.map(({ ruleArn, ...module }) => ({ ...module, rule: ruleArn })),
    testRule: testRuleArn,
  });
}

function sideOf({ cluster, service, fleet, targetGroupArn }: SideProps): Record<string, unknown> {
  return withoutUndefined({ cluster, service, fleet, targetGroup: targetGroupArn });
}

function checksOf(props: ServiceProps): Record<string, unknown> {
  const { httpChecks = [], checkNetwork, lambdaChecks = [], taskChecks = [], alarms = [], sides } = props;
  const watched = sides.flatMap(({ service, fleet, alarms: ofSide = [] }) =>
    ofSide.length === 0 ? [] : [[fleet ?? service ?? '', ofSide.map(({ alarmName }) => alarmName)] as const],
  );
  return withoutUndefined({
    http: httpChecks.map(({ latency, ...check }) =>
      withoutUndefined({
        ...withDurations(check, 'timeout'),
        latency: latency && `${latency.toMilliseconds()}ms`,
      }),
    ),
    network: checkNetwork && {
      subnets: checkNetwork.subnets.map(({ subnetId }) => subnetId),
      securityGroups: checkNetwork.securityGroups.map(({ securityGroupId }) => securityGroupId),
    },
    lambda: lambdaChecks.map(({ function: { functionArn }, timeout }) =>
      withoutUndefined({ function: functionArn, timeout: written(timeout) }),
    ),
    task: taskChecks.map(({ taskDefinition, cluster, timeout }) =>
      withoutUndefined({
        taskDefinition: taskDefinition.taskDefinitionArn,
        cluster: cluster?.clusterName,
        timeout: written(timeout),
      }),
    ),
    alarms: { service: alarms.map(({ alarmName }) => alarmName), sides: Object.fromEntries(watched) },
  });
}

/** The same with some of its durations as sidestep.yaml writes them. */
function withDurations<Props extends object>(props: Props, ...keys: readonly (keyof Props)[]): object {
  const durations = keys.map((key) => [key, written(props[key] as Duration | undefined)]);
  return withoutUndefined({ ...props, ...Object.fromEntries(durations) });
}

function written(duration: Duration | undefined): string | undefined {
  return duration && `${duration.toSeconds()}s`;
}

function ifAny(record: Record<string, unknown>): Record<string, unknown> | undefined {
  const given = withoutUndefined(record);
  return Object.keys(given).length === 0 ? undefined : given;
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
