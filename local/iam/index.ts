/** IAM, as far as a preflight asks it: roles, who may assume them, and what their policies allow. */
import type { Platform } from '../platform.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { IamApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { judge } from '../wiring/iam/judge.ts';
import { policyDocument, type Role, type Roles } from '../wiring/iam/roles.ts';

export interface IamSimulator {
  readonly operations: Operations<typeof IamApi>;
}

/** What a role's description has beside its policies. */
interface Description {
  readonly trustPolicy: string;
  readonly path: string;
  readonly createdAtMs: number;
}

/** @param roles those of what was deployed; the ones that are created here join them */
export function createIam({ clock }: Platform, { roles }: { roles: Roles }): IamSimulator {
  const descriptions = new Map<string, Description>();

  const named = (nameOrArn: string | undefined = ''): Role => {
    const role = roles.find(nameOrArn);
    if (role) return role;
    const name = nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
    throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, { statusCode: 404 });
  };

  const shown = (role: Role): IamApi.Role => {
    const { trustPolicy, path, createdAtMs } = descriptions.get(role.name) ?? {
      trustPolicy: TRUSTS_LAMBDA,
      path: '/',
      createdAtMs: 0,
    };
    return {
      RoleName: role.name,
      Arn: role.arn,
      Path: path,
      RoleId: `AROA${role.name
        .toUpperCase()
        .replace(/[^A-Z0-9]/g, '')
        .padEnd(12, 'X')}`,
      CreateDate: new Date(createdAtMs),
      // As a URL carries it (RFC 3986).
      AssumeRolePolicyDocument: encodeURIComponent(trustPolicy),
    };
  };

  return {
    operations: {
      CreateRole: (input) => {
        refuseMembers('CreateRole', input, ['PermissionsBoundary']);
        const { RoleName = '', AssumeRolePolicyDocument = '', Path = '/' } = input;
        if (Path !== '/') throw notImplemented('CreateRole with a Path');
        if (roles.find(RoleName)) {
          throw new AwsError('EntityAlreadyExists', `Role with name ${RoleName} already exists.`, {
            statusCode: 409,
          });
        }
        requireJson(AssumeRolePolicyDocument);
        roles.create(RoleName);
        descriptions.set(RoleName, {
          trustPolicy: AssumeRolePolicyDocument,
          path: Path,
          createdAtMs: clock.now(),
        });
        return { Role: shown(named(RoleName)) };
      },
      GetRole: ({ RoleName }) => ({ Role: shown(named(RoleName)) }),
      PutRolePolicy: ({ RoleName = '', PolicyDocument = '' }) => {
        const { name } = named(RoleName);
        const parsed = policyDocument.safeParse(requireJson(PolicyDocument));
        if (!parsed.success) throw malformed(parsed.error.issues[0]?.message ?? 'no policy');
        roles.grant(name, parsed.data.Statement);
        return {};
      },
      SimulatePrincipalPolicy: (input) => {
        refuseMembers('SimulatePrincipalPolicy', input, [
          'PolicyInputList',
          'PermissionsBoundaryPolicyInputList',
          'PolicyExclusionList',
          'ResourcePolicy',
          'ResourceOwner',
          'CallerArn',
        ]);
        const { statements } = named(input.PolicySourceArn);
        const context = Object.fromEntries(
          (input.ContextEntries ?? []).map(({ ContextKeyName = '', ContextKeyValues = [] }) => [
            ContextKeyName,
            ContextKeyValues,
          ]),
        );
        const pairs = (input.ActionNames ?? []).flatMap((action) =>
          (input.ResourceArns ?? ['*']).map((resource) => ({ action, resource })),
        );
        // A condition on a key without a value is not met.
        const applying = statements.filter(({ Condition }) =>
          Object.values(Condition).every((keys) => Object.keys(keys).every((key) => key in context)),
        );
        const EvaluationResults = pairs.map(({ action, resource }): IamApi.EvaluationResult => {
          const { allowed } = judged(applying, { action, resources: [resource], context });
          return {
            EvalActionName: action,
            EvalResourceName: resource,
            EvalDecision: allowed ? 'allowed' : 'implicitDeny',
          };
        });
        return { EvaluationResults, IsTruncated: false };
      },
    },
  };
}

/** What the judge does not know, the local cloud does not do. */
function judged(...[statements, requirement]: Parameters<typeof judge>): ReturnType<typeof judge> {
  try {
    return judge(statements, requirement);
  } catch (error) {
    throw notImplemented(`SimulatePrincipalPolicy here: ${error instanceof Error ? error.message : error}`);
  }
}

/** Of roles that came with a stack: nothing here reads more than that Lambda runs with them. */
const TRUSTS_LAMBDA = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
});

function requireJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(String(error));
  }
}

const malformed = (why: string): AwsError =>
  new AwsError('MalformedPolicyDocument', `This policy contains invalid Json: ${why}`);
