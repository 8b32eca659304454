/** AWS::IAM: roles and their policies, recorded for whoever asks what is granted, or enforces it. */
import { z } from 'zod';
import { localArn } from '../../arns.ts';
import { policyDocument, type Statement } from '../iam/roles.ts';
import { kind, withoutEffect } from '../resource-kind.ts';

const ROLE_NAME_MAX = 64;
const POLICY_NAME_MAX = 128;

/** What the managed policies of AWS grant that a template may name; another one is refused. */
const AWS_MANAGED: Readonly<Record<string, readonly string[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ],
};

export const iamRole = kind(
  {
    RoleName: z.string().optional(),
    AssumeRolePolicyDocument: z.unknown(),
    Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument })).default([]),
    ManagedPolicyArns: z.array(z.string()).default([]),
    Path: z.literal('/').optional(),
    Description: withoutEffect,
    MaxSessionDuration: withoutEffect,
    Tags: withoutEffect,
  },
  (properties, identity, { roles }) => {
    const name = properties.RoleName ?? identity.physicalName(ROLE_NAME_MAX);
    const arn = roles.create(name);
    for (const { PolicyDocument } of properties.Policies) roles.grant(name, PolicyDocument.Statement);
    for (const policyArn of properties.ManagedPolicyArns) roles.grant(name, [managedStatement(policyArn)]);
    return { ref: name, attributes: { Arn: arn, RoleId: `AROA${name}` } };
  },
);

export const iamPolicy = kind(
  {
    PolicyName: z.string(),
    PolicyDocument: policyDocument,
    Roles: z.array(z.string()).default([]),
  },
  ({ PolicyName, PolicyDocument, Roles }, { logicalId }, { roles }) => {
    for (const role of Roles) roles.grant(role, PolicyDocument.Statement);
    return { ref: logicalId, attributes: { Id: PolicyName } };
  },
);

export const iamManagedPolicy = kind(
  {
    ManagedPolicyName: z.string().optional(),
    PolicyDocument: policyDocument,
    Roles: z.array(z.string()).default([]),
    Description: withoutEffect,
    Path: z.literal('/').optional(),
  },
  (properties, identity, { roles }) => {
    for (const role of properties.Roles) roles.grant(role, properties.PolicyDocument.Statement);
    const name = properties.ManagedPolicyName ?? identity.physicalName(POLICY_NAME_MAX);
    const arn = localArn('iam', `policy/${name}`).replace(/:iam:[^:]*:/, ':iam::');
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
);

function managedStatement(policyArn: string): Statement {
  const name = policyArn.slice(policyArn.indexOf(':policy/') + ':policy/'.length);
  const actions = AWS_MANAGED[name];
  if (actions) return { Effect: 'Allow', Action: [...actions], Resource: ['*'], Condition: {} };
  const known = Object.keys(AWS_MANAGED).join(', ');
  throw new Error(`the local cloud does not know the managed policy ${policyArn}; it knows ${known}`);
}
