/** Managed signing: each image that is pushed is signed with the profiles that the registry's rules give its repository. */
import { LOCAL_ACCOUNT, type Platform } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcrApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { findImage } from './images.ts';
import type { Manifest } from './manifest.ts';
import type { Repository } from './repository.ts';

/** How long a signature takes. */
const SIGNING_MS = 2_000;

export interface Signing {
  readonly operations: Operations<typeof EcrApi>;
  /** Begins the signatures of an image that was not there before. */
  signPushed(repository: Repository, manifest: Manifest): void;
}

export function createSigning(
  platform: Platform,
  named: (input: { repositoryName?: string | undefined; registryId?: string | undefined }) => Repository,
): Signing {
  let configuration: EcrApi.SigningConfiguration | undefined;

  const required = (): EcrApi.SigningConfiguration => {
    if (configuration) return configuration;
    throw new AwsError(
      'SigningConfigurationNotFoundException',
      `The signing configuration does not exist in the registry with id '${LOCAL_ACCOUNT}'`,
    );
  };

  return {
    signPushed(repository, manifest) {
      for (const { signingProfileArn = '', repositoryFilters } of configuration?.rules ?? []) {
        if (!repositoryFilters || repositoryFilters.some(({ filter }) => matches(filter, repository.name)))
          sign(platform, repository, manifest, signingProfileArn);
      }
    },
    operations: {
      PutSigningConfiguration: (input) => {
        configuration = input.signingConfiguration;
        return { signingConfiguration: configuration };
      },
      GetSigningConfiguration: () => ({
        registryId: LOCAL_ACCOUNT,
        signingConfiguration: required(),
      }),
      DeleteSigningConfiguration: () => {
        const signingConfiguration = required();
        configuration = undefined;
        return { registryId: LOCAL_ACCOUNT, signingConfiguration };
      },
      DescribeImageSigningStatus: (input) => {
        const repository = named(input);
        const { manifest } = findImage(repository, input.imageId ?? {});
        const signatures = repository.signatures.get(manifest.digest) ?? new Map();
        return {
          repositoryName: repository.name,
          registryId: LOCAL_ACCOUNT,
          imageId: { imageDigest: manifest.digest },
          signingStatuses: [...signatures].map(([signingProfileArn, status]) => ({
            signingProfileArn,
            status,
            ...(status === 'FAILED' && {
              failureCode: 'SigningJobFailed',
              failureReason: 'the annotation of the local image says so',
            }),
          })),
        };
      },
    },
  };
}

function sign(platform: Platform, repository: Repository, manifest: Manifest, profileArn: string): void {
  const { digest, signing } = manifest;
  const signatures = repository.signatures.get(digest) ?? new Map<string, EcrApi.SigningStatus>();
  if (signatures.has(profileArn)) return;
  repository.signatures.set(digest, signatures.set(profileArn, 'IN_PROGRESS'));
  platform.clock.setTimer(SIGNING_MS, () => signatures.set(profileArn, signing));
}

/** `*` is any sequence of characters. */
function matches(filter: string | undefined, name: string): boolean {
  const parts = (filter ?? '').split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
