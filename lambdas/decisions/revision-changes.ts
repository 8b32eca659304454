/** In which fields two task definitions differ, told one by one: for people, and to find out whether anything would change. */
import { type JsonValue, sameJson } from './json.ts';
import type { Definition } from './revision.ts';
import { contentOf } from './revision.ts';

/** One field; an absent value is not there on that side. */
export interface Change {
  /** `containerDefinitions[app].environment[LOG_LEVEL].value` */
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

/**
 * Compares what runs, blind to what AWS adds (ARN, revision, dates …). Lists of things that have names, keys or ports are
 * compared by those, so that one more variable is one change and another order is none.
 * @param after tags do not count: they do not change what runs
 */
export function changesBetween(before: Definition, after: Definition & { tags?: unknown }): Change[] {
  const { tags: _, ...wanted } = contentOf(after) as Record<string, JsonValue>;
  return compare('', contentOf(before) as JsonValue, wanted);
}

/** Whether anything but the images of `containers` differs; the family is only the name under which it is kept. */
export function isReconfigured(
  running: Definition,
  wanted: Definition,
  containers: readonly string[],
): boolean {
  const ignored = ['family', ...containers.map((container) => `containerDefinitions[${container}].image`)];
  return changesBetween(running, wanted).some(({ path }) => !ignored.includes(path));
}

function compare(path: string, before: JsonValue, after: JsonValue): Change[] {
  if (sameJson(before, after)) return [];
  const [left, right] = [membersOf(before), membersOf(after)];
  if (!left || !right) return [{ path, before, after }];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.flatMap((name) => compare(`${path}${name}`, left.get(name), right.get(name))).map(unprefixed);
}

const unprefixed = ({ path, ...rest }: Change): Change => ({ path: path.replace(/^\./, ''), ...rest });

/** `.name` or `[key]` → value; undefined for what has no parts, and for lists whose order is their meaning. */
function membersOf(value: JsonValue): Map<string, JsonValue> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value).map(([name, one]) => [`.${name}`, one]));
  const keys = value.map(keyOf);
  const isKeyed = keys.every((key) => key !== undefined) && new Set(keys).size === keys.length;
  return isKeyed ? new Map(value.map((one, index) => [`[${keys[index]}]`, one])) : undefined;
}

/** By what an entry of a task definition's list is told from its neighbours. */
const KEYS = ['name', 'key', 'containerPort', 'containerPath', 'containerName', 'sourceVolume', 'hostname'];

function keyOf(value: JsonValue): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const key = KEYS.find((name) => ['string', 'number'].includes(typeof value[name]));
  return key && String(value[key]);
}
