/** AWS::KMS: keys that others name; nothing is encrypted in the local cloud. */
import { z } from 'zod';
import { localArn } from '../../arns.ts';
import { kind, withoutEffect } from '../resource-kind.ts';

const KEY_ID_MAX = 36;

export const kmsKey = kind(
  {
    KeyPolicy: withoutEffect,
    Description: withoutEffect,
    EnableKeyRotation: withoutEffect,
    PendingWindowInDays: withoutEffect,
    Tags: withoutEffect,
  },
  (_properties, identity) => {
    const id = identity.physicalName(KEY_ID_MAX);
    return { ref: id, attributes: { Arn: localArn('kms', `key/${id}`), KeyId: id } };
  },
);

export const kmsAlias = kind({ AliasName: z.string(), TargetKeyId: withoutEffect }, ({ AliasName }) => ({
  ref: AliasName,
}));
