/** Laws of the expressions, over generated items. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AttributeValue,
  checkedValue,
  compareValues,
  type Item,
  isEqual,
} from '../../local/dynamodb/attribute-value.ts';
import {
  addNumbers,
  compareNumbers,
  normaliseNumber,
  subtractNumbers,
} from '../../local/dynamodb/decimal.ts';
import { applyUpdate } from '../../local/dynamodb/expressions/apply-update.ts';
import { valueAt } from '../../local/dynamodb/expressions/document-path.ts';
import { holds } from '../../local/dynamodb/expressions/evaluate-condition.ts';
import { parseCondition } from '../../local/dynamodb/expressions/parse-condition.ts';
import { parseUpdate } from '../../local/dynamodb/expressions/parse-update.ts';
import { createPlaceholders } from '../../local/dynamodb/expressions/placeholders.ts';

const { value } = fc.letrec<{ value: AttributeValue; scalar: AttributeValue }>((tie) => ({
  scalar: fc.oneof(
    fc.record({ S: fc.string() }),
    fc.record({ N: fc.integer().map(String) }),
    fc.record({ BOOL: fc.boolean() }),
    fc.record({ NULL: fc.constant(true) }),
    fc.record({ B: fc.uint8Array({ maxLength: 8 }) }),
  ) as fc.Arbitrary<AttributeValue>,
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('scalar'),
    fc.record({
      SS: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 }),
    }) as fc.Arbitrary<AttributeValue>,
    fc.record({ L: fc.array(tie('value'), { maxLength: 4 }) }) as fc.Arbitrary<AttributeValue>,
    fc.record({
      M: fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 4 }),
    }) as fc.Arbitrary<AttributeValue>,
  ),
}));

const NAMES = ['a', 'b', 'c', '__proto__', 'constructor'];
const item: fc.Arbitrary<Item> = fc
  .uniqueArray(fc.constantFrom(...NAMES))
  .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), value))))
  .map((entries) => Object.fromEntries(entries));

/** A condition's text over `#0`… and `:v`, with what it should mean, computed in JavaScript's own words. */
interface Claim {
  text: string;
  truth: (item: Item) => boolean;
}
const { claim } = fc.letrec<{ claim: Claim; leaf: Claim }>((tie) => ({
  leaf: fc
    .tuple(fc.nat(NAMES.length - 1), fc.constantFrom('exists', 'absent', '=', '<>', '<='))
    .map(([index, kind]): Claim => {
      const path = [NAMES[index] as string];
      if (kind === 'exists')
        return { text: `attribute_exists(#${index})`, truth: (of) => valueAt(of, path) !== undefined };
      if (kind === 'absent')
        return { text: `attribute_not_exists(#${index})`, truth: (of) => valueAt(of, path) === undefined };
      const number = (of: Item): string | undefined => valueAt(of, path)?.N;
      if (kind === '=') return { text: `#${index} = :v`, truth: (of) => number(of) === '7' };
      if (kind === '<>') return { text: `#${index} <> :v`, truth: (of) => number(of) !== '7' };
      return { text: `#${index} <= :v`, truth: (of) => number(of) !== undefined && Number(number(of)) <= 7 };
    }),
  claim: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    tie('leaf'),
    tie('claim').map((one): Claim => ({ text: `NOT (${one.text})`, truth: (of) => !one.truth(of) })),
    fc.tuple(tie('claim'), tie('claim')).map(
      ([x, y]): Claim => ({
        text: `(${x.text}) AND (${y.text})`,
        truth: (of) => x.truth(of) && y.truth(of),
      }),
    ),
    fc.tuple(tie('claim'), tie('claim')).map(
      ([x, y]): Claim => ({
        text: `(${x.text}) OR (${y.text})`,
        truth: (of) => x.truth(of) || y.truth(of),
      }),
    ),
  ),
}));

const names = Object.fromEntries(NAMES.map((name, index) => [`#${index}`, name]));
const placeholders = (values?: Record<string, AttributeValue>) =>
  createPlaceholders(
    { ExpressionAttributeNames: names, ExpressionAttributeValues: values },
    { ConditionExpression: 'any' },
  );

describe('conditions', () => {
  it('mean what their operators say', () => {
    const numeric = fc.dictionary(
      fc.constantFrom(...NAMES),
      fc.integer({ min: 5, max: 9 }).map((n) => ({ N: String(n) })),
    );
    void fc.assert(
      fc.property(claim, fc.oneof(numeric, item), ({ text, truth }, of) => {
        fc.pre(Buffer.byteLength(text) <= 4096);
        const condition = parseCondition('ConditionExpression', text, placeholders({ ':v': { N: '7' } }));
        expect(holds(condition, of)).toBe(truth(of));
      }),
    );
  });

  it('never crash on garbage: they parse or are refused', () => {
    const token = fc.constantFrom(
      '#0',
      ':v',
      '(',
      ')',
      'AND',
      'OR',
      'NOT',
      '=',
      '<',
      'IN',
      ',',
      '[0]',
      '.b',
      'size',
      'contains',
    );
    void fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        try {
          holds(
            parseCondition('ConditionExpression', tokens.join(' '), placeholders({ ':v': { S: 'x' } })),
            {},
          );
        } catch (error) {
          expect(error).toMatchObject({ code: 'ValidationException' });
        }
      }),
    );
  });
});

describe('updates', () => {
  it('set exactly what they name', () => {
    void fc.assert(
      fc.property(item, value, fc.nat(NAMES.length - 1), (before, set, index) => {
        const after = applyUpdate(parseUpdate(`SET #${index} = :v`, placeholders({ ':v': set })), before);
        const name = NAMES[index] as string;
        expect(isEqual(valueAt(after, [name]) as AttributeValue, checkedValue(set))).toBe(true);
        for (const other of NAMES.filter((candidate) => candidate !== name)) {
          expect(valueAt(after, [other])).toEqual(valueAt(before, [other]));
        }
      }),
    );
  });

  it('are undone by removing what they set', () => {
    void fc.assert(
      fc.property(item, value, fc.nat(NAMES.length - 1), (before, set, index) => {
        fc.pre(valueAt(before, [NAMES[index] as string]) === undefined);
        const after = applyUpdate(parseUpdate(`SET #${index} = :v`, placeholders({ ':v': set })), before);
        expect(applyUpdate(parseUpdate(`REMOVE #${index}`, placeholders()), after)).toEqual(before);
      }),
    );
  });
});

describe('values', () => {
  const decimal = fc
    .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: -9, max: 9 }))
    .map(([digits, exponent]) => `${digits}e${exponent}`);

  it('compare as numbers do', () => {
    void fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(Math.sign(compareNumbers(`${a}.50`, `${b}.5e0`))).toBe(
          Math.sign(Number(`${a}.5`) - Number(`${b}.5`)),
        );
      }),
    );
  });

  it('add and subtract exactly', () => {
    void fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(subtractNumbers(addNumbers(a, b), b)).toBe(normaliseNumber(a));
      }),
    );
  });

  it('are equal to their own checked copy, and order strings by their bytes', () => {
    void fc.assert(fc.property(value, (one) => isEqual(checkedValue(one), one)));
    void fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(compareValues({ S: a }, { S: b }) ?? 9)).toBe(
          Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
      }),
    );
  });
});
