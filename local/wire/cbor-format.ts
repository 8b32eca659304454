/** CBOR as Smithy's rpc-v2-cbor uses it: byte strings for blobs, tag 1 for timestamps. */
import { cbor, dateToTag } from '@smithy/core/cbor';
import type { Reader } from './decode.ts';
import type { Writer } from './encode.ts';
import { jsonReader, plainName } from './json-format.ts';
import { ShapeMismatch } from './mismatch.ts';
import type { Leaf } from './shape.ts';
import { fromEpochSeconds } from './timestamp.ts';

const TIMESTAMP_TAG = 1;

/** @throws ShapeMismatch if `body` is not CBOR. An empty body is an empty object. */
export function parseCbor(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return cbor.deserialize(body);
  } catch (cause) {
    throw new ShapeMismatch('type', `the body is not CBOR: ${(cause as Error).message}`);
  }
}

export function formatCbor(value: unknown): Uint8Array {
  return cbor.serialize(value);
}

export const cborReader: Reader = { ...jsonReader(plainName), leaf: readLeaf };

export const cborWriter: Writer<unknown> = {
  leaf: (value, leaf) => (leaf.kind === 'timestamp' ? dateToTag(value as Date) : value),
  list: (items) => items,
  map: (entries) => Object.fromEntries(entries),
  structure: (fields) => Object.fromEntries(fields.map(([member, value]) => [member.name, value])),
};

function readLeaf(wire: unknown, leaf: Leaf): unknown {
  if (leaf.kind === 'document') return wire;
  if (leaf.kind === 'timestamp') return readTimestamp(wire);
  // A copy: the decoder gives a window on the request's body.
  if (leaf.kind === 'blob') return wire instanceof Uint8Array ? new Uint8Array(wire) : undefined;
  if (leaf.kind === 'number' && typeof wire === 'bigint') return Number(wire);
  return typeof wire === leaf.kind ? wire : undefined;
}

function readTimestamp(wire: unknown): Date | undefined {
  const tagged = wire as { tag?: unknown; value?: unknown } | null;
  return tagged?.tag === TIMESTAMP_TAG && typeof tagged.value === 'number'
    ? fromEpochSeconds(tagged.value)
    : undefined;
}
