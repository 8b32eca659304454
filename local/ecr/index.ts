/** ECR: repositories, and images that are manifests. */
import { pageOf } from '../page.ts';
import { LOCAL_ACCOUNT, type Platform } from '../platform.ts';
import type { ImageStore, LocalImage } from '../simulators.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcrApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { imageOperations, invalid, invalidToken, pageSize } from './images.ts';
import { lifecyclePolicyOperations } from './lifecycle-policies.ts';
import { type Image, REGISTRY_HOST, Repository } from './repository.ts';
import { scanOperations, scanPushed } from './scans.ts';
import { createSigning } from './signing.ts';

const TOKEN_LIFE_MS = 12 * 3_600_000;
const NAME = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

export interface EcrSimulator {
  readonly operations: Operations<typeof EcrApi>;
  readonly images: ImageStore;
}

/**
 * Weaker than AWS: no layers are uploaded or checked, scans and signatures end as the image's annotations say, and there is
 * no enhanced scanning, replication, life cycle or repository policy.
 */
export function createEcr(platform: Platform): EcrSimulator {
  const repositories = new Map<string, Repository>();

  const named = ({
    repositoryName = '',
    registryId = LOCAL_ACCOUNT,
  }: {
    repositoryName?: string | undefined;
    registryId?: string | undefined;
  }): Repository => {
    const repository = registryId === LOCAL_ACCOUNT ? repositories.get(repositoryName) : undefined;
    if (repository) return repository;
    throw new AwsError(
      'RepositoryNotFoundException',
      `The repository with name '${repositoryName}' does not exist in the registry with id '${registryId}'`,
    );
  };

  const signing = createSigning(platform, named);

  return {
    images: { resolve: (imageUri) => resolve(repositories, imageUri) },
    operations: {
      ...imageOperations(platform, named, (repository, manifest) => {
        scanPushed(platform, repository, manifest);
        signing.signPushed(repository, manifest);
      }),
      ...scanOperations(platform, named),
      ...signing.operations,
      ...lifecyclePolicyOperations(named),
      CreateRepository: (input) => {
        const repository = newRepository(input, platform.clock.now());
        if (repositories.has(repository.name)) {
          throw new AwsError(
            'RepositoryAlreadyExistsException',
            `The repository with name '${repository.name}' already exists in the registry with id '${LOCAL_ACCOUNT}'`,
          );
        }
        repositories.set(repository.name, repository);
        return { repository: repository.description };
      },
      DescribeRepositories: ({ repositoryNames, registryId, maxResults, nextToken }) => {
        const all = [...repositories.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
        const asked = repositoryNames?.map((repositoryName) => named({ repositoryName, registryId })) ?? all;
        const page = pageOf(asked, pageSize(maxResults), nextToken, invalidToken);
        return {
          repositories: page.elements.map(({ description }) => description),
          nextToken: page.nextToken,
        };
      },
      DeleteRepository: (input) => {
        const repository = named(input);
        if (repository.images.length > 0 && !input.force) {
          throw new AwsError(
            'RepositoryNotEmptyException',
            `The repository with name '${repository.name}' in registry with id '${LOCAL_ACCOUNT}' cannot be deleted because it still contains images`,
          );
        }
        repositories.delete(repository.name);
        return { repository: repository.description };
      },
      GetAuthorizationToken: () => ({
        authorizationData: [
          {
            authorizationToken: Buffer.from('AWS:local').toString('base64'),
            expiresAt: new Date(platform.clock.now() + TOKEN_LIFE_MS),
            proxyEndpoint: `https://${REGISTRY_HOST}`,
          },
        ],
      }),
    },
  };
}

function newRepository(input: EcrApi.CreateRepositoryCommandInput, nowMs: number): Repository {
  refuseMembers('CreateRepository', input, ['imageTagMutabilityExclusionFilters']);
  const { repositoryName = '', imageTagMutability = 'MUTABLE' } = input;
  if (!NAME.test(repositoryName) || repositoryName.length < 2 || repositoryName.length > 256) {
    throw invalid(
      `Invalid parameter at 'repositoryName' failed to satisfy constraint: '${repositoryName}' must be 2 to 256 lower-case letters, digits, . _ - and /`,
    );
  }
  if (imageTagMutability !== 'MUTABLE' && imageTagMutability !== 'IMMUTABLE') {
    throw notImplemented(`CreateRepository with imageTagMutability ${imageTagMutability}`);
  }
  return new Repository(input, nowMs);
}

function resolve(repositories: ReadonlyMap<string, Repository>, imageUri: string): LocalImage | undefined {
  if (!imageUri.startsWith(`${REGISTRY_HOST}/`)) return undefined;
  const [, name = '', imageTag, imageDigest] =
    /^(.+?)(?::([^:@]+))?(?:@(sha256:.+))?$/.exec(imageUri.slice(REGISTRY_HOST.length + 1)) ?? [];
  // Where both are given, the digest alone decides, as it does for a container runtime.
  const id = imageDigest === undefined ? { imageTag: imageTag ?? 'latest' } : { imageDigest };
  const repository = repositories.get(name);
  const image = repository && runnable(repository, repository.find(id));
  return image && { digest: image.manifest.digest, ...structuredClone(image.manifest.local) };
}

/** What the platform of this cloud pulls from a list of images: the one for it, or else the first. */
const LOCAL_PLATFORM = 'linux/amd64';

function runnable(repository: Repository, image: Image | undefined): Image | undefined {
  const members = image?.manifest.members.filter(({ platform }) => !platform.startsWith('unknown')) ?? [];
  const chosen = members.find(({ platform }) => platform === LOCAL_PLATFORM) ?? members[0];
  return chosen ? repository.find({ imageDigest: chosen.digest }) : image;
}
