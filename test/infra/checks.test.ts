/** What checks and a migration add to the stack: rights that are no wider than they, and a function that may do nothing. */
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { NetworkCheckers } from '../../infra/network-checkers.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { exampleConfiguration } from '../../local/demo/example-configuration.ts';
import { emptyHandlers, temporaryDirectory, writeFile } from './files.ts';
import { rendered, type Statement, SynthesizedTemplate } from './template.ts';

// A limit for a machine that is busy with other tests, never a measure.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const network = { subnets: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'], securityGroups: ['sg-0a1b2c3d'] };
const SERVICE = {
  migration: { command: ['migrate'] },
  checks: {
    http: [{ path: '/health' }],
    network,
    lambda: [{ function: 'smoke' }],
    task: [{ taskDefinition: 'checks', cluster: 'tools' }, { taskDefinition: 'load:7' }],
  },
};

let template: SynthesizedTemplate;

beforeAll(async () => {
  const directory = temporaryDirectory();
  const configurationPath = writeFile(
    join(directory, 'sidestep.yaml'),
    stringify(exampleConfiguration(SERVICE)),
  );
  // With the rules of cdk-nag: a finding that has no reason fails here.
  await synthesize(join(directory, 'out'), { configurationPath, handlersDirectory: emptyHandlers() });
  template = SynthesizedTemplate.read(join(directory, 'out'));
});

function statementsOf(handler: string, action: string): Statement[] {
  const statements = template.statementsOf(template.roleOf(template.functionOf(handler)));
  return statements.filter(({ Action }) => [Action].flat().includes(action));
}
const resourcesOf = (handler: string, action: string): string =>
  statementsOf(handler, action)
    .map(({ Resource }) => rendered(Resource))
    .join(' ');

describe('a migration', () => {
  it('may be run in the clusters of the service, with the roles that are listed', () => {
    const [run] = statementsOf('run-migration', 'ecs:RunTask');
    expect(rendered(run?.Condition?.ArnEquals?.['ecs:cluster'])).toMatch(/cluster\/prod/);
    expect(resourcesOf('run-migration', 'iam:PassRole')).toMatch(
      /role\/orders-execution .*role\/orders-task/,
    );
    expect(statementsOf('run-migration', 'iam:PassRole')[0]?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    });
  });

  it('is stopped only by its tag', () => {
    for (const handler of ['run-migration', 'run-checks', 'wake-deployment']) {
      expect(statementsOf(handler, 'ecs:StopTask').map(({ Condition }) => Condition)).toEqual([
        { StringEquals: { 'aws:ResourceTag/sidestep:service': 'orders' } },
      ]);
    }
  });

  it('wakes the deployment when it ends, as a check task does', () => {
    const rule = template
      .ofType('AWS::Events::Rule')
      .find(({ properties }) => properties.EventPattern?.['detail-type']?.[0] === 'ECS Task State Change');
    const { group, clusterArn } = rule?.properties.EventPattern.detail ?? {};
    expect(group).toEqual(['service:orders-a', 'service:orders-b', 'sidestep:orders']);
    expect(rendered(clusterArn)).toMatch(/cluster\/prod .*cluster\/tools/);
  });
});

describe("the user's checks", () => {
  it('are the only task definitions and functions that may be run and called for them', () => {
    expect(resourcesOf('run-checks', 'ecs:RunTask')).toMatch(
      /task-definition\/checks:\* .*task-definition\/load:7$/,
    );
    expect(resourcesOf('call-check', 'lambda:InvokeFunction')).toMatch(/:function:smoke/);
    expect(resourcesOf('run-checks', 'lambda:InvokeFunction')).toMatch(/^<\w*CallCheck\w*\.Arn>$/);
  });
});

describe('the function in the network of the load balancer', () => {
  const checker = () => template.functionOf('check-http, inside the network of a load balancer');

  it('is in the subnets and security groups that are given, and named to the deployment', () => {
    expect(checker().properties.VpcConfig).toEqual({
      SubnetIds: network.subnets,
      SecurityGroupIds: network.securityGroups,
    });
    const [parameter] = template
      .ofType('AWS::SSM::Parameter')
      .filter(({ properties }) => /services\/orders$/.test(properties.Name));
    const { checks } = JSON.parse(rendered(parameter?.properties.Value));
    expect(checks.network).toEqual({ ...network, functionName: `<${checker().logicalId}>` });
  });

  it('may call nothing of AWS, and is called by those who check only', () => {
    const statements = template.statementsOf(template.roleOf(checker()));
    const denied = statements.filter(({ Effect }) => Effect === 'Deny');
    expect(denied).toEqual([
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: {
          ArnEquals: { 'lambda:SourceFunctionArn': { 'Fn::GetAtt': [checker().logicalId, 'Arn'] } },
        },
      },
    ]);
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
    expect(
      allowed.filter(
        (action) => !/^(ec2:\w*(NetworkInterfaces?|Subnets|PrivateIpAddresses)|logs:\w+)$/.test(action),
      ),
    ).toEqual([]);
    expect(checker().properties.Environment.Variables).toEqual({ POWERTOOLS_SERVICE_NAME: 'sidestep' });
    expect(resourcesOf('verify-targets', 'lambda:InvokeFunction')).toBe(`<${checker().logicalId}.Arn>`);
  });

  it('is one for all services in the same network', () => {
    const stack = new Stack(new App(), 'Networks');
    const checkers = new NetworkCheckers(stack, 'Checkers', emptyHandlers());
    const first = checkers.functionIn(network);

    expect(checkers.functionIn({ ...network, subnets: [...network.subnets].reverse() })).toBe(first);
    expect(checkers.functionIn({ ...network, securityGroups: ['sg-9a1b2c3d'] })).not.toBe(first);
  });
});
