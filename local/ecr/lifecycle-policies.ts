/** The operations on lifecycle policies: they are kept, and nothing expires by them. */
import { LOCAL_ACCOUNT } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcrApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { invalid } from './images.ts';
import type { Repository } from './repository.ts';

type RepositoryInput = { repositoryName?: string | undefined; registryId?: string | undefined };

/** @param named finds a repository, or throws. */
export function lifecyclePolicyOperations(
  named: (input: RepositoryInput) => Repository,
): Pick<Operations<typeof EcrApi>, 'DeleteLifecyclePolicy' | 'GetLifecyclePolicy' | 'PutLifecyclePolicy'> {
  const policies = new WeakMap<Repository, string>();

  const policyOf = (repository: Repository): string => {
    const policy = policies.get(repository);
    if (policy !== undefined) return policy;
    throw new AwsError(
      'LifecyclePolicyNotFoundException',
      `Lifecycle policy does not exist for the repository with name '${repository.name}' in the registry with id '${LOCAL_ACCOUNT}'`,
    );
  };

  return {
    PutLifecyclePolicy: (input) => {
      const repository = named(input);
      const lifecyclePolicyText = requireRules(input.lifecyclePolicyText ?? '');
      policies.set(repository, lifecyclePolicyText);
      return { ...nameOf(repository), lifecyclePolicyText };
    },
    GetLifecyclePolicy: (input) => {
      const repository = named(input);
      return { ...nameOf(repository), lifecyclePolicyText: policyOf(repository) };
    },
    DeleteLifecyclePolicy: (input) => {
      const repository = named(input);
      const lifecyclePolicyText = policyOf(repository);
      policies.delete(repository);
      return { ...nameOf(repository), lifecyclePolicyText };
    },
  };
}

const nameOf = ({ name }: Repository) => ({ registryId: LOCAL_ACCOUNT, repositoryName: name });

/** Only that it is a policy at all: what its rules may say, ECR checks and this does not. */
function requireRules(text: string): string {
  const refused = (): AwsError =>
    invalid(
      "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure'",
    );
  try {
    const { rules } = JSON.parse(text) as { rules?: unknown };
    if (Array.isArray(rules) && rules.length > 0) return text;
  } catch {
    throw refused();
  }
  throw refused();
}
