/** Target groups and containers: the service registers a port that the definition has, in a group that can take it. */
import type { Service, TaskDefinition } from '../../../lambdas/aws/ecs.ts';
import type { TargetGroupFacts } from '../../../lambdas/aws/load-balancers.ts';
import { isNetworkListener } from '../../../lambdas/common/configuration/arn.ts';
import { valueIn } from '../fact.ts';
import type { ServiceFacts, SideFacts } from '../facts.ts';
import { type Finding, judged, ng, ok, warn } from '../finding.ts';

export function judgePorts({
  sides,
  base,
  configuration,
}: Pick<ServiceFacts, 'sides' | 'base' | 'configuration'>): Finding[] {
  const definition = valueIn(base);
  const { traffic } = configuration;
  const isNetwork = traffic !== undefined && 'listener' in traffic && isNetworkListener(traffic.listener);
  return sides.flatMap((side) => {
    const service = valueIn(side.service);
    return [
      ...(service && definition ? judgeContainers(side, service, definition) : []),
      ...(side.targetGroup ? judgeGroup(side, side.targetGroup, { definition, isNetwork }) : []),
    ];
  });
}

type PortMapping = NonNullable<
  NonNullable<TaskDefinition['containerDefinitions']>[number]['portMappings']
>[number];

function judgeContainers(
  { name, side }: SideFacts,
  { loadBalancers = [] }: Service,
  definition: TaskDefinition,
): Finding[] {
  const { containerDefinitions = [], networkMode } = definition;
  const ours = side.targetGroup ? loadBalancers : [];
  return ours.map(({ containerName = '', containerPort = 0 }) => {
    const found = containerDefinitions.find((container) => container.name === containerName);
    const place = `${name} registers port ${containerPort} of container ${containerName}`;
    if (!found) {
      const names = containerDefinitions.map((container) => container.name).join(', ');
      return ng(
        `${place}; the task definition has no such container, it has ${names}`,
        'correct loadBalancers of the ECS service, or the container in the task definition',
      );
    }
    const mapping = found.portMappings?.find((one) => maps(one, containerPort));
    if (!mapping)
      return ng(
        `${place}; the task definition maps ${found.portMappings?.map(({ containerPort: port }) => port).join(', ') || 'none'}`,
        `add ${containerPort} to portMappings of ${containerName}`,
      );
    if (networkMode !== 'awsvpc' && networkMode !== 'host' && mapping.hostPort)
      return warn(
        `${place} at the fixed host port ${mapping.hostPort}: blue and green cannot run on one container instance`,
        'use host port 0, or the network mode awsvpc',
      );
    return ok(place);
  });
}

function maps({ containerPort, containerPortRange = '' }: PortMapping, port: number): boolean {
  const [, from = Number.NaN, to = Number.NaN] = /^(\d+)-(\d+)$/.exec(containerPortRange)?.map(Number) ?? [];
  return containerPort === port || (port >= from && port <= to);
}

function judgeGroup(
  { name, side }: SideFacts,
  fact: NonNullable<SideFacts['targetGroup']>,
  { definition, isNetwork }: { definition: TaskDefinition | undefined; isNetwork: boolean },
): Finding[] {
  const todo = 'create it, or correct sides in sidestep.yaml';
  return judged(fact, { what: `target group ${side.targetGroup} of ${name}`, todo }, (group) => {
    const problem = problemWithGroup(group, {
      definition: side.kind === 'fleet' ? undefined : definition,
      isNetwork,
    });
    const label = `target group ${group.name} of ${name}`;
    if (problem)
      return [
        ng(`${label} ${problem}`, 'a target group cannot be changed in this: create another for the side'),
      ];
    return [ok(`${label} takes ${group.targetType} targets by ${group.protocol}`)];
  });
}

/** To be read after the group's name. */
function problemWithGroup(
  { targetType, protocol }: TargetGroupFacts,
  { definition, isNetwork }: { definition: TaskDefinition | undefined; isNetwork: boolean },
): string | undefined {
  const isHttp = protocol === 'HTTP' || protocol === 'HTTPS';
  if (isHttp === isNetwork)
    return `has protocol ${protocol}, and the listener is of ${isNetwork ? 'a Network' : 'an Application'} Load Balancer`;
  if (!definition) return undefined;
  const { networkMode = 'bridge' } = definition;
  const wanted = networkMode === 'awsvpc' ? 'ip' : 'instance';
  if (targetType === wanted) return undefined;
  return `has target type ${targetType}; tasks of network mode ${networkMode} need ${wanted}`;
}
