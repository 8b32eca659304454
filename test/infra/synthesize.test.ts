/** The stack that sidestep.yaml becomes: what is there, who calls whom, and what each part may do. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { readConfigurationFile } from '../../infra/configuration-file.ts';
import { EVENT_HANDLERS, HANDLER_NAMES, stateName } from '../../infra/handler-names.ts';
import { PROJECT_DIRECTORY } from '../../infra/project.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { environment } from '../../lambdas/common/config.ts';
import { exampleConfiguration } from '../../local/demo/example-configuration.ts';
import { emptyHandlers, temporaryDirectory, writeFile } from './files.ts';
import { attribute, rendered, type Statement, SynthesizedTemplate } from './template.ts';

// A limit for a machine that is busy with other tests, never a measure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const configurationPath = join(PROJECT_DIRECTORY, 'sidestep.yaml');
const directory = temporaryDirectory();
let template: SynthesizedTemplate;

beforeAll(async () => {
  await synthesize(directory, { configurationPath, handlersDirectory: emptyHandlers(), isValidated: false });
  template = SynthesizedTemplate.read(directory);
});

/** No function of the stack, but one in each network in which a service has its load balancer. */
const IN_NETWORKS = 'check-http';

/** Calls a function of the user's and waits for it. */
const CALLS_USERS = 'call-check';

describe('the handlers', () => {
  it('are the files in lambdas/, one function each', () => {
    const files = readdirSync(join(PROJECT_DIRECTORY, 'lambdas')).filter((file) => file.endsWith('.ts'));

    expect([...HANDLER_NAMES, IN_NETWORKS].map((name) => `${name}.ts`).sort()).toEqual(files.sort());
    expect(template.ofType('AWS::Lambda::Function')).toHaveLength(HANDLER_NAMES.length);
  });

  it("run within a minute, but for the one that waits for a user's function", () => {
    const timeouts = HANDLER_NAMES.map(
      (name) => [name, template.functionOf(name).properties.Timeout] as const,
    );
    const slow = timeouts.filter(([, seconds]) => seconds > 60);

    expect(slow).toEqual([[CALLS_USERS, 900]]);
  });

  it('run on Node 24, on arm64, traced', () => {
    for (const name of HANDLER_NAMES) {
      const { properties } = template.functionOf(name);

      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
      });
      expect(properties.MemorySize).toBeGreaterThanOrEqual(256);
    }
  });

  it('have a role and a log group of their own, which forgets', () => {
    const functions = HANDLER_NAMES.map((name) => template.functionOf(name));
    const groups = functions.map(({ properties }) => properties.LoggingConfig.LogGroup.Ref);

    expect(new Set(functions.map((one) => template.roleOf(one).logicalId)).size).toBe(HANDLER_NAMES.length);
    expect(new Set(groups).size).toBe(HANDLER_NAMES.length);
    for (const group of groups) expect(template.byId(group).properties.RetentionInDays).toBe(30);
  });

  it('are told everything that they read from their environment', () => {
    for (const name of HANDLER_NAMES) {
      const { Variables } = template.functionOf(name).properties.Environment;

      expect(() => environment(Variables)).not.toThrow();
      expect(Variables.CONFIGURATION_PREFIX).toBe('/sidestep/services/');
      expect(rendered(Variables.STATE_MACHINE_ARN)).toMatch(/:stateMachine:sidestep-deploy$/);
    }
  });

  it('that events call keep an event that they failed on, and may be called by rules', () => {
    const [queue] = template.ofType('AWS::SQS::Queue');
    const callable = template
      .ofType('AWS::Lambda::Permission')
      .map(({ properties }) => properties.FunctionName);

    for (const name of EVENT_HANDLERS) {
      const handler = template.functionOf(name);
      expect(handler.properties.DeadLetterConfig).toEqual({ TargetArn: queue && attribute(queue) });
      expect(callable).toContainEqual(attribute(handler));
    }
  });
});

describe('the state machine', () => {
  it('is given the function of every state, under its own name', () => {
    const [machine] = template.ofType('AWS::StepFunctions::StateMachine');
    const definition = readFileSync(join(PROJECT_DIRECTORY, 'statemachine/deploy.asl.json'), 'utf8');
    const words = new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map(([, word]) => word));
    const byWord = new Map(HANDLER_NAMES.map((name) => [stateName(name), template.functionOf(name)]));

    expect(words.size).toBeGreaterThan(10);
    expect(Object.keys(machine?.properties.DefinitionSubstitutions).sort()).toEqual([...words].sort());
    for (const [word, arn] of Object.entries(machine?.properties.DefinitionSubstitutions)) {
      const handler = byWord.get(word);
      expect(arn).toEqual(handler && attribute(handler));
    }
  });

  it('may call those functions and no others', () => {
    const [machine] = template.ofType('AWS::StepFunctions::StateMachine');
    const role = machine && template.roleOf(machine);
    const invoke =
      role && template.statementsOf(role).find(({ Action }) => Action === 'lambda:InvokeFunction');

    expect(new Set([invoke?.Resource].flat().map(rendered))).toEqual(
      new Set(Object.values(machine?.properties.DefinitionSubstitutions).map(rendered)),
    );
  });

  it('logs every event without the data, and is traced', () => {
    const [machine] = template.ofType('AWS::StepFunctions::StateMachine');

    expect(machine?.properties).toMatchObject({
      StateMachineName: 'sidestep-deploy',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
  });
});

describe('the triggers', () => {
  const rulesFor = (handler: string) => {
    const arn = rendered(attribute(template.functionOf(handler)));
    return template
      .ofType('AWS::Events::Rule')
      .filter(({ properties }) =>
        properties.Targets.some(({ Arn }: { Arn: unknown }) => rendered(Arn) === arn),
      );
  };

  it('start a deployment for a tagged push and for a replication, from this account only', () => {
    const [rule, ...others] = rulesFor('start-deployment');

    expect(others).toEqual([]);
    expect(rule?.properties.EventPattern).toEqual({
      source: ['aws.ecr'],
      'detail-type': ['ECR Image Action', 'ECR Replication Action'],
      account: [{ Ref: 'AWS::AccountId' }],
      detail: {
        'repository-name': ['orders'],
        'action-type': ['PUSH', 'REPLICATE'],
        result: ['SUCCESS'],
        'image-tag': [{ exists: true }],
      },
    });
  });

  it('keep a push that could not be delivered, in a queue that rules may write to', () => {
    const [queue] = template.ofType('AWS::SQS::Queue');
    const [rule] = rulesFor('start-deployment');
    const [policy] = template.ofType('AWS::SQS::QueuePolicy');

    expect(rule?.properties.Targets[0].DeadLetterConfig).toEqual({ Arn: queue && attribute(queue) });
    expect(policy?.properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Principal: { Service: 'events.amazonaws.com' },
      }),
    );
  });

  it('wake a deployment when its ECS services, their tasks or its alarms change', () => {
    const patterns = rulesFor('wake-deployment').map(({ properties }) => properties.EventPattern);

    expect(patterns.flatMap((pattern) => pattern['detail-type'])).toEqual([
      'ECS Deployment State Change',
      'ECS Service Action',
      'ECS Task State Change',
      'CloudWatch Alarm State Change',
    ]);
    expect(patterns[0].resources.map(rendered)).toEqual([
      'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:service/prod/orders-a',
      'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:service/prod/orders-b',
    ]);
    expect(patterns[1].detail.group).toEqual(['service:orders-a', 'service:orders-b']);
    expect(patterns[2].detail.alarmName).toEqual(['orders-5xx']);
  });

  it('repair what an execution left that failed, timed out or was stopped, and sweep each minute', () => {
    const [ended] = rulesFor('recover-deployment');
    const [sweep] = rulesFor('sweep');

    expect(ended?.properties.EventPattern.detail.status).toEqual(['FAILED', 'TIMED_OUT', 'ABORTED']);
    expect(sweep?.properties.ScheduleExpression).toBe('rate(1 minute)');
  });
});

describe('what is kept', () => {
  const parameterNamed = (name: string) =>
    template.ofType('AWS::SSM::Parameter').find(({ properties }) => properties.Name === name);

  it('is the table, with point-in-time recovery, even when the stack goes', () => {
    const [table] = template.ofType('AWS::DynamoDB::Table');

    expect(table?.deletionPolicy).toBe('Retain');
    expect(table?.properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAtSeconds', Enabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });

  it('is the configuration, complete, where the handlers look for it', () => {
    const parameter = parameterNamed('/sidestep/services/orders');

    expect(parameter?.properties.Tier).toBe('Standard');
    expect(JSON.parse(parameter?.properties.Value)).toEqual(
      readConfigurationFile(configurationPath).services[0],
    );
  });

  it('is where the stack is, for the command line', () => {
    const facts = JSON.parse(rendered(parameterNamed('/sidestep/stack')?.properties.Value));
    const [table] = template.ofType('AWS::DynamoDB::Table');

    expect(facts).toEqual({
      tableName: `<${table?.logicalId}>`,
      stateMachineArn: expect.stringMatching(/:stateMachine:sidestep-deploy$/),
      configurationPrefix: '/sidestep/services/',
      signalFunctionName: template.functionOf('signal-deployment').properties.FunctionName,
      signalUrl: `<${template.ofType('AWS::Lambda::Url')[0]?.logicalId}.FunctionUrl>`,
      logGroupPrefix: '/sidestep/functions/',
    });
  });
});

describe('the URL for signals', () => {
  it('authenticates its callers, and lets nobody in by itself', () => {
    const [url, ...others] = template.ofType('AWS::Lambda::Url');
    expect(others).toEqual([]);
    expect(url?.properties).toMatchObject({ AuthType: 'AWS_IAM' });
    const permitted = template.ofType('AWS::Lambda::Permission').map(({ properties }) => properties);
    const signals = template.functionOf('signal-deployment').logicalId;
    expect(JSON.stringify(permitted)).not.toContain(signals);
    expect(JSON.stringify(permitted)).not.toContain('InvokeFunctionUrl');
  });
});

describe('the alarms', () => {
  it('tell a topic of every bad end, all that stands still, late telling, failed event handlers and lost events', () => {
    const alarms = template.ofType('AWS::CloudWatch::Alarm').map(({ properties }) => properties);
    const [topic] = template.ofType('AWS::SNS::Topic');

    expect(alarms.map(({ MetricName }) => MetricName).sort()).toEqual([
      'ApproximateNumberOfMessagesVisible',
      'DeploymentsHeld',
      'DeploymentsWaitingLong',
      ...EVENT_HANDLERS.map(() => 'Errors'),
      'ExecutionsAborted',
      'ExecutionsFailed',
      'ExecutionsTimedOut',
      'IteratorAge',
      'RecoveriesGivenUp',
    ]);
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([{ Ref: topic?.logicalId }]);
  });
});

describe('the permissions', () => {
  const statements = (): Statement[] =>
    template.ofType('AWS::IAM::Role').flatMap((role) => template.statementsOf(role));
  const actionsOn = (resource: string): string[] => {
    const found = statements().filter(({ Resource }) => rendered(Resource).split(' ').includes(resource));
    return [...new Set(found.flatMap(({ Action }) => Action))].sort();
  };

  it('name every action, and come from no managed policy', () => {
    expect(
      statements()
        .flatMap(({ Action }) => Action)
        .filter((action) => action.includes('*')),
    ).toEqual([]);
    for (const { properties } of template.ofType('AWS::IAM::Role'))
      expect(properties.ManagedPolicyArns).toBeUndefined();
  });

  it('allow on every resource only to read, to register task definitions, and what traces and logs need', () => {
    const isRead = (action: string) => /:(Describe|List|Get)[A-Z]/.test(action);

    expect(actionsOn('*').filter((action) => !isRead(action))).toEqual([
      'ecs:RegisterTaskDefinition',
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('let only the steps that shift traffic write it, and each only the rules of the configuration', () => {
    const { services } = readConfigurationFile(configurationPath);
    const traffic = services[0]?.traffic;
    const rules = traffic && 'rules' in traffic ? traffic.rules : [];
    const writers = HANDLER_NAMES.filter((name) =>
      template.actionsOf(name).includes('elasticloadbalancing:ModifyRule'),
    );
    const resources = (name: string) =>
      template
        .statementsOf(template.roleOf(template.functionOf(name)))
        .filter(({ Action }) => [Action].flat().includes('elasticloadbalancing:ModifyRule'))
        .flatMap(({ Resource }) => Resource);

    expect(writers).toEqual(['attach-green', 'modify-listener', 'restore-listener']);
    expect(resources('modify-listener')).toEqual(rules);
    expect(resources('attach-green')).toEqual([...rules, traffic?.testRule].sort());
  });

  it('let only the steps that start and stop a side update its two ECS services', () => {
    const writers = HANDLER_NAMES.filter((name) => template.actionsOf(name).includes('ecs:UpdateService'));
    const updates = statements().filter(({ Action }) => [Action].flat().includes('ecs:UpdateService'));

    expect([...writers].sort()).toEqual([
      'drain-blue',
      'standby',
      'start-blue',
      'start-green',
      'start-service-deployment',
      'stop-blue',
      'stop-green',
    ]);
    expect(updates).toHaveLength(writers.length);
    for (const { Resource } of updates) {
      expect([Resource].flat().map(rendered)).toEqual([
        'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:service/prod/orders-a',
        'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:service/prod/orders-b',
      ]);
    }
  });

  it("let nothing run a task, stop one, call a user's function or touch ECS's own strategies unless configured", () => {
    const actions = new Set(HANDLER_NAMES.flatMap((name) => template.actionsOf(name)));
    const calls = statements()
      .filter(({ Action }) => [Action].flat().includes('lambda:InvokeFunction'))
      .flatMap(({ Resource }) => Resource);

    for (const action of [
      'ecs:RunTask',
      'ecs:StopTask',
      'ecs:StopServiceDeployment',
      'ecs:ContinueServiceDeployment',
    ])
      expect(actions).not.toContain(action);
    expect(calls.length).toBeGreaterThan(0);
    for (const called of calls) expect(rendered(called)).toMatch(/^<Sidestep\w+\.Arn>$/);
  });

  it('let only register-revision pass roles, those listed, and to ECS tasks alone', () => {
    const passes = statements().filter(({ Action }) => [Action].flat().includes('iam:PassRole'));

    expect(passes).toEqual([
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: [
          'arn:aws:iam::000000000000:role/orders-execution',
          'arn:aws:iam::000000000000:role/orders-task',
        ],
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
    ]);
    expect(template.actionsOf('register-revision')).toContain('iam:PassRole');
  });

  it('hold every reading of tasks to the clusters of the configuration', () => {
    const reads = statements().filter(({ Action }) =>
      /ecs:(List|Describe)Tasks/.test([Action].flat().join()),
    );

    expect(reads.length).toBeGreaterThan(0);
    for (const { Condition } of reads) {
      expect(rendered(Condition?.ArnEquals?.['ecs:cluster'])).toBe(
        'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:cluster/prod',
      );
    }
  });
});

const elb = (rest: string) => `arn:aws:elasticloadbalancing:us-east-1:000000000000:${rest}`;
const image = { repository: 'orders', container: 'app', tags: { glob: 'v*' } };
const inPlace = (name: string, type: string) => ({
  image,
  strategy: { type },
  sides: [{ cluster: 'prod', service: name }],
  roles: [`arn:aws:iam::000000000000:role/${name}`],
});
/** The example, and services that ask for everything else that a function may do. */
const ALL_KINDS = {
  services: {
    ...exampleConfiguration({
      strategy: { type: 'canary', percent: 5, bake: '5m' },
      checks: {
        lambda: [{ function: 'smoke' }],
        task: [{ taskDefinition: 'checks' }],
        network: { subnets: ['subnet-0a1b2c3d'], securityGroups: ['sg-0a1b2c3d'] },
        alarms: { sides: { 'orders-a': ['a-slow'], 'orders-b': ['b-slow'] } },
      },
      approval: 'before-full-traffic',
      keepBlue: '1h',
      migration: { command: ['migrate'] },
      analysis: true,
    }).services,
    mailer: inPlace('mailer', 'rolling'),
    ledger: { ...inPlace('ledger', 'recreate'), migration: { command: ['migrate'] } },
    web: inPlace('web', 'native'),
    shop: {
      image,
      traffic: { listener: elb('listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2') },
      sides: [
        { fleet: 'shop-vms', targetGroup: elb('targetgroup/shop-vms/73e2d6bc24d8a067') },
        { cluster: 'prod', service: 'shop', targetGroup: elb('targetgroup/shop/9b6f0ac2d4f1e358') },
      ],
    },
  },
};

describe('synthesize', () => {
  it('writes nothing for a file that is wrong, and says why', async () => {
    const outdir = join(temporaryDirectory(), 'out');
    const wrong = writeFile(join(temporaryDirectory(), 'sidestep.yaml'), 'services: { orders: {} }\n');

    await expect(
      synthesize(outdir, {
        configurationPath: wrong,
        handlersDirectory: emptyHandlers(),
        isValidated: false,
      }),
    ).rejects.toThrow(/services.orders.image: found nothing/);
    expect(existsSync(join(outdir, 'manifest.json'))).toBe(false);
  });

  it('needs no account, no region and no look-up', () => {
    const { artifacts, missing } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));

    expect(artifacts.Sidestep.environment).toBe('aws://unknown-account/unknown-region');
    expect(missing).toBeUndefined();
  });

  it('gives a template that CDK and cdk-nag find nothing wrong with, whatever services ask for', async () => {
    const outdir = temporaryDirectory();
    const everything = writeFile(join(temporaryDirectory(), 'sidestep.yaml'), stringify(ALL_KINDS));

    await synthesize(outdir, {
      configurationPath: everything,
      handlersDirectory: emptyHandlers(),
      isValidated: true,
    });

    // The report holds the findings that nobody acknowledged with a reason.
    const { pluginReports } = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
    expect(pluginReports).toEqual([]);
  });
});
