/** Reads how a service stands: the table, the live weights, the sides, and which images run there. */
import { dynamodb, type Table } from '../../lambdas/aws/dynamodb.ts';
import { type Ecs, ecs, type Service } from '../../lambdas/aws/ecs.ts';
import { type Elbv2, elbv2 } from '../../lambdas/aws/elbv2.ts';
import { lastSegment } from '../../lambdas/common/configuration/arn.ts';
import type { Deployment, ListenerWeights } from '../../lambdas/common/deployment.ts';
import { Refusal } from '../../lambdas/common/errors.ts';
import { productionPlaces, readWeights } from '../../lambdas/common/places.ts';
import type { Runtime } from '../../lambdas/common/runtime.ts';
import type { ServiceConfiguration, Side } from '../../lambdas/common/service.ts';
import { describeTarget } from '../../lambdas/decisions/target-health.ts';
import { getDeployment, queryNewestDeployments } from '../../lambdas/table/deployments.ts';
import { type Lock, queryLocks } from '../../lambdas/table/locks.ts';
import { queryOpenWaits } from '../../lambdas/table/open-waits.ts';
import { getRestraints } from '../../lambdas/table/restraints.ts';
import { queryWaiting, type Waiting } from '../../lambdas/table/waiting-place.ts';
import type { RestraintStatus, ServiceStatus, SideStatus, TargetGroupStatus } from './facts.ts';
import { iso, pastOf, revisionName, type SeenWait, underWayOf, waitingOf } from './progress.ts';
import { placesOf, roleOf, sharesOf, weightsMeant } from './sides.ts';

/** Records looked through for the last weights meant, for tags, and for the deployments that are shown. */
const RECORDS_MAX = 10;
const LAST_MAX = 3;

export interface GatherInput {
  readonly configurations: readonly ServiceConfiguration[];
  readonly runtime: Runtime;
  readonly nowMs: number;
  /** The command line that says a word to a service: `sidestep abort orders`. */
  readonly commandOf: (word: string, service: string) => string;
}

interface Ports {
  readonly table: Table;
  readonly ecs: Ecs;
  readonly elbv2: Elbv2;
}

interface Shared {
  readonly locks: readonly Lock[];
  readonly waits: readonly SeenWait[];
  readonly waitings: readonly Waiting[];
}

/** How each of the services stands now, in the order given. */
export async function gatherStatus(input: GatherInput): Promise<ServiceStatus[]> {
  const { runtime, configurations } = input;
  const ports = { table: dynamodb(runtime), ecs: ecs(runtime), elbv2: elbv2(runtime) };
  const [locks, waits, waitings] = await Promise.all([
    queryLocks(ports.table),
    queryOpenWaits(ports.table),
    queryWaiting(ports.table),
  ]);
  const shared = { locks, waits, waitings };
  return Promise.all(configurations.map((configuration) => gatherOne(configuration, shared, ports, input)));
}

async function gatherOne(
  configuration: ServiceConfiguration,
  { locks, waits, waitings }: Shared,
  ports: Ports,
  { nowMs, commandOf }: GatherInput,
): Promise<ServiceStatus> {
  const { name, strategy } = configuration;
  const lock = locks.find(({ service }) => service === name);
  const waiting = waitings.find(({ service }) => service === name);
  const [records, holder, restraints] = await Promise.all([
    queryNewestDeployments(ports.table, name, { limit: RECORDS_MAX }),
    lock && getDeployment(ports.table, lock.deploymentId),
    restraintsOf(ports.table, name, nowMs),
  ]);
  const known = holder ? [holder, ...records] : records;
  const live = await describeSides(configuration, known, holder, ports);
  const last = records.flatMap((record) => pastOf(record) ?? []).slice(0, LAST_MAX);
  return {
    service: name,
    strategy: strategy.type,
    ...live,
    deployment:
      lock &&
      holder &&
      underWayOf(holder, {
        lock,
        wait: waits.find(({ deploymentId }) => deploymentId === lock.deploymentId),
        nowMs,
        commandOf: (word) => commandOf(word, name),
      }),
    waiting: waiting && waitingOf(waiting, lock !== undefined),
    restraints,
    last,
  };
}

async function restraintsOf(table: Table, service: string, nowMs: number): Promise<RestraintStatus[]> {
  const { frozen, suspended } = await getRestraints(table, service);
  const restraints: RestraintStatus[] = [];
  // A freeze that is over stays in the table until the next one.
  if (frozen && frozen.untilMs > nowMs) {
    const { why, by, atMs, untilMs } = frozen;
    restraints.push({ kind: 'frozen', why, by, at: iso(atMs), until: iso(untilMs) });
  }
  if (suspended) {
    const { why, by, atMs, deploymentId } = suspended;
    restraints.push({ kind: 'suspended', why, by, at: iso(atMs), deploymentId });
  }
  return restraints;
}

async function describeSides(
  configuration: ServiceConfiguration,
  records: readonly Deployment[],
  holder: Deployment | undefined,
  ports: Ports,
): Promise<Pick<ServiceStatus, 'sides' | 'places' | 'problems'>> {
  const problems: string[] = [];
  /** What is not there is told, and the rest shown. */
  const orProblem = async <T>(read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(`${error.name}: ${error.message}`);
      return undefined;
    }
  };
  const services = new Map<Side, Service | undefined>();
  for (const side of configuration.sides)
    if (side.kind === 'ecs')
      services.set(side, await orProblem(ports.ecs.describeService(side.cluster, side.service)));
  const arns = [...productionPlaces(configuration.traffic), ...[...services.values()].flatMap(nativeRuleOf)];
  const live = (arns.length > 0 && (await orProblem(readWeights(ports.elbv2, arns)))) || [];
  const isOurs = productionPlaces(configuration.traffic).length > 0;
  const places = placesOf(live, isOurs ? weightsMeant(records) : undefined);
  const sides = await Promise.all(
    configuration.sides.map(async (side): Promise<SideStatus> => {
      const service = services.get(side);
      const groups = targetGroupsOf(side, service);
      const image = service && (await orProblem(imageOf(service, configuration, records, ports.ecs)));
      return {
        kind: side.kind,
        cluster: lastSegment(side.cluster),
        service: lastSegment(side.service),
        role: roleOf(side, configuration, holder, isOurs ? live : NONE),
        targetGroups: await Promise.all(groups.map((arn) => targetGroupOf(arn, places, ports.elbv2))),
        runningCount: service?.runningCount,
        desiredCount: service?.desiredCount,
        pendingCount: service?.pendingCount,
        revision: revisionName(service?.taskDefinition),
        ...image,
      };
    }),
  );
  return { sides, places, problems };
}

const NONE: readonly ListenerWeights[] = [];

/** The rule that ECS itself shifts. */
const nativeRuleOf = (service: Service | undefined): string[] =>
  (service?.loadBalancers ?? []).flatMap(
    ({ advancedConfiguration }) => advancedConfiguration?.productionListenerRule ?? [],
  );

/** Of a native service also the group that is its other half. */
function targetGroupsOf({ targetGroup }: Side, service: Service | undefined): string[] {
  const ofNative = (service?.loadBalancers ?? []).flatMap(({ targetGroupArn, advancedConfiguration }) =>
    advancedConfiguration?.alternateTargetGroupArn
      ? [targetGroupArn ?? '', advancedConfiguration.alternateTargetGroupArn]
      : [],
  );
  return [...new Set([targetGroup, ...ofNative].filter((arn) => arn !== ''))];
}

async function targetGroupOf(
  arn: string,
  places: Parameters<typeof sharesOf>[1],
  { describeTargetHealth }: Elbv2,
): Promise<TargetGroupStatus> {
  const targets = (await describeTargetHealth(arn)).filter(
    ({ TargetHealth }) => !/draining/.test(TargetHealth?.State ?? ''),
  );
  const unhealthy = targets.filter(({ TargetHealth }) => TargetHealth?.State !== 'healthy');
  return {
    arn,
    ...sharesOf(arn, places),
    healthyCount: targets.length - unhealthy.length,
    targetCount: targets.length,
    unhealthy: unhealthy.map(describeTarget),
  };
}

/** By the running definition; what tag that was, the history knows. */
async function imageOf(
  { taskDefinition = '' }: Service,
  { image }: ServiceConfiguration,
  records: readonly Deployment[],
  { describeTaskDefinition }: Ecs,
): Promise<Pick<SideStatus, 'digest' | 'tag'>> {
  const described = await describeTaskDefinition(taskDefinition);
  const { containerDefinitions = [] } = described.taskDefinition;
  const uri = containerDefinitions.find(({ name }) => name === image.containers[0])?.image ?? '';
  const [path = '', digestInUri] = uri.split('@');
  const tagInUri = /:([^:/]+)$/.exec(path)?.[1];
  const digest =
    digestInUri ?? records.find(({ revisionArn }) => revisionArn === taskDefinition)?.image.digest;
  const tag = records.find((record) => record.image.digest === digest && record.image.tag)?.image.tag;
  return { digest, tag: tag ?? tagInUri };
}
