/** Turns SDK-typed data into a wire format, checking it against its shape on the way: our own bugs must be loud. */
import { types } from 'node:util';
import { allowedKind, requireOne } from './decode.ts';
import { missing, type Path, unknownMember, wrongType } from './mismatch.ts';
import { isStructure, type Leaf, type Member, type Structure } from './shape.ts';

/** How one wire format is written: `T` is a piece of it. Values given to `leaf` have been checked. */
export interface Writer<T> {
  leaf(value: unknown, leaf: Leaf): T;
  list(items: readonly T[], member: Member): T;
  map(entries: readonly (readonly [string, T])[], member: Member): T;
  structure(fields: readonly (readonly [Member, T])[], member: Member): T;
}

/**
 * Writes `value` as `member`.
 * @throws ShapeMismatch
 */
export function encode<T>(
  member: Member,
  value: unknown,
  writer: Writer<T>,
  path: Path = { parent: undefined, key: member.name },
): T {
  const { shape } = member;
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) throw wrongType(path, value, 'a list');
    return writer.list(
      value.map((item, at) => encode(shape.element, item, writer, { parent: path, key: at })),
      member,
    );
  }
  if (shape.kind === 'map') {
    if (!isRecord(value)) throw wrongType(path, value, 'a map');
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return writer.map(
      entries.map(([key, item]) => [key, encode(shape.value, item, writer, { parent: path, key })] as const),
      member,
    );
  }
  if (isStructure(shape)) {
    return writer.structure(encodeFields(shape, value, writer, path), member);
  }
  if (!isLeaf(value, shape)) throw wrongType(path, value, allowedKind(shape));
  return writer.leaf(value, shape);
}

function encodeFields<T>(
  shape: Structure,
  value: unknown,
  writer: Writer<T>,
  path: Path,
): (readonly [Member, T])[] {
  if (!isRecord(value)) throw wrongType(path, value, allowedKind(shape));
  refuseUnknown(shape, value, path);
  const fields: (readonly [Member, T])[] = [];
  for (const member of shape.members) {
    const item = value[member.name];
    if (item !== undefined) {
      fields.push([member, encode(member, item, writer, { parent: path, key: member.name })]);
    } else if (shape.required.has(member.name)) {
      throw missing(path, member.name, shape.name);
    }
  }
  if (shape.kind === 'union') requireOne(shape, Object.fromEntries(fields.map(([m]) => [m.name, 1])), path);
  return fields;
}

function refuseUnknown(shape: Structure, value: Readonly<Record<string, unknown>>, path: Path): void {
  const known = shape.members.map((member) => member.name);
  const unknown = Object.keys(value).find((name) => value[name] !== undefined && !known.includes(name));
  if (unknown !== undefined) throw unknownMember(path, unknown, shape.name, known);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !types.isDate(value) &&
  !ArrayBuffer.isView(value);

function isLeaf(value: unknown, leaf: Leaf): boolean {
  switch (leaf.kind) {
    case 'blob':
      return types.isUint8Array(value);
    case 'timestamp':
      return types.isDate(value) && Number.isFinite(value.getTime());
    case 'document':
      return value !== undefined && typeof value !== 'function';
    default:
      return typeof value === leaf.kind;
  }
}
