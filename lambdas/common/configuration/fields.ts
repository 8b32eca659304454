/** The kinds of values that the configuration's schema is made of; each says itself what is allowed. */
import * as z from 'zod/mini';
import { DURATION, durationMilliseconds, durationSeconds, FINE_DURATION } from './duration.ts';

/** A mapping in which every unknown key is an error. */
export function mapping<Shape extends z.core.$ZodLooseShape>(allowed: string, shape: Shape) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys.join(', ') : allowed),
  });
}

export function list<Item extends z.core.$ZodType>(allowed: string, item: Item, min: number, max: number) {
  return z
    .array(item, { error: allowed })
    .check(z.minLength(min, { error: allowed }), z.maxLength(max, { error: allowed }));
}

/** @param min and `max` as they are written */
export function duration(description: string, min: string, max: string) {
  const allowed = `a duration from ${min} to ${max}, such as 30s, 10m or 1h`;
  return z.string({ error: allowed }).check(
    z.refine((text) => isWithin(durationSeconds, text, min, max), { error: allowed }),
    z.meta({ pattern: DURATION.source, description: `${description} From ${min} to ${max}.` }),
  );
}

/** A duration for which a second may be too long. */
export function fineDuration(description: string, min: string, max: string) {
  const allowed = `a duration from ${min} to ${max}, such as 250ms or 2s`;
  return z.string({ error: allowed }).check(
    z.refine((text) => isWithin(durationMilliseconds, text, min, max), { error: allowed }),
    z.meta({ pattern: FINE_DURATION.source, description: `${description} From ${min} to ${max}.` }),
  );
}

function isWithin(
  measure: (text: string) => number | undefined,
  text: string,
  min: string,
  max: string,
): boolean {
  const [value, lowest, highest] = [measure(text), measure(min), measure(max)];
  if (value === undefined || lowest === undefined || highest === undefined) return false;
  return value >= lowest && value <= highest;
}

export function count(description: string, min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max}`;
  return z
    .int({ error: allowed })
    .check(z.gte(min, { error: allowed }), z.lte(max, { error: allowed }), z.meta({ description }));
}

export function quantity(description: string, min: number, max: number) {
  const allowed = `a number from ${min} to ${max}`;
  return z
    .number({ error: allowed })
    .check(z.gte(min, { error: allowed }), z.lte(max, { error: allowed }), z.meta({ description }));
}

/** A share of the traffic: weights have room for tenths of a percent and no more. */
export function percentage(allowed: string, description: string, min: number, max: number) {
  return z.number({ error: allowed }).check(
    z.gte(min, { error: allowed }),
    z.lte(max, { error: allowed }),
    z.refine((percent) => Number.isInteger(tenths(percent)), { error: allowed }),
    z.meta({ description }),
  );
}

/** 0.3 is 2.9999999999999996 tenths to a computer. */
function tenths(percent: number): number {
  return Number((percent * 10).toPrecision(12));
}

/** One of several words. */
export function choice<const Words extends readonly string[]>(words: Words, description: string) {
  return z.enum(words, { error: orList(words) }).check(z.meta({ description }));
}

/** `a, b or c` */
export function orList(words: readonly string[]): string {
  return words.join(', ').replace(/, ([^,]*)$/, ' or $1');
}

/** A text of a given length. */
export function text(allowed: string, max: number) {
  return z
    .string({ error: allowed })
    .check(z.minLength(1, { error: allowed }), z.maxLength(max, { error: allowed }));
}
