/** The roles of the local cloud and what their policies grant: recorded, for whoever asks or enforces. */
import { z } from 'zod';
import { localArn } from '../../arns.ts';

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).default({}),
});

/** A policy of a role, not of a resource: NotAction, NotResource and Principal are refused by name. */
export const policyDocument = z.strictObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z.union([statementSchema.transform((one) => [one]), z.array(statementSchema)]),
});

export type Statement = z.output<typeof statementSchema>;

export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly statements: readonly Statement[];
}

export interface Roles {
  /** @returns its ARN. */
  create(name: string): string;
  /** Adds statements to a role. @throws Error if there is no such role */
  grant(roleName: string, statements: readonly Statement[]): void;
  /** By name or ARN. */
  find(nameOrArn: string): Role | undefined;
}

export function createRoles(): Roles {
  const roles = new Map<string, { name: string; arn: string; statements: Statement[] }>();
  return {
    create(name) {
      if (roles.has(name)) throw new Error(`role ${name} exists already`);
      const arn = localArn('iam', `role/${name}`).replace(/:iam:[^:]*:/, ':iam::');
      roles.set(name, { name, arn, statements: [] });
      return arn;
    },
    grant(roleName, statements) {
      const role = roles.get(roleName);
      if (!role)
        throw new Error(`there is no role ${roleName}; there are ${[...roles.keys()].join(', ') || 'none'}`);
      role.statements.push(...statements);
    },
    find: (nameOrArn) => roles.get(nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1)),
  };
}
