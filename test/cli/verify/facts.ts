/** Facts of a service in which everything is as it must be: a test changes what it is about. */
import { type Fact, known, unknown } from '../../../cli/verify/fact.ts';
import type { ServiceFacts, SideFacts } from '../../../cli/verify/facts.ts';
import type { Finding } from '../../../cli/verify/finding.ts';
import type { Service, TaskDefinition } from '../../../lambdas/aws/ecs.ts';
import type { TargetGroupFacts } from '../../../lambdas/aws/load-balancers.ts';
import { parseConfiguration } from '../../../lambdas/common/configuration.ts';
import type { ServiceConfiguration, Side } from '../../../lambdas/common/service.ts';

const ELB = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';
export const GROUP_A = `${ELB}:targetgroup/orders-a/0a`;
export const GROUP_B = `${ELB}:targetgroup/orders-b/0b`;
export const RULE = `${ELB}:listener-rule/app/web/01/02/03`;
export const TEST_RULE = `${ELB}:listener-rule/app/web/01/04/05`;
export const ROLE = 'arn:aws:iam::123456789012:role/orders-task';
export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const NOW_MS = Date.UTC(2026, 10, 21);
export const DAY_MS = 86_400_000;

/** @param changes to the service as sidestep.yaml writes it */
export function configurationWith(changes: Readonly<Record<string, unknown>> = {}): ServiceConfiguration {
  const orders = {
    image: { repository: 'orders', container: 'app', tags: { glob: 'v*' } },
    traffic: { rules: [RULE], testRule: TEST_RULE },
    sides: [
      { cluster: 'prod', service: 'orders-a', targetGroup: GROUP_A },
      { cluster: 'prod', service: 'orders-b', targetGroup: GROUP_B },
    ],
    roles: [ROLE],
    checks: { http: [{ path: '/health' }], alarms: ['orders-5xx'] },
    ...changes,
  };
  const { services } = parseConfiguration({ services: { orders } });
  const [service] = services;
  if (!service) throw new Error('the document has no service');
  return service;
}

export const definitionWith = (changes: Partial<TaskDefinition> = {}): TaskDefinition => ({
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/orders:7',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '512',
  taskRoleArn: ROLE,
  containerDefinitions: [{ name: 'app', image: `orders@${DIGEST}`, portMappings: [{ containerPort: 8080 }] }],
  ...changes,
});

export const groupWith = (
  arn: string,
  {
    healthCheck = {},
    ...changes
  }: Partial<Omit<TargetGroupFacts, 'healthCheck'>> & {
    healthCheck?: Partial<TargetGroupFacts['healthCheck']>;
  } = {},
): TargetGroupFacts => ({
  arn,
  name: arn.split('/')[1] ?? '',
  protocol: 'HTTP',
  targetType: 'ip',
  loadBalancerArns: [`${ELB}:loadbalancer/app/web/01`],
  deregistrationDelaySeconds: 30,
  healthCheck: {
    enabled: true,
    protocol: 'HTTP',
    path: '/health',
    intervalSeconds: 10,
    timeoutSeconds: 5,
    healthyThreshold: 3,
    unhealthyThreshold: 3,
    ...healthCheck,
  },
  ...changes,
});

interface SideChanges {
  service?: Partial<Service>;
  definition?: TaskDefinition;
  group?: Parameters<typeof groupWith>[1];
}

export function sideWith(side: Side, { service = {}, definition, group = {} }: SideChanges = {}): SideFacts {
  const { targetGroup } = side;
  return {
    side,
    name: side.service,
    service: known({
      desiredCount: side.service === 'orders-a' ? 4 : 0,
      healthCheckGracePeriodSeconds: 30,
      taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/orders:7',
      loadBalancers: [{ targetGroupArn: targetGroup, containerName: 'app', containerPort: 8080 }],
      ...service,
    }),
    definition: known(definition ?? definitionWith()),
    targetGroup: targetGroup ? known(groupWith(targetGroup, group)) : undefined,
    scaling: known([]),
  };
}

export const forwardTo = (weights: Readonly<Record<string, number>>, stickySeconds?: number) => ({
  Type: 'forward' as const,
  ForwardConfig: {
    TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
    ...(stickySeconds && {
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: stickySeconds },
    }),
  },
});

export const trafficWith = (weights: Readonly<Record<string, number>>): ServiceFacts['traffic'] =>
  known({
    places: [{ arn: RULE, actions: [forwardTo(weights)] }],
    neighbours: [],
    groups: [GROUP_A, GROUP_B],
  });

export function factsWith(changes: Partial<ServiceFacts> = {}): ServiceFacts {
  const configuration = changes.configuration ?? configurationWith();
  return {
    configuration,
    nowMs: NOW_MS,
    sides: configuration.sides.map((side) => sideWith(side)),
    base: known(definitionWith()),
    images: [],
    roles: [],
    secrets: [],
    traffic: trafficWith({ [GROUP_A]: 100, [GROUP_B]: 0 }),
    testRule: known({
      place: { arn: TEST_RULE, actions: [forwardTo({ [GROUP_A]: 1 })] },
      address: {
        origin: { host: 'web.example', port: 8081, isTls: false, isInternal: false },
        conditions: [],
      },
      groups: [GROUP_A, GROUP_B],
    }),
    alarms: { names: ['orders-5xx'], states: known([{ name: 'orders-5xx', state: 'OK', reason: '' }]) },
    logGroups: [],
    scalingDifferences: known([]),
    ecsQuotas: known(new Map([['Tasks per service', 5000]])),
    retentions: [],
    ...changes,
  };
}

export const denied = <T>(): Fact<T> => unknown('these credentials may not look');

/** `NG image … ` lines of what is not good; the others are left out. */
export const complaints = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ status }) => status === 'NG' || status === 'WARN')
    .map(({ status, says }) => `${status} ${says}`);

export const skipped = (findings: readonly Finding[]): string[] =>
  findings.filter(({ status }) => status === 'SKIP').map(({ says }) => says);
