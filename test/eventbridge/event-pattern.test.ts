/** Event patterns: what they match, what they refuse, and laws that hold for all of them. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../local/eventbridge/event-pattern.ts';

const PUSH = {
  source: 'aws.ecr',
  'detail-type': 'ECR Image Action',
  resources: [],
  detail: {
    result: 'SUCCESS',
    'repository-name': 'Orders/api',
    'image-tag': 'v1.2.3',
    size: 300,
    big: 3.0e2,
    scanned: true,
    note: null,
    empty: '',
    ip: '10.0.0.17',
    ip6: '2001:db8::1',
    path: 'a*b\\c',
    tags: ['blue', 'green'],
    nested: [
      [
        { name: 'x', state: 'UP' },
        { name: 'y', state: 'DOWN' },
      ],
    ],
  },
};

const matches = (pattern: unknown, event: unknown = PUSH) =>
  compilePattern(JSON.stringify(pattern)).matches(event);
const detail = (pattern: unknown) => matches({ detail: pattern });

describe('a pattern', () => {
  it.each<[unknown, boolean]>([
    [{ result: ['SUCCESS'] }, true],
    [{ result: ['FAILURE', 'SUCCESS'] }, true],
    [{ result: ['success'] }, false],
    [{ result: ['SUCCESS'], absent: ['x'] }, false],
    [{ size: [300], big: [300] }, true],
    [{ size: ['300'] }, false],
    [{ scanned: [true], note: [null], empty: [''] }, true],
    [{ 'image-tag': [{ exists: true }] }, true],
    [{ 'image-tag': [{ exists: false }] }, false],
    [{ absent: [{ exists: false }] }, true],
    [{ absent: ['x', { exists: false }] }, true],
    [{ absent: { deeper: [{ exists: false }] } }, true],
    [{ note: [{ exists: true }] }, true],
    [{ nested: [{ exists: true }] }, false],
    [{ 'image-tag': [{ prefix: 'v1.' }] }, true],
    [{ 'image-tag': [{ prefix: 'V1.' }] }, false],
    [{ 'image-tag': [{ prefix: { 'equals-ignore-case': 'V1.' } }] }, true],
    [{ 'image-tag': [{ suffix: '.3' }] }, true],
    [{ 'repository-name': [{ suffix: { 'equals-ignore-case': 'API' } }] }, true],
    [{ 'repository-name': [{ 'equals-ignore-case': 'orders/API' }] }, true],
    [{ result: [{ 'anything-but': 'FAILURE' }] }, true],
    [{ result: [{ 'anything-but': ['FAILURE', 'SUCCESS'] }] }, false],
    [{ size: [{ 'anything-but': [1, 2] }] }, true],
    [{ size: [{ 'anything-but': 300 }] }, false],
    [{ 'image-tag': [{ 'anything-but': { prefix: 'v1' } }] }, false],
    [{ 'image-tag': [{ 'anything-but': { prefix: ['v2', 'v3'] } }] }, true],
    [{ 'image-tag': [{ 'anything-but': { suffix: '-rc' } }] }, true],
    [{ result: [{ 'anything-but': { 'equals-ignore-case': ['success'] } }] }, false],
    [{ 'image-tag': [{ 'anything-but': { wildcard: 'v*.3' } }] }, false],
    [{ absent: [{ 'anything-but': 'x' }] }, false],
    [{ size: [{ numeric: ['>', 0, '<=', 300] }] }, true],
    [{ size: [{ numeric: ['>', 300] }] }, false],
    [{ size: [{ numeric: ['=', 3e2] }] }, true],
    [{ 'image-tag': [{ numeric: ['>', 0] }] }, false],
    [{ 'image-tag': [{ wildcard: 'v*.*.3' }] }, true],
    [{ 'image-tag': [{ wildcard: 'v1' }] }, false],
    [{ 'image-tag': [{ wildcard: 'v1?2*' }] }, false],
    [{ path: [{ wildcard: 'a\\*b\\\\*' }] }, true],
    [{ ip: [{ cidr: '10.0.0.0/24' }] }, true],
    [{ ip: [{ cidr: '10.0.1.0/24' }] }, false],
    [{ ip6: [{ cidr: '2001:db8::/32' }] }, true],
    [{ result: [{ cidr: '10.0.0.0/24' }] }, false],
    [{ tags: ['green'] }, true],
    [{ tags: ['red'] }, false],
    [{ tags: [{ 'anything-but': 'green' }] }, true],
    [{ nested: { name: ['y'], state: ['DOWN'] } }, true],
    [{ nested: { name: ['x'], state: ['DOWN'] } }, false],
    [{ $or: [{ result: ['FAILURE'] }, { size: [300] }] }, true],
    [{ $or: [{ result: ['FAILURE'] }, { size: [1] }] }, false],
    [{ result: ['SUCCESS'], $or: [{ size: [1] }, { scanned: [false] }] }, false],
    [{ constructor: [{ exists: true }] }, false],
  ])('%j is %s', (pattern, expected) => {
    expect(detail(pattern)).toBe(expected);
  });

  it('of the push that starts a deployment matches only a tagged success', () => {
    const pattern = {
      source: ['aws.ecr'],
      'detail-type': ['ECR Image Action'],
      detail: {
        'action-type': ['PUSH'],
        result: ['SUCCESS'],
        'repository-name': ['orders'],
        'image-tag': [{ exists: true }],
      },
    };
    const push = (more: object) => ({
      source: 'aws.ecr',
      'detail-type': 'ECR Image Action',
      detail: {
        'action-type': 'PUSH',
        result: 'SUCCESS',
        'repository-name': 'orders',
        'image-tag': 'v1',
        ...more,
      },
    });
    expect(matches(pattern, push({}))).toBe(true);
    expect(matches(pattern, push({ 'image-tag': undefined }))).toBe(false);
    expect(matches(pattern, push({ result: 'FAILURE' }))).toBe(false);
  });

  it.each<[unknown, RegExp]>([
    [[], /Filter is not an object/],
    [{}, /at least one field/],
    [{ source: 'aws.ecr' }, /"source" must be an object or an array/],
    [{ source: [] }, /Empty arrays are not allowed/],
    [{ source: {} }, /Empty objects are not allowed/],
    [{ source: [{ like: 'x' }] }, /Unrecognized match type like/],
    [{ source: [{ prefix: 'a', suffix: 'b' }] }, /Only one key allowed/],
    [{ source: [{ prefix: 1 }] }, /prefix match pattern must be a string/],
    [{ source: [{ numeric: ['~', 1] }] }, /Unrecognized numeric range operator: ~/],
    [{ source: [{ numeric: ['<'] }] }, /one or two comparisons/],
    [{ source: [{ wildcard: 'a**b' }] }, /Consecutive wildcard characters/],
    [{ source: [{ cidr: '10.0.0.0' }] }, /Malformed CIDR/],
    [{ source: [{ exists: 'yes' }] }, /exists match pattern must be either true or false/],
    [{ $or: [{ source: ['x'] }] }, /\$or must be an array of at least two/],
  ])('%j is refused', (pattern, message) => {
    expect(() => matches(pattern)).toThrow(message);
  });

  it('that is no JSON is refused', () => {
    expect(() => compilePattern('{')).toThrow(/^Event pattern is not valid. Reason: /);
  });
});

describe('for every event', () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const leaf = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
  const event = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(leaf, fc.dictionary(fc.constantFrom('a', 'b'), leaf)),
  );
  const alternatives = fc.array(
    fc.oneof(
      scalar,
      fc.constantFrom(
        { exists: true },
        { exists: false },
        { prefix: 'a' },
        { numeric: ['>', 0] },
        { wildcard: '*x' },
      ),
    ),
    { minLength: 1, maxLength: 3 },
  );
  const name = fc.constantFrom('a', 'b', 'c');

  it('a field exists or does not, never both', () => {
    void fc.assert(
      fc.property(
        event,
        name,
        (of, field) =>
          matches({ [field]: [{ exists: true }] }, of) !== matches({ [field]: [{ exists: false }] }, of),
      ),
    );
  });

  it('a list of matchers is the disjunction of its elements', () => {
    void fc.assert(
      fc.property(event, name, alternatives, (of, field, list) => {
        expect(matches({ [field]: list }, of)).toBe(list.some((one) => matches({ [field]: [one] }, of)));
      }),
    );
  });

  it('two fields are the conjunction, $or the disjunction, of each alone', () => {
    void fc.assert(
      fc.property(event, alternatives, alternatives, (of, x, y) => {
        const [a, b] = [matches({ a: x }, of), matches({ b: y }, of)];
        expect(matches({ a: x, b: y }, of)).toBe(a && b);
        expect(matches({ $or: [{ a: x }, { b: y }] }, of)).toBe(a || b);
      }),
    );
  });

  it('a present scalar meets a word or anything but it, never both', () => {
    void fc.assert(
      fc.property(scalar, fc.string(), (value, word) => {
        const [is, isNot] = [
          matches({ a: [word] }, { a: value }),
          matches({ a: [{ 'anything-but': word }] }, { a: value }),
        ];
        expect(is).toBe(!isNot);
      }),
    );
  });
});
