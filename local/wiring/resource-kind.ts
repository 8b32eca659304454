/** How one type of resource comes to exist: its properties, checked, and the calls that create it. */
import { z } from 'zod';
import type { Call } from '../wire/operations.ts';
import type { WiringTarget } from './target.ts';

/** The resource to create, beside its properties. */
export interface ResourceIdentity {
  readonly logicalId: string;
  readonly stackName: string;
  /** The name to give it if its properties have none; at most `max` characters. */
  physicalName(max: number): string;
  /** The path of a file asset, by its S3 object key. @throws Error if the assembly has none */
  assetPath(objectKey: string): string;
}

/** What `Ref` and `Fn::GetAtt` give of a resource. */
export interface Created {
  ref: string;
  attributes?: Record<string, string>;
}

export interface ResourceKind {
  /** @throws Error that names property, value found and what is allowed. */
  create(
    properties: Record<string, unknown>,
    identity: ResourceIdentity,
    target: WiringTarget,
  ): Promise<Created>;
}

/**
 * Makes a kind. `schema` names every property that has an effect here, and with `withoutEffect` those that have
 * none (tags, encryption); any other property is refused by name.
 */
export function kind<S extends z.ZodRawShape>(
  schema: S,
  create: (
    properties: z.output<z.ZodObject<S>>,
    identity: ResourceIdentity,
    target: WiringTarget,
  ) => Created | Promise<Created>,
): ResourceKind {
  const shape = z.strictObject(schema);
  return {
    async create(properties, identity, target) {
      const parsed = shape.safeParse(properties);
      if (!parsed.success) throw new Error(parsed.error.issues.map(describeIssue).join('; '));
      return create(parsed.data as z.output<z.ZodObject<S>>, identity, target);
    },
  };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return `property ${path}: ${issue.message}`;
  const names = issue.keys.map((key) => (path ? `${path}.${key}` : key));
  return `the local cloud does not know property ${names.join(', ')}`;
}

/** Numbers and booleans may stand as strings in a template. */
export const number = z.coerce.number();
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** A property that makes no difference in the local cloud. */
export const withoutEffect = z.unknown().optional();

/** A property of a shape that the service's own operation checks. */
export const asGiven = <T>() => z.custom<T>().optional();

const CALL: Call = { caller: 'cloudformation', requestId: 'wiring' };

type Operation<Input, Output> = ((input: Input, call: Call) => Output | Promise<Output>) | undefined;

/** Calls an operation of a simulator as CloudFormation would. @throws Error if the simulator has no such operation */
export async function perform<Input, Output>(
  operation: Operation<Input, Output>,
  input: Input,
): Promise<Output> {
  if (!operation) throw new Error('the local cloud has not the operation that would create it');
  return operation(input, CALL);
}
