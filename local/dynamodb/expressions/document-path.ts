/** Reading and projecting nested attributes by document path. */
import type { AwsError } from '../../wire/aws-error.ts';
import type { AttributeValue, Item } from '../attribute-value.ts';
import { Cursor } from './cursor.ts';
import type { Placeholders } from './placeholders.ts';
import { type DocumentPath, spelled } from './syntax.ts';

/** The value at a path; undefined if any step of it is absent or of another type. */
export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) {
    if (value === undefined) return undefined;
    value = typeof step === 'number' ? value.L?.[step] : own(value.M, step);
  }
  return value;
}

/** An item's own attribute: `constructor` is an attribute's name like any other. */
export function own(item: Item | undefined, name: string): AttributeValue | undefined {
  return item && Object.hasOwn(item, name) ? item[name] : undefined;
}

/** @throws AwsError `ValidationException` */
export function parseProjection(text: string, placeholders: Placeholders): DocumentPath[] {
  const cursor = new Cursor('ProjectionExpression', text, placeholders);
  const paths = [cursor.takePath()];
  while (cursor.takeSymbol(',')) paths.push(cursor.takePath());
  cursor.expectEnd();
  requireDisjoint(paths, (reason) => cursor.fail(reason));
  return paths;
}

/** @throws what `fail` makes, if a path lies on another or treats it as another type. */
export function requireDisjoint(paths: readonly DocumentPath[], fail: (reason: string) => AwsError): void {
  paths.forEach((second, index) => {
    for (const first of paths.slice(0, index)) {
      const relation = relationOf(first, second);
      if (!relation) continue;
      const which = `path one: ${spelled(first)}, path two: ${spelled(second)}`;
      throw fail(
        `Two document paths ${relation} with each other; must remove or rewrite one of these paths; ${which}`,
      );
    }
  });
}

function relationOf(first: DocumentPath, second: DocumentPath): 'overlap' | 'conflict' | undefined {
  for (let depth = 0; depth < Math.min(first.length, second.length); depth += 1) {
    if (typeof first[depth] !== typeof second[depth]) return 'conflict';
    if (first[depth] !== second[depth]) return undefined;
  }
  return 'overlap';
}

/** Only what lies at the paths, in its nesting; lists keep the chosen elements, in order, without gaps. */
export function project(item: Item, paths: readonly DocumentPath[]): Item {
  return pick({ M: item }, paths)?.M ?? {};
}

function pick(value: AttributeValue, paths: readonly DocumentPath[]): AttributeValue | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  if (value.M !== undefined) return pickFromMap(value.M, paths);
  if (value.L !== undefined) return pickFromList(value.L, paths);
  return undefined;
}

function pickFromMap(map: Item, paths: readonly DocumentPath[]): AttributeValue | undefined {
  const names = [...new Set(paths.map((path) => path[0]))].filter((step) => typeof step === 'string');
  const picked = names.flatMap((name): [string, AttributeValue][] => {
    const value = own(map, name);
    const part = value && pick(value, below(paths, name));
    return part ? [[name, part]] : [];
  });
  return picked.length > 0 ? { M: Object.fromEntries(picked) } : undefined;
}

function pickFromList(
  list: readonly AttributeValue[],
  paths: readonly DocumentPath[],
): AttributeValue | undefined {
  const indices = [...new Set(paths.map((path) => path[0]))]
    .filter((step) => typeof step === 'number')
    .sort((a, b) => a - b);
  const picked = indices.flatMap((index): AttributeValue[] => {
    const value = list[index];
    const part = value && pick(value, below(paths, index));
    return part ? [part] : [];
  });
  return picked.length > 0 ? { L: picked } : undefined;
}

const below = (paths: readonly DocumentPath[], step: string | number): DocumentPath[] =>
  paths.filter((path) => path[0] === step).map((path) => path.slice(1));
