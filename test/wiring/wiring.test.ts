/** Wiring: what a template says is what the local cloud gets, and what it cannot give it refuses by name. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation has the same placeholders.
import { describe, expect, it } from 'vitest';
import { deployAssembly } from '../../local/wiring/index.ts';
import { type AssemblyParts, recordingTarget, writeAssembly } from './assemblies.ts';

const parameter = (Value: unknown, more: object = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: 'p', Type: 'String', Value },
  ...more,
});

async function deploy(parts: AssemblyParts) {
  const target = recordingTarget();
  const deployed = await deployAssembly(target, writeAssembly(parts));
  return { target, deployed };
}

/** The value that one parameter gets, whatever else is in the template. */
async function resolved(Value: unknown, sections: AssemblyParts['sections'] = {}, others: object = {}) {
  const { target } = await deploy({ Resources: { Parameter: parameter(Value), ...others }, sections });
  const put = target.calls.find(({ operation }) => operation === 'PutParameter');
  return (put?.input as { Value: unknown } | undefined)?.Value;
}

const QUEUE = { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'lost' } } };

describe('intrinsic functions', () => {
  it.each([
    ['Ref of a resource', { Ref: 'Queue' }, 'http://queue/lost'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['GetAtt', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:us-east-1:000000000000:lost'],
    ['GetAtt as a text', { 'Fn::GetAtt': 'Queue.QueueName' }, 'lost'],
    ['Join', { 'Fn::Join': [':', ['a', { Ref: 'AWS::Region' }]] }, 'a:us-east-1'],
    ['Sub', { 'Fn::Sub': '${AWS::Partition}-${Queue.QueueName}-${!kept}' }, 'aws-lost-${kept}'],
    [
      'Sub with variables',
      { 'Fn::Sub': ['${x}-${AWS::StackName}', { x: { Ref: 'AWS::Region' } }] },
      'us-east-1-Toy',
    ],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['If', { 'Fn::If': ['Yes', 'then', 'else'] }, 'then'],
    ['If of a negation', { 'Fn::If': ['No', 'then', 'else'] }, 'else'],
    ['a parameter by its default', { Ref: 'Size' }, 'small'],
  ])('%s', async (_name, value, expected) => {
    const sections = {
      Conditions: {
        Yes: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
        No: { 'Fn::Not': [{ Condition: 'Yes' }] },
      },
      Parameters: { Size: { Type: 'String', Default: 'small' } },
    };

    expect(await resolved(value, sections, QUEUE)).toBe(expected);
  });

  it('leave out a property that is AWS::NoValue', async () => {
    const { target } = await deploy({
      Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'AWS::NoValue' } } } },
    });

    expect(target.calls).toEqual([
      { operation: 'CreateQueue', input: { QueueName: 'Toy-Queue', Attributes: {} } },
    ]);
  });

  it.each([
    ['an unknown function', { 'Fn::Cidr': [] }, /Parameter \(AWS::SSM::Parameter\)\.Value: .*Fn::Cidr/],
    ['an unknown resource', { Ref: 'Nobody' }, /Parameter \(AWS::SSM::Parameter\)\.Value.*Nobody/],
    [
      'an unknown attribute',
      { 'Fn::GetAtt': ['Queue', 'Colour'] },
      /Queue \(AWS::SQS::Queue\) has no attribute Colour.*Arn/,
    ],
  ])('that name %s are refused with their place', async (_name, value, message) => {
    await expect(resolved(value, {}, QUEUE)).rejects.toThrow(message);
  });
});

describe('resources', () => {
  it('come to exist after those that they refer to or depend on', async () => {
    const { deployed } = await deploy({
      Resources: {
        Last: parameter({ 'Fn::Sub': '${Middle}' }),
        Middle: parameter('x', { DependsOn: 'First' }),
        ...{ First: QUEUE.Queue },
      },
    });

    expect([...deployed.resources.keys()]).toEqual(['First', 'Middle', 'Last']);
  });

  it('that depend on each other are refused with the circle', async () => {
    const circle = { A: parameter({ Ref: 'B' }), B: parameter({ Ref: 'A' }) };

    await expect(deploy({ Resources: circle })).rejects.toThrow('A → B → A');
  });

  it('are left out when their condition does not hold', async () => {
    const { deployed } = await deploy({
      Resources: { Parameter: parameter('x', { Condition: 'Never' }) },
      sections: { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } },
    });

    expect([...deployed.resources.keys()]).toEqual([]);
  });

  it.each([
    [
      'type',
      { Nat: { Type: 'AWS::EC2::NatGateway' } },
      /Nat \(AWS::EC2::NatGateway\): .*does not know this type/,
    ],
    [
      'property',
      { Queue: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } } },
      /Queue \(AWS::SQS::Queue\): .*does not know property FifoQueue/,
    ],
    [
      'property inside of another',
      {
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: { Targets: [{ Id: 'T', Arn: 'a', KinesisParameters: {} }] },
        },
      },
      /Rule \(AWS::Events::Rule\): .*Targets\.0\.KinesisParameters/,
    ],
    [
      'value',
      { Rule: { Type: 'AWS::Events::Rule', Properties: { EventBusName: 'other' } } },
      /Rule \(AWS::Events::Rule\): property EventBusName/,
    ],
    ['pipe of EventBridge', { S: { Type: 'AWS::Pipes::Pipe' } }, /S \(AWS::Pipes::Pipe\)/],
  ])('with an unknown %s are refused by logical id, type and property', async (_name, Resources, message) => {
    await expect(deploy({ Resources })).rejects.toThrow(message);
  });

  it('with a section that nobody knows are refused', async () => {
    await expect(deploy({ Resources: {}, sections: { Transform: 'AWS::Serverless' } })).rejects.toThrow(
      /Transform/,
    );
  });
});

describe('a function', () => {
  const toy = (more: object = {}) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: 'code.zip' },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: 'arn:role',
      Environment: { Variables: { QUEUE: { Ref: 'Queue' } } },
      Timeout: 30,
      ...more,
    },
  });

  it('gets the directory of its asset and its resolved environment', async () => {
    const { target } = await deploy({
      Resources: { Toy: toy(), ...QUEUE },
      assets: { 'code.zip': { 'index.mjs': '' } },
    });

    expect(target.functions).toMatchObject([
      {
        functionName: 'Toy-Toy',
        codeDirectory: expect.stringMatching(/asset\.code\.zip$/),
        environment: { QUEUE: 'http://queue/lost' },
        timeoutSeconds: 30,
        memoryMegabytes: 128,
        logGroupName: '/aws/lambda/Toy-Toy',
      },
    ]);
  });

  it('is refused without its asset, and in another language', async () => {
    await expect(deploy({ Resources: { Toy: toy(), ...QUEUE } })).rejects.toThrow(/Toy .*no asset code\.zip/);
    await expect(deploy({ Resources: { Toy: toy({ Runtime: 'python3.14' }), ...QUEUE } })).rejects.toThrow(
      /property Runtime/,
    );
  });

  it('has a role whose grants can be asked for', async () => {
    const { target } = await deploy({
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
        Policy: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            PolicyName: 'P',
            Roles: [{ Ref: 'Role' }],
            PolicyDocument: {
              Statement: {
                Effect: 'Allow',
                Action: 'sqs:SendMessage',
                Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
              },
            },
          },
        },
        ...QUEUE,
      },
    });

    expect(target.roles.find('arn:aws:iam::000000000000:role/Toy-Role')?.statements).toEqual([
      {
        Effect: 'Allow',
        Action: ['sqs:SendMessage'],
        Resource: ['arn:aws:sqs:us-east-1:000000000000:lost'],
        Condition: {},
      },
    ]);
  });
});

describe('a state machine', () => {
  const machine = (substitutions: object) => ({
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: 'deploy',
      RoleArn: 'arn:role',
      DefinitionS3Location: { Bucket: 'b', Key: 'asl.json' },
      DefinitionSubstitutions: substitutions,
    },
  });
  const assets = { 'asl.json': '{"FunctionName":"${Toy}","Guess":"{% $x %}"}' };

  it('gets its definition with the placeholders filled in', async () => {
    const { target } = await deploy({ Resources: { Machine: machine({ Toy: 'arn:toy' }) }, assets });

    expect(target.calls).toEqual([
      {
        operation: 'CreateStateMachine',
        input: {
          name: 'deploy',
          roleArn: 'arn:role',
          definition: '{"FunctionName":"arn:toy","Guess":"{% $x %}"}',
        },
      },
    ]);
  });

  it('is refused with a placeholder that nothing fills', async () => {
    await expect(deploy({ Resources: { Machine: machine({}) }, assets })).rejects.toThrow(/\$\{Toy\}/);
  });
});
