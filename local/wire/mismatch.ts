/** How data that does not fit its shape is reported: which member, what was found, and what is allowed. */

/** The way from the root of the data to a member, innermost first. */
export interface Path {
  readonly parent: Path | undefined;
  readonly key: string | number;
}

/** `type`: the data cannot be read at all; the others: it can be read, and is not valid. */
export type MismatchKind = 'missing' | 'unknown' | 'union' | 'type';

/** Data that does not fit its shape; the message names the member. */
export class ShapeMismatch extends Error {
  readonly kind: MismatchKind;

  constructor(kind: MismatchKind, message: string) {
    super(message);
    this.name = 'ShapeMismatch';
    this.kind = kind;
  }
}

export function missing(path: Path, name: string, structure: string): ShapeMismatch {
  return new ShapeMismatch(
    'missing',
    `${formatPath({ parent: path, key: name })} is required in ${structure}; found none`,
  );
}

export function unknownMember(
  path: Path,
  name: string,
  structure: string,
  allowed: readonly string[],
): ShapeMismatch {
  const list = allowed.length === 0 ? 'no members' : allowed.join(', ');
  return new ShapeMismatch(
    'unknown',
    `${formatPath({ parent: path, key: name })} is no member of ${structure}; allowed are ${list}`,
  );
}

export function wrongType(path: Path, found: unknown, allowed: string): ShapeMismatch {
  return new ShapeMismatch('type', `${formatPath(path)} is ${describe(found)}; allowed is ${allowed}`);
}

export function notOneMember(
  path: Path,
  given: readonly string[],
  allowed: readonly string[],
): ShapeMismatch {
  const found = given.length === 0 ? 'none' : given.join(' and ');
  return new ShapeMismatch(
    'union',
    `${formatPath(path)} holds ${found}; allowed is exactly one of ${allowed.join(', ')}`,
  );
}

/** `DescribeServices.services[2].name`. */
export function formatPath(path: Path): string {
  const before = path.parent ? formatPath(path.parent) : '';
  if (typeof path.key === 'number') return `${before}[${path.key}]`;
  return before === '' ? path.key : `${before}.${path.key}`;
}

const SHOWN_LENGTH_MAX = 40;

function describe(found: unknown): string {
  if (found === null) return 'null';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'string') {
    const shown = found.length > SHOWN_LENGTH_MAX ? `${found.slice(0, SHOWN_LENGTH_MAX)}…` : found;
    return `the string ${JSON.stringify(shown)}`;
  }
  if (typeof found === 'object') return found instanceof Date ? 'a timestamp' : 'an object';
  return `the ${typeof found} ${String(found)}`;
}
