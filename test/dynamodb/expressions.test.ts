/** Conditions, updates and projections: what they select, change and refuse. */
import { describe, expect, it } from 'vitest';
import type { AttributeValue, Item } from '../../local/dynamodb/attribute-value.ts';
import { applyUpdate } from '../../local/dynamodb/expressions/apply-update.ts';
import { parseProjection, project } from '../../local/dynamodb/expressions/document-path.ts';
import { holds } from '../../local/dynamodb/expressions/evaluate-condition.ts';
import { parseCondition } from '../../local/dynamodb/expressions/parse-condition.ts';
import { parseUpdate } from '../../local/dynamodb/expressions/parse-update.ts';
import { createPlaceholders } from '../../local/dynamodb/expressions/placeholders.ts';

interface Defined {
  names?: Record<string, string>;
  values?: Record<string, AttributeValue>;
}

const placeholders = ({ names, values }: Defined) =>
  createPlaceholders(
    { ExpressionAttributeNames: names, ExpressionAttributeValues: values },
    { ConditionExpression: 'any' },
  );

const meets = (item: Item, text: string, defined: Defined = {}) =>
  holds(parseCondition('ConditionExpression', text, placeholders(defined)), item);

const update = (item: Item, text: string, defined: Defined = {}) =>
  applyUpdate(parseUpdate(text, placeholders(defined)), item);

const ORDER: Item = {
  id: { S: 'order-1' },
  price: { N: '10' },
  entries: { L: [{ M: { sku: { S: 'a' }, count: { N: '2' } } }, { S: 'gift' }] },
  tags: { SS: ['blue', 'green'] },
  address: { M: { town: { S: 'Örebro' }, 'post.code': { S: '70210' } } },
  paid: { BOOL: true },
  note: { NULL: true },
  seal: { B: new Uint8Array([1, 2, 3]) },
};

describe('a condition', () => {
  const values = {
    ':ten': { N: '10.0' },
    ':nine': { N: '9' },
    ':text': { S: '10' },
    ':a': { S: 'a' },
    ':order': { S: 'order' },
    ':blue': { S: 'blue' },
    ':yes': { BOOL: true },
    ':seal': { B: new Uint8Array([1, 2]) },
    ':sets': { SS: ['green', 'blue'] },
    ':list': { S: 'L' },
    ':two': { N: '2' },
  };
  it.each<[string, boolean]>([
    ['price = :ten', true],
    ['price = :text', false],
    ['price <> :text', true],
    ['price > :nine', true],
    ['price > :text', false],
    ['price BETWEEN :nine AND :ten', true],
    ['price NOT BETWEEN :nine AND :ten', false],
    ['price IN (:nine, :ten)', true],
    ['price IN (:nine, :text)', false],
    ['absent = :ten', false],
    ['absent <> :ten', true],
    ['NOT absent = :ten', true],
    ['absent < :ten', false],
    ['NOT (absent < :ten)', true],
    ['attribute_exists(note)', true],
    ['attribute_not_exists(absent.deeper[3])', true],
    ['attribute_exists(entries[0].sku)', true],
    ['attribute_exists(entries[7])', false],
    ['entries[0].sku = :a', true],
    ['attribute_type(entries, :list)', true],
    ['begins_with(id, :order)', true],
    ['begins_with(seal, :seal)', true],
    ['begins_with(price, :order)', false],
    ['contains(tags, :blue)', true],
    ['contains(id, :order)', true],
    ['contains(entries, :a)', false],
    ['tags = :sets', true],
    ['size(tags) = :two', true],
    ['size(entries) >= size(tags)', true],
    ['size(paid) = :two', false],
    ['paid = :yes AND price = :ten OR absent = :a', true],
    ['absent = :a AND (paid = :yes OR price = :ten)', false],
    ['absent = :a OR paid = :yes AND NOT price = :nine', true],
    ['(paid = :yes) and (not (price = :nine))', true],
  ])('%s is %s', (text, expected) => {
    if (text.includes('NOT BETWEEN'))
      expect(() => meets(ORDER, text, { values })).toThrow(/Syntax error; token: "NOT"/);
    else expect(meets(ORDER, text, { values })).toBe(expected);
  });

  it('reads names through placeholders, dots and all', () => {
    const names = { '#where': 'address', '#code': 'post.code' };
    expect(meets(ORDER, '#where.#code = :code', { names, values: { ':code': { S: '70210' } } })).toBe(true);
  });

  it.each<[string, RegExp]>([
    ['', /^Invalid ConditionExpression: The expression can not be empty;$/],
    ['price =', /Syntax error; token: "<EOF>", near: "="/],
    ['price ! :ten', /Syntax error; token: "!"/],
    ['price = :ten price', /Syntax error; token: "price"/],
    ['name = :ten', /Attribute name is a reserved keyword; reserved keyword: name$/],
    ['address.Status = :ten', /reserved keyword: Status$/],
    [
      '#x = :ten',
      /An expression attribute name used in the document path is not defined; attribute name: #x$/,
    ],
    ['price = :x', /An expression attribute value used in expression is not defined; attribute value: :x$/],
    ['exists(price)', /Invalid function name; function: exists$/],
    ['attribute_exists(:ten)', /requires a document path; operator or function: attribute_exists$/],
    [
      'attribute_exists(price, id)',
      /Incorrect number of operands .*: attribute_exists, number of operands: 2$/,
    ],
    ['begins_with(id, :ten)', /Incorrect operand type .*: begins_with, operand type: N$/],
    ['price < :yes', /Incorrect operand type .*: <, operand type: BOOL$/],
    [
      'price BETWEEN :ten AND :nine',
      /upper bound to be greater than or equal to lower bound.*\{N:10\}.*\{N:9\}$/,
    ],
    ['attribute_type(price, :a)', /Invalid attribute type name found; type: a,/],
    [
      'price = attribute_exists(id)',
      /not allowed to be used this way in an expression; function: attribute_exists$/,
    ],
    ['((price = :ten))', /The expression has redundant parentheses;$/],
    ['price = price', /The first operand must be distinct .*operator: =, first operand: \[price\]$/],
    ['size(price)', /Syntax error; token: "<EOF>"/],
  ])('%j is refused', (text, message) => {
    expect(() => meets(ORDER, text, { values })).toThrow(message);
  });

  it('does not take an inherited property for an attribute', () => {
    expect(meets({}, 'attribute_exists(#c)', { names: { '#c': 'constructor' } })).toBe(false);
  });
});

describe('an update', () => {
  it('reads every operand from the item as it was', () => {
    const after = update({ a: { N: '1' }, b: { N: '2' } }, 'SET a = b, b = a + b');
    expect(after).toEqual({ a: { N: '2' }, b: { N: '3' } });
  });

  it('computes exactly with 38 digits', () => {
    const values = { ':x': { N: '0.1' }, ':big': { N: '99999999999999999999999999999999999999' } };
    expect(update({ a: { N: '0.2' }, b: { N: '0' } }, 'SET a = a + :x, b = b - :big', { values })).toEqual({
      a: { N: '0.3' },
      b: { N: '-99999999999999999999999999999999999999' },
    });
  });

  it('falls back with if_not_exists and joins with list_append', () => {
    const values = {
      ':zero': { N: '0' },
      ':one': { N: '1' },
      ':empty': { L: [] },
      ':new': { L: [{ S: 'x' }] },
    };
    const text =
      'SET runs = if_not_exists(runs, :zero) + :one, trail = list_append(if_not_exists(trail, :empty), :new)';
    const once = update({}, text, { values });
    expect(once).toEqual({ runs: { N: '1' }, trail: { L: [{ S: 'x' }] } });
    expect(update(once, text, { values })).toEqual({
      runs: { N: '2' },
      trail: { L: [{ S: 'x' }, { S: 'x' }] },
    });
  });

  it('sets and removes list elements by their indices before the update', () => {
    const list = { l: { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }] }, m: { S: 'm' } };
    expect(update(list, 'REMOVE l[0], m, l[2]')).toEqual({ l: { L: [{ S: 'b' }] } });
    const values = { ':y': { S: 'y' }, ':z': { S: 'z' } };
    expect(update(list, 'SET l[9] = :z, l[7] = :y', { values }).l).toEqual({
      L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }, { S: 'y' }, { S: 'z' }],
    });
  });

  it('adds to numbers and sets, and takes from sets until nothing is left', () => {
    const values = { ':one': { N: '1' }, ':more': { SS: ['green', 'red'] }, ':blue': { SS: ['blue'] } };
    expect(update({ tags: { SS: ['blue', 'green'] } }, 'ADD hits :one, tags :more', { values })).toEqual({
      hits: { N: '1' },
      tags: { SS: ['blue', 'green', 'red'] },
    });
    expect(update({ tags: { SS: ['blue'] } }, 'DELETE tags :blue, absent :more', { values })).toEqual({});
  });

  it('leaves the item that it was given as it was', () => {
    const before = structuredClone(ORDER);
    update(ORDER, 'SET address.town = :t, entries[0].sku = :t REMOVE tags', { values: { ':t': { S: 'x' } } });
    expect(ORDER).toEqual(before);
  });

  it.each<[string, RegExp]>([
    [
      'SET nowhere.deeper = :s',
      /^The document path provided in the update expression is invalid for update$/,
    ],
    ['REMOVE nowhere.deeper', /document path provided in the update expression is invalid/],
    ['SET id[0] = :s', /document path provided in the update expression is invalid/],
    ['SET a = nowhere', /^The provided expression refers to an attribute that does not exist in the item$/],
    ['SET a = id + :n', /^An operand in the update expression has an incorrect data type$/],
    [
      'SET a = price + :s',
      /Incorrect operand type for operator or function; operator or function: \+, operand type: S$/,
    ],
    ['ADD id :n', /^An operand in the update expression has an incorrect data type$/],
    ['ADD price :s', /operator: ADD, operand type: STRING$/],
    ['DELETE tags :n', /operator: DELETE, operand type: NUMBER$/],
    ['SET a = :s SET b = :s', /The "SET" section can only be used once in an update expression;$/],
    ['SET a = :s REMOVE a', /Two document paths overlap .*path one: \[a\], path two: \[a\]$/],
    ['SET a.b = :s, a[0] = :s', /Two document paths conflict .*path one: \[a, b\], path two: \[a, \[0\]\]$/],
    ['SET a = size(id)', /Invalid function name; function: size$/],
    ['PUT a = :s', /Syntax error; token: "PUT"/],
    ['SET a = :s,', /Syntax error; token: "<EOF>"/],
  ])('%s is refused', (text, message) => {
    expect(() => update(ORDER, text, { values: { ':s': { S: 's' }, ':n': { N: '1' } } })).toThrow(message);
  });
});

describe('a projection', () => {
  const shown = (text: string, names?: Record<string, string>) =>
    project(ORDER, parseProjection(text, placeholders({ names })));

  it('keeps nesting, and closes the gaps of lists', () => {
    expect(shown('entries[1], address.#c, absent, entries[0].sku', { '#c': 'post.code' })).toEqual({
      entries: { L: [{ M: { sku: { S: 'a' } } }, { S: 'gift' }] },
      address: { M: { 'post.code': { S: '70210' } } },
    });
  });

  it('refuses paths that overlap', () => {
    expect(() => shown('address, address.town')).toThrow(/Two document paths overlap/);
  });
});
