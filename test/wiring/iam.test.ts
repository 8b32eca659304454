/** Policies: what a role grants is what its function may do, and no more. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../local/wiring/iam/judge.ts';
import { requirementsOf } from '../../local/wiring/iam/requirements.ts';
import type { Statement } from '../../local/wiring/iam/roles.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/t';
const allow = (Action: string[], Resource: string[], Condition: Statement['Condition'] = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});
const needs = (action: string, resources: string[], context = {}) => ({ action, resources, context });

describe('a role', () => {
  it.each([
    ['allows what is granted', [allow(['dynamodb:GetItem'], [TABLE])], true],
    ['allows by a pattern', [allow(['dynamodb:Get*'], ['arn:aws:dynamodb:*:*:table/?'])], true],
    ['denies another action', [allow(['dynamodb:PutItem'], [TABLE])], false],
    ['denies another resource', [allow(['dynamodb:GetItem'], [`${TABLE}2`])], false],
    ['denies without any statement', [], false],
    [
      'denies what is denied, whatever else allows it',
      [allow(['*'], ['*']), { ...allow(['dynamodb:*'], ['*']), Effect: 'Deny' as const }],
      false,
    ],
  ])('%s', (_name, statements, allowed) => {
    expect(judge(statements, needs('dynamodb:GetItem', [TABLE])).allowed).toBe(allowed);
  });

  it('must allow every resource of a call, and says which it does not', () => {
    const statements = [allow(['ecs:DescribeServices'], ['arn:a'])];

    expect(judge(statements, needs('ecs:DescribeServices', ['arn:a', 'arn:b']))).toEqual({
      allowed: false,
      resource: 'arn:b',
    });
  });

  it('does not allow an action that knows no resources by naming one', () => {
    expect(judge([allow(['ecs:ListTasks'], ['arn:a'])], needs('ecs:ListTasks', ['*'])).allowed).toBe(false);
  });

  it('grants under its condition only', () => {
    const statements = [allow(['ecs:ListTasks'], ['*'], { ArnEquals: { 'ecs:cluster': ['arn:prod'] } })];

    expect(judge(statements, needs('ecs:ListTasks', ['*'], { 'ecs:cluster': ['arn:prod'] })).allowed).toBe(
      true,
    );
    expect(judge(statements, needs('ecs:ListTasks', ['*'], { 'ecs:cluster': ['arn:test'] })).allowed).toBe(
      false,
    );
  });

  it('is not judged by a condition that nobody can tell', () => {
    const statements = [allow(['ecs:ListTasks'], ['*'], { Bool: { 'aws:SecureTransport': ['true'] } })];

    expect(() => judge(statements, needs('ecs:ListTasks', ['*']))).toThrow(/cannot tell aws:SecureTransport/);
  });
});

describe('a call needs', () => {
  it.each([
    [
      'the actions of a transaction’s parts, on their tables',
      {
        service: 'dynamodb',
        operation: 'TransactWriteItems',
        input: { TransactItems: [{ Put: { TableName: 't' } }, { ConditionCheck: { TableName: 't' } }] },
      },
      [needs('dynamodb:PutItem', [TABLE]), needs('dynamodb:ConditionCheckItem', [TABLE])],
    ],
    [
      'CloudWatch’s own prefix',
      { service: 'monitoring', operation: 'DescribeAlarms', input: {} },
      [{ action: 'cloudwatch:DescribeAlarms', resources: undefined, context: {} }],
    ],
    [
      'the ARNs of the services that it names by cluster and name',
      { service: 'ecs', operation: 'DescribeServices', input: { cluster: 'prod', services: ['a'] } },
      [
        needs('ecs:DescribeServices', ['arn:aws:ecs:us-east-1:000000000000:service/prod/a'], {
          'ecs:cluster': ['arn:aws:ecs:us-east-1:000000000000:cluster/prod'],
        }),
      ],
    ],
    [
      'to pass the roles of the definition that it registers',
      {
        service: 'ecs',
        operation: 'RegisterTaskDefinition',
        input: { family: 'f', taskRoleArn: 'arn:aws:iam::0:role/r' },
      },
      [
        needs('ecs:RegisterTaskDefinition', ['*']),
        needs('iam:PassRole', ['arn:aws:iam::0:role/r'], {
          'iam:PassedToService': ['ecs-tasks.amazonaws.com'],
        }),
      ],
    ],
    [
      'a parameter’s ARN, with one slash',
      { service: 'ssm', operation: 'GetParameter', input: { Name: '/sidestep/services/orders' } },
      [needs('ssm:GetParameter', ['arn:aws:ssm:us-east-1:000000000000:parameter/sidestep/services/orders'])],
    ],
  ])('%s', (_name, call, expected) => {
    expect(requirementsOf(call)).toEqual(expected);
  });
});
