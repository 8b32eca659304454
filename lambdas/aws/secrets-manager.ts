/** Secrets Manager: whether a secret is there; its value is never asked for. */
import {
  DescribeSecretCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface SecretsManager {
  /** By name or ARN. @returns false if there is none, or it is scheduled for deletion */
  hasSecret(secretId: string): Promise<boolean>;
}

const clientFor = clientOf(SecretsManagerClient);

export function secretsManager(runtime: Runtime): SecretsManager {
  return {
    async hasSecret(SecretId) {
      try {
        const { DeletedDate } = await clientFor(runtime).send(new DescribeSecretCommand({ SecretId }));
        return DeletedDate === undefined;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return false;
        throw error;
      }
    },
  };
}
