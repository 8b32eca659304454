/** Looks up what runs in a cluster: services, task definitions, target groups and the rules in front of them. */
import { ecr } from '../../lambdas/aws/ecr.ts';
import { ecs } from '../../lambdas/aws/ecs.ts';
import { elbv2 } from '../../lambdas/aws/elbv2.ts';
import { type ForwardingPlace, loadBalancers } from '../../lambdas/aws/load-balancers.ts';
import { listServices } from '../../lambdas/aws/service-names.ts';
import { lastSegment } from '../../lambdas/common/configuration/arn.ts';
import { ImageNotFound } from '../../lambdas/common/errors.ts';
import type { Runtime } from '../../lambdas/common/runtime.ts';
import { weightsOf } from '../../lambdas/decisions/weights.ts';
import { CannotDo } from '../failures.ts';
import type { InitFacts, RunningService } from './facts.ts';
import { chooseContainer } from './image.ts';

export interface ServiceName {
  readonly cluster: string;
  readonly service: string;
}

/** @throws CannotDo if the cluster is missing or has none */
export async function namesIn(runtime: Runtime, cluster: string): Promise<ServiceName[]> {
  const arns = await listServices(runtime, cluster);
  if (arns === undefined) throw new CannotDo(`there is no cluster ${cluster}`);
  if (arns.length === 0) throw new CannotDo(`cluster ${cluster} has no services`);
  return arns
    .map((arn) => ({ cluster, service: lastSegment(arn) }))
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** @throws CannotDo if there is no such cluster; EcsServiceNotFound, TaskDefinitionNotFound */
export async function describeRunning(
  runtime: Runtime,
  { cluster, service: name }: ServiceName,
): Promise<RunningService> {
  const port = ecs(runtime);
  const service = await port.describeService(cluster, name).catch((error: Error): never => {
    if (error.name !== 'ClusterNotFoundException') throw error;
    throw new CannotDo(`there is no cluster ${cluster}`, { cause: error });
  });
  const groups = (service.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
  const [{ taskDefinition }, targetGroups] = await Promise.all([
    port.describeTaskDefinition(service.taskDefinition ?? ''),
    Promise.all(groups.map((arn) => loadBalancers(runtime).describeTargetGroup(arn))),
  ]);
  return {
    cluster,
    name,
    service,
    definition: taskDefinition,
    targetGroups: targetGroups.flatMap((group) => group ?? []),
  };
}

/** Everything that forwards to the services' groups, on all of their load balancers. */
export async function describePlaces(
  runtime: Runtime,
  services: readonly RunningService[],
): Promise<ForwardingPlace[]> {
  const balancers = new Set(
    services.flatMap(({ targetGroups }) => targetGroups.flatMap((group) => group.loadBalancerArns)),
  );
  const all = await Promise.all([...balancers].map((arn) => loadBalancers(runtime).describeForwarding(arn)));
  const groups = new Set(groupsOf(services));
  return all.flat().filter(({ actions }) => Object.keys(weightsOf(actions)).some((arn) => groups.has(arn)));
}

const groupsOf = (services: readonly RunningService[]): string[] =>
  services.flatMap(({ targetGroups }) => targetGroups.map(({ arn }) => arn));

export async function factsFor(
  runtime: Runtime,
  sides: readonly RunningService[],
  all: readonly ForwardingPlace[],
): Promise<InitFacts> {
  const groups = groupsOf(sides);
  const places = all.filter(({ actions }) =>
    Object.keys(weightsOf(actions)).some((arn) => groups.includes(arn)),
  );
  const rule = places.find(({ arn }) => arn.includes(':listener-rule/'));
  const [tags, address] = await Promise.all([
    tagsOf(runtime, sides),
    rule && elbv2(runtime).describeRuleAddress(rule.arn),
  ]);
  return { sides, places, tags, isInternal: address?.origin.isInternal ?? false };
}

/** The tags of the digest that runs; none if it is not given by digest, or ECR has it no longer. */
async function tagsOf(runtime: Runtime, sides: readonly RunningService[]): Promise<readonly string[]> {
  const running = sides.find(({ service }) => (service.desiredCount ?? 0) > 0) ?? sides[0];
  const chosen =
    running && chooseContainer(running.definition, running.service.loadBalancers?.[0]?.containerName);
  if (!chosen?.image.digest) return [];
  const { repository, registryId, digest } = chosen.image;
  try {
    return (await ecr(runtime).describeImage(repository, { digest }, registryId)).tags;
  } catch (error) {
    if (error instanceof ImageNotFound) return [];
    throw error;
  }
}
