/** The functions that Step Functions adds to JSONata, and the standard ones that would read time or chance. */
import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import type { Clock } from '../clock/clock.ts';
import { createRandom, type Random } from '../random.ts';

/** A native function as jsonata keeps it: `this` is its focus, arguments are checked against the signature. */
interface NativeFunction {
  _jsonata_function: true;
  implementation: (this: unknown, ...args: never[]) => unknown;
  signature: unknown;
}

const DATE_FUNCTIONS = ['fromMillis', 'toMillis', 'now', 'millis'] as const;
type DateFunctions = Record<(typeof DATE_FUNCTIONS)[number], NativeFunction>;

/** The library's own date functions: kept, but called with the cloud's time. */
const dateFunctions = (async (): Promise<DateFunctions> => {
  const found = DATE_FUNCTIONS.map(async (name) => [name, await jsonata(`$${name}`).evaluate(undefined)]);
  return Object.fromEntries(await Promise.all(found)) as DateFunctions;
})();

const RANGE_MAX = 1000;
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};
const TIME_WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$/;

/**
 * The bindings of one evaluation. Time stands still during it, as JSONata has it.
 * `$eval` is taken away, as Step Functions does.
 */
export async function functionBindings(clock: Clock, random: Random): Promise<Record<string, unknown>> {
  const natives = await dateFunctions;
  return {
    ...timeFunctions(natives, clock.now()),
    ...chanceFunctions(random),
    ...pureFunctions,
    eval: undefined,
  };
}

function timeFunctions(
  { fromMillis, toMillis, now, millis }: DateFunctions,
  nowMs: number,
): Record<string, unknown> {
  const environment = { timestamp: new Date(nowMs) };
  return {
    millis: replace(millis, () => nowMs),
    now: replace(now, (...pictureAndZone) =>
      fromMillis.implementation.call(undefined, ...([nowMs, ...pictureAndZone] as never[])),
    ),
    toMillis: replace(toMillis, (text, ...picture) => {
      // Without a zone, JavaScript would take the host's; the cloud's is UTC.
      const zoned =
        picture[0] === undefined && typeof text === 'string' && TIME_WITHOUT_ZONE.test(text)
          ? `${text}Z`
          : text;
      return toMillis.implementation.call({ environment }, ...([zoned, ...picture] as never[]));
    }),
  };
}

function replace(original: NativeFunction, implementation: (...args: unknown[]) => unknown): unknown {
  return { _jsonata_function: true, implementation, signature: original.signature };
}

function chanceFunctions(random: Random): Record<string, unknown> {
  return {
    random: (seed?: unknown) =>
      (seed === undefined ? random : createRandom(`$random/${integerOf('random', seed)}`)).next(),
    uuid: () => random.uuid(),
    shuffle: (items: unknown) => shuffled(items, random),
  };
}

function shuffled(items: unknown, random: Random): unknown {
  if (!Array.isArray(items)) return items;
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = random.integer(0, last);
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}

const pureFunctions: Record<string, unknown> = { partition, range, hash, parse };

function partition(items: unknown, size: unknown): unknown[][] {
  if (!Array.isArray(items)) throw invalidArgument('partition', 1, 'an array');
  const chunk = integerOf('partition', size);
  if (chunk < 1) throw invalidArgument('partition', 2, 'a positive integer');
  return Array.from({ length: Math.ceil(items.length / chunk) }, (_, index) =>
    items.slice(index * chunk, (index + 1) * chunk),
  );
}

/** Both ends included. The result is a JSONata sequence: one element alone is no array any more (recorded on AWS). */
function range(first: unknown, last: unknown, step: unknown): number[] {
  const [start, end, delta] = [first, last, step].map((value) => integerOf('range', value)) as [
    number,
    number,
    number,
  ];
  if (delta === 0) throw invalidArgument('range', 3, 'an integer other than 0');
  const length = Math.max(0, Math.floor((end - start) / delta) + 1);
  if (length > RANGE_MAX)
    throw invalidArgument('range', 2, `such that there are at most ${RANGE_MAX} elements`);
  const numbers = Array.from({ length }, (_, index) => start + index * delta);
  return Object.assign(numbers, { sequence: true });
}

function hash(text: unknown, algorithm: unknown): string {
  const name = HASHES[String(algorithm)];
  if (name === undefined) throw invalidArgument('hash', 2, `one of ${Object.keys(HASHES).join(', ')}`);
  const data = typeof text === 'string' ? text : JSON.stringify(text);
  if (data === undefined) throw invalidArgument('hash', 1, 'a value');
  return createHash(name).update(data).digest('hex');
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string') throw invalidArgument('parse', 1, 'a string of JSON');
  return JSON.parse(text);
}

function integerOf(name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new Error(`$${name} takes integers, but found ${JSON.stringify(value)}`);
  return value;
}

function invalidArgument(name: string, position: number, allowed: string): Error {
  return new Error(`argument ${position} of function $${name} must be ${allowed}`);
}
