/** Shapes of AWS data, read from the compact schemas that the SDK client packages export. */

/** What a schema says about a member beside its type, as far as the wire layer uses it. */
export interface Traits {
  readonly httpLabel?: 1;
  readonly httpPayload?: 1;
  readonly httpResponseCode?: 1;
  readonly httpQueryParams?: 1;
  readonly idempotencyToken?: 1;
  readonly sensitive?: 1;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpQuery?: string;
  readonly jsonName?: string;
  readonly xmlName?: string;
  readonly xmlFlattened?: 1;
  readonly http?: readonly [method: string, path: string, statusCode: number];
  readonly error?: 'client' | 'server';
  readonly httpError?: number;
  readonly awsQueryError?: readonly [code: string, statusCode: number];
}

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

export type Leaf =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'blob' | 'document' }
  | { readonly kind: 'timestamp'; readonly format: TimestampFormat | undefined };

export interface Structure {
  readonly kind: 'structure' | 'union';
  readonly name: string;
  readonly members: readonly Member[];
  readonly required: ReadonlySet<string>;
  readonly traits: Traits;
}

export type Shape =
  | Leaf
  | { readonly kind: 'list'; readonly element: Member }
  | { readonly kind: 'map'; readonly key: Member; readonly value: Member }
  | Structure;

export const isStructure = (shape: Shape): shape is Structure =>
  shape.kind === 'structure' || shape.kind === 'union';

/** A place of a shape: a member of a structure, an element of a list, or the whole (whose name is its shape's). */
export interface Member {
  readonly name: string;
  readonly shape: Shape;
  /** The member's traits over those of its shape. */
  readonly traits: Traits;
}

// The tags and numbers of @smithy/types: static schemas are arrays that begin with a tag, simple ones are numbers.
const LEAVES: Readonly<Record<number, Leaf>> = {
  0: { kind: 'string' },
  1: { kind: 'number' },
  2: { kind: 'boolean' },
  4: { kind: 'timestamp', format: undefined },
  5: { kind: 'timestamp', format: 'date-time' },
  6: { kind: 'timestamp', format: 'http-date' },
  7: { kind: 'timestamp', format: 'epoch-seconds' },
  15: { kind: 'document' },
  21: { kind: 'blob' },
  42: { kind: 'blob' },
};
const LIST_OF = 64;
const MAP_OF = 128;
const TRAIT_BITS = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
] as const;
const NOTHING: Structure = { kind: 'structure', name: 'Unit', members: [], required: new Set(), traits: {} };

const compiled = new WeakMap<object, Shape>();

/** Reads the schema `reference` (a number, an array, or a function that gives one) as a place called `name`. */
export function memberOf(reference: unknown, name: string): Member {
  const { schema, traits } = unwrap(reference);
  const own = Array.isArray(schema) ? traitsOf(schema[3]) : {};
  return {
    name,
    traits: { ...own, ...traits },
    // Shapes may contain themselves (a DynamoDB AttributeValue), so each is read when it is first looked at.
    get shape() {
      return shapeOf(schema);
    },
  };
}

/** @throws TypeError if the schema is of a kind that this layer does not know: the SDK's format has changed. */
export function shapeOf(reference: unknown): Shape {
  const { schema } = unwrap(reference);
  if (!Array.isArray(schema)) return simpleShape(schema);
  const known = compiled.get(schema);
  if (known) return known;
  const shape = staticShape(schema);
  compiled.set(schema, shape);
  return shape;
}

/** The traits of an exported schema itself, an operation's or an error's. */
export function traitsOf(indicator: unknown): Traits {
  if (typeof indicator === 'object' && indicator !== null) return indicator;
  const bits = Number(indicator ?? 0);
  return Object.fromEntries(TRAIT_BITS.filter((_, bit) => (bits >> bit) & 1).map((trait) => [trait, 1]));
}

function unwrap(reference: unknown): { schema: unknown; traits: Traits } {
  let schema = reference;
  let traits: Traits = {};
  while (typeof schema === 'function' || isMember(schema)) {
    if (isMember(schema)) {
      traits = { ...traitsOf(schema[1]), ...traits };
      schema = schema[0];
    } else if (typeof schema === 'function') {
      schema = schema();
    }
  }
  return { schema, traits };
}

const isMember = (schema: unknown): schema is [unknown, unknown] =>
  Array.isArray(schema) && schema.length === 2;

function simpleShape(schema: unknown): Shape {
  if (schema === 'unit') return NOTHING;
  const code = Number(schema);
  const leaf = LEAVES[code];
  if (leaf) return leaf;
  if (code >= MAP_OF)
    return { kind: 'map', key: memberOf(0, 'key'), value: memberOf(code - MAP_OF, 'value') };
  if (code >= LIST_OF) return { kind: 'list', element: memberOf(code - LIST_OF, 'member') };
  throw new TypeError(`SDK schema ${String(schema)} is of no known kind`);
}

function staticShape(schema: readonly unknown[]): Shape {
  const [tag, , name, traits, first, second, requiredCount] = schema;
  if (tag === 0) return shapeOf(first);
  if (tag === 1) return { kind: 'list', element: memberOf(first, 'member') };
  if (tag === 2) return { kind: 'map', key: memberOf(first, 'key'), value: memberOf(second, 'value') };
  if (tag !== 3 && tag !== -3 && tag !== 4)
    throw new TypeError(`SDK schema ${String(name)} has unknown tag ${String(tag)}`);
  const names = first as readonly string[];
  const references = second as readonly unknown[];
  return {
    kind: tag === 4 ? 'union' : 'structure',
    name: String(name),
    members: names.map((memberName, at) => memberOf(references[at], memberName)),
    required: new Set(names.slice(0, Number(requiredCount ?? 0))),
    traits: traitsOf(traits),
  };
}
