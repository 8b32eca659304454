/** The roles of the next revision: listed, there for ECS tasks, and to be passed by Sidestep. */
import { unlistedRoles } from '../../../lambdas/decisions/revision.ts';
import { valueIn } from '../fact.ts';
import type { RoleFacts, ServiceFacts } from '../facts.ts';
import { type Finding, judged, ng, ok } from '../finding.ts';

/** Who runs ECS tasks. */
export const ECS_TASKS = 'ecs-tasks.amazonaws.com';

export function judgeRoles({
  base,
  roles,
  configuration,
}: Pick<ServiceFacts, 'base' | 'roles' | 'configuration'>): Finding[] {
  const definition = valueIn(base);
  if (!definition) return [];
  const unlisted = unlistedRoles(definition, configuration.roles);
  if (roles.length === 0) return [ok('the task definition has no roles')];
  return roles.flatMap((role) => [
    unlisted.includes(role.arn)
      ? ng(
          `${role.of} ${role.arn} is not in roles`,
          `add it to roles of ${configuration.name} in sidestep.yaml, and deploy the stack`,
        )
      : ok(`${role.of} ${role.arn} is in roles`),
    ...judgeTrust(role),
    ...(unlisted.includes(role.arn) ? [] : judgePassing(role)),
  ]);
}

function judgeTrust({ arn, trustPolicy }: RoleFacts): Finding[] {
  const todo = `create it, or correct the task definition`;
  return judged(trustPolicy, { what: arn, todo }, (text) =>
    trusts(text, ECS_TASKS)
      ? [ok(`${arn} trusts ${ECS_TASKS}`)]
      : [
          ng(
            `${arn} does not trust ${ECS_TASKS}`,
            `let its trust policy allow sts:AssumeRole to the service ${ECS_TASKS}`,
          ),
        ],
  );
}

function judgePassing({ arn, passable }: RoleFacts): Finding[] {
  const todo = 'deploy the stack: its functions may pass the roles that sidestep.yaml lists';
  return judged(passable, { what: `passing ${arn}`, todo }, (isAllowed) =>
    isAllowed ? [ok(`Sidestep may pass ${arn}`)] : [ng(`Sidestep's function may not pass ${arn}`, todo)],
  );
}

interface TrustStatement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Principal?: '*' | { readonly Service?: string | readonly string[] };
}

/** Whether a trust policy lets a service assume the role; conditions are not judged. */
export function trusts(policy: string, service: string): boolean {
  const { Statement = [] } = JSON.parse(policy) as { Statement?: TrustStatement | TrustStatement[] };
  return [Statement].flat().some(({ Effect, Action = [], Principal }) => {
    const services = typeof Principal === 'object' ? [Principal.Service ?? []].flat() : [];
    return (
      Effect === 'Allow' &&
      [Action].flat().some((action) => ['sts:AssumeRole', 'sts:*', '*'].includes(action)) &&
      services.includes(service)
    );
  });
}
