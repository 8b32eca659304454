/** Leaves as text: in form fields, query strings, headers, path labels and XML. */
import type { Leaf, TimestampFormat } from './shape.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];

/** Reads a leaf from text. @returns undefined if it is no such value. */
export function readText(text: string, leaf: Leaf, timestamps: TimestampFormat): unknown {
  switch (leaf.kind) {
    case 'string':
    case 'document':
      return text;
    case 'number':
      return readNumber(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'blob':
      return readBase64(text);
    case 'timestamp':
      return parseTimestamp(text, leaf.format ?? timestamps);
  }
}

/** Writes a leaf, which has been checked, as text. */
export function writeText(value: unknown, leaf: Leaf, timestamps: TimestampFormat): string {
  if (leaf.kind === 'timestamp') return formatTimestamp(value as Date, leaf.format ?? timestamps);
  if (leaf.kind === 'blob') return Buffer.from(value as Uint8Array).toString('base64');
  if (leaf.kind === 'document') return JSON.stringify(value);
  return String(value);
}

/** Reads base64. @returns undefined if `text` is not base64. */
export function readBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) return undefined;
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function readNumber(text: string): number | undefined {
  if (NON_FINITE.includes(text)) return Number(text);
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
