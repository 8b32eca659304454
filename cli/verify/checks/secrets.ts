/** The secrets of the containers: there, and readable by the execution role as far as its own policies tell. */
import type { TaskDefinition } from '../../../lambdas/aws/ecs.ts';
import type { SecretFacts, ServiceFacts } from '../facts.ts';
import { type Finding, judged, ng, ok, skip } from '../finding.ts';

export function judgeSecrets({ secrets }: Pick<ServiceFacts, 'secrets'>): Finding[] {
  if (secrets.length === 0) return [ok('the containers have no secrets')];
  return secrets.flatMap((secret) => {
    const what = `${secret.usedAs}: ${secret.valueFrom}`;
    const gone = ng(
      `${what} does not exist`,
      'create it, or correct the task definition: a task that cannot read it does not start',
    );
    return judged(secret.exists, { what, todo: gone.todo ?? '' }, (exists) =>
      exists ? [ok(`${what} exists`), ...judgeReading(secret)] : [gone],
    );
  });
}

function judgeReading({ valueFrom, readable }: SecretFacts): Finding[] {
  const { action } = referenceOf(valueFrom);
  if (readable.is !== 'known') return [skip(`reading ${valueFrom}: ${readable.why}`)];
  return readable.value
    ? [
        ok(
          `the execution role may ${action} it; its key's and the resource's own policies were not looked at`,
        ),
      ]
    : [
        ng(
          `the execution role may not ${action} ${valueFrom}`,
          `allow ${action} in the execution role's policy`,
        ),
      ];
}

/** Where a secret lies, as `valueFrom` of a container names it. */
export interface SecretReference {
  readonly store: 'parameter' | 'secret';
  /** What its store knows it by: an ARN, or a parameter's name. */
  readonly id: string;
  /** Absent if it lies in the task's own Region. */
  readonly region?: string;
  /** What the execution role has to be allowed. */
  readonly action: 'ssm:GetParameters' | 'secretsmanager:GetSecretValue';
}

/** `arn:…:secret:name-AbCdEf:key:stage:version`, `arn:…:parameter/name`, or a parameter's name. */
export function referenceOf(valueFrom: string): SecretReference {
  const [, , service, region, , ...rest] = valueFrom.split(':');
  if (service === 'secretsmanager') {
    // JSON key, version stage and version id follow the secret's own name.
    const id = valueFrom.split(':').slice(0, 7).join(':');
    return { store: 'secret', id, region, action: 'secretsmanager:GetSecretValue' };
  }
  if (service === 'ssm') {
    const path = rest.join(':').replace(/^parameter\//, '');
    // A parameter of the top level has no slash in its name, all others begin with one.
    return {
      store: 'parameter',
      id: path.includes('/') ? `/${path}` : path,
      region,
      action: 'ssm:GetParameters',
    };
  }
  return { store: 'parameter', id: valueFrom, action: 'ssm:GetParameters' };
}

/** Everything that the execution role reads before a container starts. */
export function secretsIn({ containerDefinitions = [] }: Pick<TaskDefinition, 'containerDefinitions'>): {
  readonly valueFrom: string;
  readonly usedAs: string;
}[] {
  return containerDefinitions.flatMap(
    ({ name = '', secrets = [], repositoryCredentials, logConfiguration }) => {
      const used = [
        ...secrets.map(({ name: variable, valueFrom = '' }) => ({
          valueFrom,
          usedAs: `${variable} of ${name}`,
        })),
        ...(logConfiguration?.secretOptions ?? []).map(({ name: option, valueFrom = '' }) => ({
          valueFrom,
          usedAs: `log option ${option} of ${name}`,
        })),
      ];
      const credentials = repositoryCredentials?.credentialsParameter;
      return credentials
        ? [...used, { valueFrom: credentials, usedAs: `registry credentials of ${name}` }]
        : used;
    },
  );
}
