/** Seeded randomness: the same seed gives the same run. */

/** A stream of random numbers. */
export interface Random {
  /** The next number, 0 <= n < 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** A version-4-shaped UUID. */
  uuid(): string;
  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** An independent stream named `label`: draws in one part do not shift another's. */
  fork(label: string): Random;
}

/** Makes a stream from a seed (any string). Algorithm: xmur3 seeding sfc32. */
export function createRandom(seed: string): Random {
  const nextSeed = hashSeed(seed);
  let [a, b, c, d] = [nextSeed(), nextSeed(), nextSeed(), nextSeed()];
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i += 1) next();
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits) text += integer(0, 15).toString(16);
    return text;
  };
  const uuid = (): string => {
    const variant = '89ab'[integer(0, 3)];
    return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
  };
  return { next, integer, uuid, hex, fork: (label) => createRandom(`${seed}/${label}`) };
}

function hashSeed(text: string): () => number {
  let h = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i += 1) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353);
    h = (h << 13) | (h >>> 19);
  }
  return () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507);
    h = Math.imul(h ^ (h >>> 13), 3266489909);
    h ^= h >>> 16;
    return h | 0;
  };
}
