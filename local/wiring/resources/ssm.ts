/** AWS::SSM: parameters. */
import { z } from 'zod';
import { kind, perform, withoutEffect } from '../resource-kind.ts';

const PARAMETER_NAME_MAX = 1011;

export const ssmParameter = kind(
  {
    Name: z.string().optional(),
    Type: z.enum(['String', 'StringList']),
    Value: z.string(),
    Tier: z.enum(['Standard', 'Advanced', 'Intelligent-Tiering']).optional(),
    Description: z.string().optional(),
    AllowedPattern: z.string().optional(),
    DataType: z.string().optional(),
    Tags: withoutEffect,
  },
  async ({ Tags: _, ...properties }, identity, { ssm }) => {
    const Name = properties.Name ?? identity.physicalName(PARAMETER_NAME_MAX);
    await perform(ssm.PutParameter, { ...properties, Name });
    return { ref: Name, attributes: { Type: properties.Type, Value: properties.Value } };
  },
);
