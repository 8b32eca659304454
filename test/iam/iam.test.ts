/** IAM, as far as a preflight asks it. */
import { describe, expect, it } from 'vitest';
import { createIam } from '../../local/iam/index.ts';
import { createRoles } from '../../local/wiring/iam/roles.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } },
  ],
});
const ARN = 'arn:aws:iam::000000000000:role/deployer';
const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:db';

async function deployer(...statements: object[]) {
  const roles = createRoles();
  const iam = clientOf(createIam(testPlatform(), { roles }).operations);
  await iam.CreateRole({ RoleName: 'deployer', AssumeRolePolicyDocument: TRUST });
  if (statements.length > 0)
    await iam.PutRolePolicy({
      RoleName: 'deployer',
      PolicyName: 'own',
      PolicyDocument: JSON.stringify({ Statement: statements }),
    });
  const decide = async (ActionName: string, resource: string, context: Record<string, string> = {}) => {
    const { EvaluationResults } = await iam.SimulatePrincipalPolicy({
      PolicySourceArn: ARN,
      ActionNames: [ActionName],
      ResourceArns: [resource],
      ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyValues: [value],
        ContextKeyType: 'string',
      })),
    });
    return EvaluationResults?.[0]?.EvalDecision;
  };
  return { iam, decide, roles };
}

describe('a role', () => {
  it('keeps its trust policy, and gives it as a URL carries it', async () => {
    const { iam } = await deployer();
    const { Role } = await iam.GetRole({ RoleName: 'deployer' });
    expect(Role).toMatchObject({ RoleName: 'deployer', Arn: ARN });
    expect(Role?.AssumeRolePolicyDocument).not.toContain('{');
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(TRUST);
  });

  it('of a deployed stack is known too', async () => {
    const { iam, roles } = await deployer();
    roles.create('sidestep-function');
    expect((await iam.GetRole({ RoleName: 'sidestep-function' })).Role?.RoleName).toBe('sidestep-function');
  });

  it('that is not there, is there twice, or has no policy, is refused', async () => {
    const { iam } = await deployer();
    await expect(iam.GetRole({ RoleName: 'nobody' })).rejects.toMatchObject({ code: 'NoSuchEntity' });
    const again = { RoleName: 'deployer', AssumeRolePolicyDocument: TRUST };
    await expect(iam.CreateRole(again)).rejects.toMatchObject({ code: 'EntityAlreadyExists' });
    const broken = { RoleName: 'deployer', PolicyName: 'own', PolicyDocument: '{' };
    await expect(iam.PutRolePolicy(broken)).rejects.toMatchObject({ code: 'MalformedPolicyDocument' });
  });
});

describe('a simulation', () => {
  const pass = (Condition?: object) => ({
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: ARN,
    ...(Condition && { Condition }),
  });

  it('allows what a statement allows, on that resource', async () => {
    const { decide } = await deployer({
      Effect: 'Allow',
      Action: 'secretsmanager:Get*',
      Resource: `${SECRET}*`,
    });
    expect(await decide('secretsmanager:GetSecretValue', `${SECRET}-AbCdEf`)).toBe('allowed');
    expect(await decide('secretsmanager:GetSecretValue', SECRET.replace('db', 'other'))).toBe('implicitDeny');
    expect(await decide('secretsmanager:DeleteSecret', SECRET)).toBe('implicitDeny');
  });

  it('takes a condition for met only if its key has such a value', async () => {
    const { decide } = await deployer(
      pass({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }),
    );
    expect(await decide('iam:PassRole', ARN, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' })).toBe(
      'allowed',
    );
    expect(await decide('iam:PassRole', ARN, { 'iam:PassedToService': 'ec2.amazonaws.com' })).toBe(
      'implicitDeny',
    );
    expect(await decide('iam:PassRole', ARN)).toBe('implicitDeny');
  });

  it('says what it cannot judge', async () => {
    const { decide } = await deployer(pass({ NumericLessThan: { 'aws:n': '3' } }));
    await expect(decide('iam:PassRole', ARN, { 'aws:n': '2' })).rejects.toMatchObject({
      code: 'NotImplemented',
    });
  });
});
