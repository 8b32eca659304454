/** JSON as AWS writes it: epoch seconds, base64, and names for the numbers that JSON lacks. */
import type { Fields, Reader } from './decode.ts';
import type { Writer } from './encode.ts';
import { ShapeMismatch } from './mismatch.ts';
import type { Leaf, Member, Shape } from './shape.ts';
import { readBase64 } from './text-leaf.ts';
import { formatTimestamp, fromEpochSeconds, parseTimestamp, toEpochSeconds } from './timestamp.ts';

/** The names of members: REST-JSON honours `jsonName`, awsJson does not. */
export type NameOf = (member: Member) => string;

export const plainName: NameOf = (member) => member.name;
export const jsonName: NameOf = (member) => member.traits.jsonName ?? member.name;

/** @throws ShapeMismatch if `body` is not JSON. An empty body is an empty object. */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (cause) {
    throw new ShapeMismatch('type', `the body is not JSON: ${(cause as Error).message}`);
  }
}

export const jsonReader = (nameOf: NameOf): Reader => ({
  nameOf,
  fields: objectFields,
  items: (wire) => (Array.isArray(wire) ? wire : undefined),
  entries: (wire) =>
    isObject(wire) ? Object.entries(wire).filter(([, value]) => value !== null) : undefined,
  leaf: readLeaf,
});

export const jsonWriter = (nameOf: NameOf): Writer<unknown> => ({
  leaf: writeLeaf,
  list: (items) => items,
  map: (entries) => Object.fromEntries(entries),
  structure: (fields) => Object.fromEntries(fields.map(([member, value]) => [nameOf(member), value])),
});

/** The members of a plain object, for readers whose format has such objects. */
export function objectFields(wire: unknown): Fields | undefined {
  if (!isObject(wire)) return undefined;
  const names = Object.keys(wire);
  return {
    names: names.filter((name) => wire[name] !== null),
    get: (name) => (Object.hasOwn(wire, name) ? wire[name] : undefined),
  };
}

const isObject = (wire: unknown): wire is Readonly<Record<string, unknown>> =>
  typeof wire === 'object' && wire !== null && !Array.isArray(wire);

function readLeaf(wire: unknown, leaf: Leaf): unknown {
  if (leaf.kind === 'document') return wire;
  if (leaf.kind === 'timestamp') return readTimestamp(wire, leaf);
  if (leaf.kind === 'blob') return typeof wire === 'string' ? readBase64(wire) : undefined;
  if (leaf.kind === 'number' && typeof wire === 'string') return NON_FINITE[wire];
  return typeof wire === leaf.kind ? wire : undefined;
}

const NON_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function readTimestamp(wire: unknown, leaf: Shape & { kind: 'timestamp' }): Date | undefined {
  if (typeof wire === 'number') return fromEpochSeconds(wire);
  if (typeof wire !== 'string' || leaf.format === undefined) return undefined;
  return parseTimestamp(wire, leaf.format);
}

function writeLeaf(value: unknown, leaf: Leaf): unknown {
  if (leaf.kind === 'timestamp') {
    // Milliseconds would parse silently to a wrong year, and ISO text throws in the SDK: seconds unless told.
    const date = value as Date;
    return (leaf.format ?? 'epoch-seconds') === 'epoch-seconds'
      ? toEpochSeconds(date)
      : formatTimestamp(date, leaf.format as 'date-time');
  }
  if (leaf.kind === 'blob') return Buffer.from(value as Uint8Array).toString('base64');
  return leaf.kind === 'number' && !Number.isFinite(value) ? String(value) : value;
}
