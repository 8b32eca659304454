/** Equality of JSON documents, blind to the order of members and to absent, undefined and empty ones. */

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | JsonValue[]
  | { [member: string]: JsonValue };

/** AWS returns empty lists and objects where nothing was given: they mean the same. */
const isEmpty = (value: JsonValue): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

export function sameJson(a: JsonValue, b: JsonValue): boolean {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const members = new Set([...Object.keys(a), ...Object.keys(b)]);
  const [left, right] = [a as Record<string, JsonValue>, b as Record<string, JsonValue>];
  return [...members].every((member) => sameJson(left[member], right[member]));
}
