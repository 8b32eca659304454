/** Looks up the roles and secrets of the definition that the next revision is made of. */
import type { TaskDefinition } from '../../lambdas/aws/ecs.ts';
import { ECS_TASKS } from './checks/roles.ts';
import { referenceOf, secretsIn } from './checks/secrets.ts';
import { type Fact, look, missing, unknown, whenKnown } from './fact.ts';
import type { RoleFacts, SecretFacts } from './facts.ts';
import type { VerifyPorts } from './ports.ts';

/** The state that registers revisions. */
const PASSER = 'RegisterRevision';

export async function gatherRoles(
  definition: TaskDefinition | undefined,
  ports: VerifyPorts,
): Promise<RoleFacts[]> {
  if (!definition) return [];
  const { taskRoleArn, executionRoleArn } = definition;
  const named = [
    { arn: executionRoleArn, of: 'execution role' as const },
    { arn: taskRoleArn, of: 'task role' as const },
  ];
  const roles = named.flatMap(({ arn, of }) => (arn ? [{ arn, of }] : []));
  if (roles.length === 0) return [];
  const { roleOfState, iam } = ports;
  const passer = await look(() => roleOfState(PASSER), {
    absent: `the state machine has no function for ${PASSER}`,
  });
  return Promise.all(
    roles.map(async ({ arn, of }) => ({
      arn,
      of,
      trustPolicy: await look(() => iam.getTrustPolicy(arn), { absent: 'there is no such role' }),
      passable: await whenKnown(passer, (principalArn) =>
        look(
          () =>
            iam.simulate({
              principalArn,
              action: 'iam:PassRole',
              resourceArn: arn,
              context: { 'iam:PassedToService': ECS_TASKS },
            }),
          { absent: `there is no role ${principalArn}` },
        ),
      ),
    })),
  );
}

export async function gatherSecrets(
  definition: TaskDefinition | undefined,
  ports: VerifyPorts,
): Promise<SecretFacts[]> {
  if (!definition) return [];
  const role = definition.executionRoleArn;
  return Promise.all(
    secretsIn(definition).map(async (secret) => ({
      ...secret,
      exists: await exists(secret.valueFrom, ports),
      readable: role
        ? await isReadable(secret.valueFrom, role, ports)
        : missing<boolean>('there is no execution role'),
    })),
  );
}

async function exists(
  valueFrom: string,
  { hasParameter, hasSecret, region }: VerifyPorts,
): Promise<Fact<boolean>> {
  const reference = referenceOf(valueFrom);
  if (reference.region && reference.region !== region)
    return unknown(`it lies in ${reference.region}, which is not looked at from ${region}`);
  return look(() => (reference.store === 'secret' ? hasSecret(reference.id) : hasParameter(reference.id)));
}

/** A parameter that is named without an ARN is one of this account and Region: the role's own ARN tells the account. */
function isReadable(
  valueFrom: string,
  principalArn: string,
  { iam, region }: VerifyPorts,
): Promise<Fact<boolean>> {
  const { id, store, action } = referenceOf(valueFrom);
  const [, partition = 'aws', , , account = ''] = principalArn.split(':');
  const parameterArn = `arn:${partition}:ssm:${region}:${account}:parameter/${id.replace(/^\//, '')}`;
  const isArn = valueFrom.startsWith('arn:');
  const resourceArn = store === 'secret' || isArn ? valueFrom.split(':').slice(0, 7).join(':') : parameterArn;
  return look(() => iam.simulate({ principalArn, action, resourceArn }), {
    absent: `there is no role ${principalArn}`,
  });
}
