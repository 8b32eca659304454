/** Services made of constructs: the same configuration that sidestep.yaml would give. */
import { App, Duration, Stack, Token } from 'aws-cdk-lib';
import { Alarm, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SecurityGroup, Subnet } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role, User } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { toDocument } from '../../infra/service-document.ts';
import { type ServiceProps, Side } from '../../infra/service-props.ts';
import { Strategy, type StrategyProps } from '../../infra/strategy-props.ts';
import { parseConfiguration } from '../../lambdas/common/configuration.ts';
import type { ServiceConfiguration } from '../../lambdas/common/service.ts';
import { temporaryDirectory } from './files.ts';

const ELB = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
const rule = (id: string) => `${ELB}:listener-rule/app/web/1a/2b/${id}`;

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App({ outdir: temporaryDirectory() }), 'Shop');
});

function alarm(name: string): IAlarm {
  return Alarm.fromAlarmArn(stack, name, `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`);
}

const side = (letter: string) => ({
  cluster: 'prod',
  service: `orders-${letter}`,
  targetGroupArn: `${ELB}:targetgroup/orders-${letter}/3c`,
});

function configured(props: Partial<ServiceProps>): ServiceConfiguration {
  const complete: ServiceProps = {
    repository: Repository.fromRepositoryName(stack, 'Repository', 'orders'),
    container: 'app',
    tagGlob: 'v*',
    ruleArns: [rule('1')],
    sides: [side('a'), side('b')],
    ...props,
  };
  const { services } = parseConfiguration(
    { services: { orders: toDocument(complete) } },
    { isKnownLater: (text) => Token.isUnresolved(text) },
  );
  const [only] = services;
  if (!only) throw new Error('no service');
  return only;
}

describe('a strategy made by CDK', () => {
  const minutes = Duration.minutes(5);
  const shifting: [StrategyProps, object][] = [
    [Strategy.allAtOnce(), { type: 'all-at-once' }],
    [Strategy.canary(0.5, minutes), { type: 'canary', percent: 0.5, bakeSeconds: 300 }],
    [Strategy.linear(20, minutes), { type: 'linear', percent: 20, everySeconds: 300 }],
    [
      Strategy.steps({ percent: 10, bake: minutes }, { percent: 100 }),
      {
        type: 'steps',
        steps: [
          { percent: 10, bakeSeconds: 300 },
          { percent: 100, bakeSeconds: 600 },
        ],
      },
    ],
  ];

  it.each(shifting)('is that of the file: $0.type', (strategy, expected) => {
    expect(configured({ strategy }).strategy).toEqual(expected);
  });

  it.each([Strategy.rolling(), Strategy.recreate(), Strategy.native()])(
    'needs no load balancer: $type',
    (strategy) => {
      const { cluster, service } = side('a');

      expect(configured({ strategy, sides: [{ cluster, service }], ruleArns: undefined })).toMatchObject({
        strategy: { type: strategy.type },
        sides: [{ kind: 'ecs', service: 'orders-a', targetGroup: '' }],
      });
    },
  );
});

it('says with constructs whatever the file says with names', () => {
  const service = configured({
    base: 'family-latest',
    strategy: Strategy.canary(10, Duration.minutes(10)),
    ruleArns: undefined,
    modules: [{ name: 'billing', ruleArn: rule('1'), address: 'zone-1/billing' }],
    testRuleArn: rule('9'),
    sides: [
      { fleet: 'vms', targetGroupArn: `${ELB}:targetgroup/vms/3c`, alarms: [alarm('vms-5xx')] },
      { ...side('b'), alarms: [alarm('b-5xx'), alarm('b-slow')] },
    ],
    httpChecks: [
      {
        path: '/',
        method: 'POST',
        host: 'shop.example.com',
        json: { '/status': 'up' },
        inARow: 3,
        latency: Duration.millis(250),
        timeout: Duration.seconds(2),
      },
    ],
    checkNetwork: {
      subnets: [Subnet.fromSubnetId(stack, 'Subnet', 'subnet-0a1b2c3d')],
      securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0a1b2c3d')],
    },
    lambdaChecks: [
      {
        function: LambdaFunction.fromFunctionArn(
          stack,
          'Smoke',
          'arn:aws:lambda:eu-west-1:123456789012:function:smoke',
        ),
        timeout: Duration.minutes(2),
      },
    ],
    taskChecks: [
      {
        taskDefinition: FargateTaskDefinition.fromFargateTaskDefinitionArn(
          stack,
          'SmokeTask',
          'arn:aws:ecs:eu-west-1:123456789012:task-definition/smoke:3',
        ),
      },
    ],
    alarms: [alarm('orders-5xx')],
    analysis: { lag: Duration.minutes(3) },
    approval: { gates: ['before-traffic'], timeout: Duration.hours(2) },
    approvers: [
      Role.fromRoleArn(stack, 'Grace', 'arn:aws:iam::123456789012:role/grace'),
      User.fromUserArn(stack, 'Ada', 'arn:aws:iam::123456789012:user/ada'),
    ],
    migration: { command: ['migrate'], timeout: Duration.minutes(5) },
    keepBlue: Duration.hours(1),
    pauseTimeout: Duration.hours(2),
    deadline: Duration.minutes(30),
    drainSticky: Duration.minutes(10),
    whenBusy: 'supersede',
    after: [],
    group: { name: 'shop', together: false, timeout: Duration.minutes(20) },
  });

  expect(service).toMatchObject({
    image: { base: 'family-latest' },
    traffic: { rules: [rule('1')], testRule: rule('9') },
    modules: [{ name: 'billing', rule: rule('1'), address: 'zone-1/billing' }],
    sides: [
      { kind: 'fleet', service: 'vms' },
      { kind: 'ecs', service: 'orders-b' },
    ],
    checks: {
      http: [
        {
          method: 'POST',
          host: 'shop.example.com',
          json: { '/status': 'up' },
          inARow: 3,
          latencyMs: 250,
          timeoutSeconds: 2,
        },
      ],
      network: { subnets: ['subnet-0a1b2c3d'], securityGroups: ['sg-0a1b2c3d'] },
      lambda: [{ functionName: 'arn:aws:lambda:eu-west-1:123456789012:function:smoke', timeoutSeconds: 120 }],
      task: [
        {
          taskDefinition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/smoke:3',
          timeoutSeconds: 600,
        },
      ],
      alarms: { service: ['orders-5xx'], sides: { vms: ['vms-5xx'], 'orders-b': ['b-5xx', 'b-slow'] } },
    },
    analysis: { minimumRequests: 1000, lagSeconds: 180 },
    approval: { gates: ['before-traffic'], timeoutSeconds: 7200, otherwise: 'reject' },
    approvers: ['arn:aws:iam::123456789012:role/grace', 'arn:aws:iam::123456789012:user/ada'],
    migration: { container: 'app', command: ['migrate'], timeoutSeconds: 300 },
    keepBlueSeconds: 3600,
    pauseTimeoutSeconds: 7200,
    deadlineSeconds: 1800,
    drainTimeoutSeconds: 1800,
    drainStickySeconds: 600,
    whenBusy: 'supersede',
    group: { name: 'shop', together: false, timeoutSeconds: 1200 },
  });
});

it('takes sides and their alarms from constructs whose names are known at deployment', () => {
  const cluster = new Cluster(stack, 'Cluster');
  const taskDefinition = new FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('app', { image: ContainerImage.fromRegistry('nginx') });
  const service = new FargateService(stack, 'Service', { cluster, taskDefinition });
  const [group, vms] = ['Target', 'Vms'].map(
    (id) => new ApplicationTargetGroup(stack, id, { vpc: cluster.vpc, port: 80 }),
  ) as [ApplicationTargetGroup, ApplicationTargetGroup];
  const watching = new Alarm(stack, 'Alarm', {
    metric: service.metricCpuUtilization(),
    threshold: 1,
    evaluationPeriods: 1,
  });

  const { sides, checks } = configured({
    sides: [Side.of(service, group, [watching]), Side.fleet('vms', vms)],
  });

  expect(Object.keys(checks.alarms.sides)).toEqual([service.serviceName]);
  expect(sides[0].targetGroup).toBe(group.targetGroupArn);
  expect(sides[1]).toMatchObject({ kind: 'fleet', service: 'vms' });
});

it('is refused in the words of the file', () => {
  expect(() => configured({ strategy: Strategy.rolling() })).toThrow(
    /services\.orders\.sides: found two sides, allowed: one side, because rolling/,
  );
});

it('takes images of several repositories for several containers, behind gates', () => {
  const router = Repository.fromRepositoryName(stack, 'Router', 'router');
  const { image } = configured({
    tagGlob: undefined,
    tagSemver: '>=1.0.0',
    otherContainers: ['worker'],
    minimumAge: Duration.hours(1),
    scan: { atMost: 'HIGH', timeout: Duration.minutes(5) },
    signature: {},
    keepTag: 'in-use',
    sidecars: [{ repository: router, containers: ['log-router'], newestTag: true }],
  });
  expect(image).toEqual({
    repository: 'orders',
    containers: ['app', 'worker'],
    tags: { semver: '>=1.0.0' },
    base: 'running',
    minimumAgeSeconds: 3600,
    scan: { atMost: 'HIGH', timeoutSeconds: 300 },
    signature: { timeoutSeconds: 600 },
    keepTag: 'in-use',
    sidecars: [{ repository: 'router', containers: ['log-router'], tags: { newest: true } }],
  });
});
