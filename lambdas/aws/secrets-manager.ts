/** Secrets Manager: whether a secret is there; its value is never asked for. The client is loaded when it is first needed. */
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

/** By name or ARN. @returns false if there is none, or it is scheduled for deletion */
export async function hasSecret(runtime: Runtime, SecretId: string): Promise<boolean> {
  const sdk = await import('@aws-sdk/client-secrets-manager');
  const client = clientOf(sdk.SecretsManagerClient)(runtime);
  try {
    const { DeletedDate } = await client.send(new sdk.DescribeSecretCommand({ SecretId }));
    return DeletedDate === undefined;
  } catch (error) {
    if (error instanceof sdk.ResourceNotFoundException) return false;
    throw error;
  }
}
