/** Sidestep in somebody else's CDK app: constructs instead of ARNs, and the same checks. */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListenerRule,
  ApplicationLoadBalancer,
  ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type ServiceProps, Side } from '../../infra/service-props.ts';
import { Sidestep, type SidestepProps } from '../../infra/sidestep.ts';
import { emptyHandlers, temporaryDirectory, writeFile } from './files.ts';
import { rendered, SynthesizedTemplate } from './template.ts';

// A limit for a machine that is busy with other tests, never a measure.
vi.setConfig({ testTimeout: 60_000 });

const handlersDirectory = emptyHandlers();

let app: App;
let stack: Stack;

beforeEach(() => {
  app = new App({ outdir: temporaryDirectory(), builtinCloudFormationValidation: false });
  stack = new Stack(app, 'Shop');
});

function createSidestep(props: SidestepProps = {}, id = 'Sidestep'): Sidestep {
  return new Sidestep(stack, id, { handlersDirectory, ...props });
}

function synthesized(): SynthesizedTemplate {
  return SynthesizedTemplate.read(app.synth().directory, 'Shop');
}

/** The parameters with the configurations of services, in the order of their parts. */
function configurationParameters(template: SynthesizedTemplate) {
  return template
    .ofType('AWS::SSM::Parameter')
    .map(({ properties }) => properties)
    .filter(({ Name }) => /^\/\w+\/services\//.test(Name));
}

/** A service with two sides, as constructs of the same stack. */
function createWorld(): ServiceProps {
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 });
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  const listener = new ApplicationLoadBalancer(stack, 'Web', { vpc }).addListener('Http', { port: 80 });
  listener.addAction('NotFound', { action: ListenerAction.fixedResponse(404) });
  const taskDefinition = new FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('app', {
    image: ContainerImage.fromRegistry('nginx'),
    portMappings: [{ containerPort: 80 }],
  });
  const [a, b] = ['A', 'B'].map((letter) => {
    const service = new FargateService(stack, `Service${letter}`, {
      cluster,
      taskDefinition,
      desiredCount: 0,
    });
    const targetGroup = new ApplicationTargetGroup(stack, `Group${letter}`, {
      vpc,
      port: 80,
      targets: [service],
    });
    return { service, targetGroup };
  }) as [
    { service: FargateService; targetGroup: ApplicationTargetGroup },
    { service: FargateService; targetGroup: ApplicationTargetGroup },
  ];
  const rule = new ApplicationListenerRule(stack, 'Rule', {
    listener,
    priority: 1,
    conditions: [ListenerCondition.pathPatterns(['/*'])],
    action: ListenerAction.weightedForward([
      { targetGroup: a.targetGroup, weight: 100 },
      { targetGroup: b.targetGroup, weight: 0 },
    ]),
  });
  return {
    repository: new Repository(stack, 'Repository'),
    container: 'app',
    tagGlob: 'v*',
    ruleArns: [rule.listenerRuleArn],
    sides: [Side.of(a.service, a.targetGroup), Side.of(b.service, b.targetGroup)],
    roles: [taskDefinition.taskRole, taskDefinition.obtainExecutionRole()],
    bake: Duration.minutes(3),
  };
}

const ELB = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';

/** A service that is named by ARNs only. */
function named(name: string, otherwise: Partial<ServiceProps> = {}): ServiceProps {
  const repositoryName = 'shop/web';
  const repository = Repository.fromRepositoryName(stack, `Repository-${name}`, repositoryName);
  const side = (letter: string) => ({
    cluster: 'prod',
    service: `${name}-${letter}`,
    targetGroupArn: `${ELB}:targetgroup/${name}-${letter}/3c`,
  });
  return {
    repository,
    container: 'app',
    exactTag: 'live',
    listenerArn: `${ELB}:listener/app/${name}/1a/2b`,
    sides: [side('a'), side('b')],
    ...otherwise,
  };
}

describe('a service made of constructs', () => {
  it('becomes the same configuration that a file would give, with what is known at deployment put in', () => {
    createSidestep().addService('orders', createWorld());

    const [parameter] = configurationParameters(synthesized());
    const configuration = JSON.parse(rendered(parameter?.Value));
    expect(configuration).toMatchObject({
      name: 'orders',
      image: { containers: ['app'], tags: { glob: 'v*' } },
      strategy: { type: 'all-at-once' },
      bakeSeconds: 180,
      drainTimeoutSeconds: 1800,
    });
    expect(configuration.sides[0].cluster).toMatch(/^<Cluster\w+>$/);
    expect(configuration.sides[0].service).toMatch(/^<ServiceA\w+\.Name>$/);
    expect(configuration.sides[1].targetGroup).toMatch(/^<GroupB\w+>$/);
    expect(configuration.roles).toHaveLength(2);
  });

  it('is all that the functions may write to', () => {
    createSidestep().addService('orders', createWorld());

    const template = synthesized();
    const start = template.roleOf(template.functionOf('start-green'));
    const update = template
      .statementsOf(start)
      .find(({ Action }) => [Action].flat().includes('ecs:UpdateService'));
    expect(rendered(update?.Resource)).toMatch(
      /service\/<Cluster\w+>\/<ServiceA\w+\.Name> .*<ServiceB\w+\.Name>$/,
    );
  });

  it('may use the default action of a listener, alarms and other times', () => {
    const alarms = [
      Alarm.fromAlarmArn(stack, 'Alarm', 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:web-5xx'),
    ];
    createSidestep().addService(
      'web',
      named('web', { alarms, drainTimeout: Duration.hours(2), propagation: Duration.seconds(20) }),
    );

    const template = synthesized();
    const [parameter] = configurationParameters(template);
    expect(JSON.parse(rendered(parameter?.Value))).toMatchObject({
      traffic: { listener: `${ELB}:listener/app/web/1a/2b` },
      checks: { alarms: { service: ['web-5xx'], sides: {} } },
      drainTimeoutSeconds: 7200,
      propagationSeconds: 20,
    });
    expect(template.actionsOf('modify-listener')).toContain('elasticloadbalancing:ModifyListener');
    expect(template.actionsOf('modify-listener')).not.toContain('elasticloadbalancing:ModifyRule');
  });

  it('is refused with every problem at once, in the words of sidestep.yaml', () => {
    const [side] = named('web').sides;
    const wrong = named('wrong', { sides: side ? [side, side] : [], tagGlob: 'v*', bake: Duration.days(30) });

    expect(() => createSidestep().addService('Web', wrong)).toThrowErrorMatchingInlineSnapshot(`
      [ConfigurationInvalid: Shop/Sidestep has 5 problems:
        services.Web.bake: found '2592000s', allowed: a duration from 0s to 7d, such as 30s, 10m or 1h
        services.Web: found the name 'Web', allowed: a service name: a small letter, then at most 31 small letters, digits and hyphens
        services.Web.image.tags: found glob and exact, allowed: exactly one of semver, glob, newest, exact
        services.Web.sides[1].targetGroup: found 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-a/3c' a second time, allowed: two sides on two different target groups
        services.Web.sides[1].service: found 'prod/web-a' a second time, allowed: two sides that are two different ECS services]
    `);
  });

  it('is refused when an earlier service uses its target group', () => {
    const sidestep = createSidestep();
    sidestep.addService('web', named('web'));

    expect(() =>
      sidestep.addService(
        'copy',
        named('copy', {
          sides: named('web2').sides.map((side, index) =>
            index === 0 ? { ...side, targetGroupArn: `${ELB}:targetgroup/web-a/3c` } : side,
          ),
        }),
      ),
    ).toThrow(/services.copy.sides\[0\].targetGroup: .* which services.web uses too/);
  });
});

describe('several services', () => {
  it('that share a repository share its rule', () => {
    const sidestep = createSidestep();
    sidestep.addService('web', named('web'));
    sidestep.addService('admin', named('admin'));

    const pushes = synthesized()
      .ofType('AWS::Events::Rule')
      .filter(({ properties }) => properties.EventPattern?.source?.[0] === 'aws.ecr');
    expect(pushes.map(({ properties }) => properties.EventPattern.detail['repository-name'])).toEqual([
      ['shop/web'],
    ]);
  });

  it('may name each other in any order, and are asked when all are there', () => {
    const sidestep = createSidestep();
    sidestep.addService('web', named('web', { after: ['admin'] }));
    expect(() => app.synth()).toThrow(/services.web.after\[0\]: found the unknown 'admin'/);
    sidestep.addService('admin', named('admin'));
    const [, web] = configurationParameters(synthesized());
    expect(JSON.stringify(web)).toContain('admin');
  });

  it('each add their own ARNs to what a function may do, without the feature flags too', () => {
    const sidestep = createSidestep();
    sidestep.addService('web', named('web'));
    sidestep.addService('admin', named('admin'));

    const template = synthesized();
    const role = template.roleOf(template.functionOf('modify-listener'));
    const listeners = template
      .statementsOf(role)
      .filter(({ Action }) => Action === 'elasticloadbalancing:ModifyListener')
      .flatMap(({ Resource }) => Resource);
    expect(listeners).toEqual([`${ELB}:listener/app/web/1a/2b`, `${ELB}:listener/app/admin/1a/2b`]);
  });
});

describe('a configuration that is long', () => {
  const alarmsOf = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${String(index).padStart(3, '0')}-${'x'.repeat(96)}`;
      return Alarm.fromAlarmArn(
        stack,
        `Alarm${index}`,
        `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`,
      );
    });

  function parametersFor(alarmCount: number) {
    createSidestep().addService('web', named('web', { alarms: alarmsOf(alarmCount) }));
    return configurationParameters(synthesized());
  }

  it('takes the advanced tier above 4 KB', () => {
    const [parameter, ...others] = parametersFor(40);

    expect(others).toEqual([]);
    expect(parameter).toMatchObject({ Name: '/sidestep/services/web', Tier: 'Advanced' });
  });

  it('is cut into numbered parts above 8 KB, which make the whole again', () => {
    const parameters = parametersFor(90);

    expect(parameters.map(({ Name }) => Name)).toEqual([
      '/sidestep/services/web',
      '/sidestep/services/web/2',
    ]);
    for (const { Value } of parameters) expect(Value.length).toBeLessThanOrEqual(8192);
    const whole = JSON.parse(parameters.map(({ Value }) => Value).join(''));
    expect(whole.checks.alarms.service).toHaveLength(90);
  });

  it('wakes by all of its alarms, in patterns that EventBridge takes', () => {
    createSidestep().addService('web', named('web', { alarms: alarmsOf(40) }));

    const patterns = synthesized()
      .ofType('AWS::Events::Rule')
      .map(({ properties }) => properties.EventPattern)
      .filter((pattern) => pattern?.source?.[0] === 'aws.cloudwatch');
    expect(patterns.flatMap((pattern) => pattern.detail.alarmName)).toHaveLength(40);
    for (const pattern of patterns) expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2048);
  });
});

describe('the construct', () => {
  it('may stand twice in one account, under another prefix', () => {
    createSidestep();
    createSidestep({ prefix: 'other' }, 'Other').addService('web', named('web'));

    const template = synthesized();
    const names = template
      .ofType('AWS::StepFunctions::StateMachine')
      .map(({ properties }) => properties.StateMachineName);
    expect(names).toEqual(['sidestep-deploy', 'other-deploy']);
    const parameters = template.ofType('AWS::SSM::Parameter').map(({ properties }) => properties.Name);
    expect(parameters.sort()).toEqual(['/other/services/web', '/other/stack', '/sidestep/stack']);
  });

  it('lets a role speak by the URL of the function, and not without it', () => {
    const role = new Role(stack, 'Operators', { assumedBy: new AccountRootPrincipal() });
    createSidestep().grantSignals(role);

    const policies = synthesized().ofType('AWS::IAM::Policy');
    const [policy] = policies.filter(({ logicalId }) => logicalId.startsWith('Operators'));
    expect(policy?.properties.PolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Action: 'lambda:InvokeFunctionUrl',
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      }),
      expect.objectContaining({
        Action: 'lambda:InvokeFunction',
        Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      }),
    ]);
  });

  it('refuses a prefix that could not be a name', () => {
    expect(() => createSidestep({ prefix: 'My Prefix' })).toThrow(/prefix: found 'My Prefix', allowed:/);
  });

  it('says which handler has no code', () => {
    expect(() => createSidestep({ handlersDirectory: temporaryDirectory() })).toThrow(
      /the handler start-deployment has no code: found no .*index\.mjs/,
    );
  });

  it('says which state names no handler', () => {
    const definitionFile = writeFile(
      `${temporaryDirectory()}/deploy.asl.json`,
      `{"Resource": "\${ShiftTraffik}"}`,
    );

    expect(() => createSidestep({ definitionFile })).toThrow(
      /found \$\{ShiftTraffik\}, allowed: StartDeployment/,
    );
  });
});
