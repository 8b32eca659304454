/** Turns data as it came over the wire into SDK-typed data, checking it against its shape on the way. */
import { missing, notOneMember, type Path, unknownMember, wrongType } from './mismatch.ts';
import { isStructure, type Leaf, type Member, type Shape, type Structure } from './shape.ts';

/** The members of a structure as a wire format holds them. */
export interface Fields {
  readonly names: readonly string[];
  get(name: string): unknown;
}

/** How one wire format is read. Each method gives undefined if `wire` is no such thing. */
export interface Reader {
  nameOf(member: Member): string;
  fields(wire: unknown): Fields | undefined;
  items(wire: unknown, member: Member): readonly unknown[] | undefined;
  entries(wire: unknown, member: Member): readonly (readonly [string, unknown])[] | undefined;
  leaf(wire: unknown, leaf: Leaf): unknown;
  /** What to show of `wire` in a message; `wire` itself if absent. */
  shown?(wire: unknown): unknown;
}

/**
 * Reads `wire` as `member`: timestamps become `Date`s, blobs `Uint8Array`s; null members are left out.
 * @throws ShapeMismatch
 */
export function decode(
  member: Member,
  wire: unknown,
  reader: Reader,
  path: Path = { parent: undefined, key: member.name },
): unknown {
  const { shape } = member;
  if (shape.kind === 'list') return decodeList(member, shape.element, wire, reader, path);
  if (shape.kind === 'map') return decodeMap(member, shape.value, wire, reader, path);
  if (isStructure(shape)) {
    return decodeStructure(shape, wire, reader, path);
  }
  const value = reader.leaf(wire, shape);
  if (value === undefined) throw wrongType(path, shown(wire, reader), allowedKind(shape));
  return value;
}

const shown = (wire: unknown, reader: Reader): unknown => (reader.shown ? reader.shown(wire) : wire);

/** The kind of a shape in words, for messages. */
export function allowedKind(shape: Shape): string {
  if (isStructure(shape)) return `a ${shape.name} object`;
  if (shape.kind === 'timestamp' && shape.format) return `a timestamp (${shape.format})`;
  return shape.kind === 'blob' ? 'binary data' : `a ${shape.kind}`;
}

function decodeList(member: Member, element: Member, wire: unknown, reader: Reader, path: Path): unknown[] {
  const items = reader.items(wire, member);
  if (!items) throw wrongType(path, shown(wire, reader), 'a list');
  return items.map((item, at) => decode(element, item, reader, { parent: path, key: at }));
}

function decodeMap(member: Member, value: Member, wire: unknown, reader: Reader, path: Path): unknown {
  const entries = reader.entries(wire, member);
  if (!entries) throw wrongType(path, shown(wire, reader), 'a map');
  return Object.fromEntries(
    entries.map(([key, item]) => [key, decode(value, item, reader, { parent: path, key })]),
  );
}

function decodeStructure(shape: Structure, wire: unknown, reader: Reader, path: Path): unknown {
  const fields = reader.fields(wire);
  if (!fields) throw wrongType(path, shown(wire, reader), allowedKind(shape));
  // Before what is missing: a misspelt member is both.
  refuseUnknown(shape, fields, reader, path);
  const decoded: Record<string, unknown> = {};
  for (const member of shape.members) {
    const item = fields.get(reader.nameOf(member));
    if (item !== undefined && item !== null) {
      decoded[member.name] = decode(member, item, reader, { parent: path, key: member.name });
    } else if (shape.required.has(member.name)) {
      throw missing(path, member.name, shape.name);
    }
  }
  if (shape.kind === 'union') requireOne(shape, decoded, path);
  return decoded;
}

function refuseUnknown(shape: Structure, fields: Fields, reader: Reader, path: Path): void {
  const known = new Set(shape.members.map((member) => reader.nameOf(member)));
  const unknown = fields.names.find((name) => !known.has(name));
  if (unknown !== undefined) throw unknownMember(path, unknown, shape.name, [...known]);
}

/** A union holds exactly one of its members. */
export function requireOne(shape: Structure, value: object, path: Path): void {
  const given = Object.keys(value);
  if (given.length === 1) return;
  throw notOneMember(
    path,
    given,
    shape.members.map((member) => member.name),
  );
}
