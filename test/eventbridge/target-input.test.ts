/** What targets are given: constants, paths and templates. */
import { describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../local/eventbridge/envelope.ts';
import { requireTargetInput, targetPayload } from '../../local/eventbridge/target-input.ts';

const EVENT: EventEnvelope = {
  version: '0',
  id: '1',
  'detail-type': 'ECR Image Action',
  source: 'aws.ecr',
  account: '000000000000',
  time: '2026-01-01T00:00:00Z',
  region: 'us-east-1',
  resources: ['arn:one'],
  detail: { 'image-tag': 'v1 "final"', size: 3, layers: [{ id: 'a' }], gone: null },
};
const RULE = { name: 'pushes', arn: 'arn:aws:events:us-east-1:000000000000:rule/pushes' };
const given = (input: object) => targetPayload({ Id: 't', Arn: 'arn', ...input }, EVENT, RULE);
const template = (InputTemplate: string, InputPathsMap: Record<string, string> = {}) =>
  given({ InputTransformer: { InputTemplate, InputPathsMap } });

describe('a target', () => {
  it('is given the whole event, a constant, or a part of the event', () => {
    expect(given({})).toEqual(EVENT);
    expect(given({ Input: '{"sweep": true}' })).toEqual({ sweep: true });
    expect(given({ InputPath: '$.detail.layers[0].id' })).toBe('a');
    expect(given({ InputPath: "$['detail-type']" })).toBe('ECR Image Action');
    expect(given({ InputPath: '$.detail.absent' })).toBeNull();
  });
});

describe('a template', () => {
  const paths = {
    tag: '$.detail.image-tag',
    size: '$.detail.size',
    layers: '$.detail.layers',
    absent: '$.detail.absent',
  };
  it.each<[string, unknown]>([
    [
      '{"tag": <tag>, "size": <size>, "layers": <layers>}',
      { tag: 'v1 "final"', size: 3, layers: [{ id: 'a' }] },
    ],
    ['{"tag": "<tag>", "text": "tag <tag> of <size>"}', { tag: 'v1 "final"', text: 'tag v1 "final" of 3' }],
    ['{"layers": "<layers>"}', { layers: '[{"id":"a"}]' }],
    ['"pushed <tag>"', 'pushed v1 "final"'],
    ['{"quoted": "a \\" <size>", "bare": <size>}', { quoted: 'a " 3', bare: 3 }],
    ['{"absent": "<absent>", "bare": <absent>}', { absent: '', bare: null }],
    ['pushed <size> of <aws.events.rule-name>', 'pushed 3 of "pushes"'],
    [
      '{"rule": <aws.events.rule-arn>, "at": <aws.events.event.ingestion-time>}',
      { rule: RULE.arn, at: EVENT.time },
    ],
    ['<aws.events.event.json>', EVENT],
  ])('%s', (text, expected) => {
    expect(template(text, paths)).toEqual(expected);
  });
});

describe('a target is refused', () => {
  it.each<[object, RegExp]>([
    [{ Input: '{}', InputPath: '$' }, /Only one of Input, InputPath, or InputTransformer/],
    [{ Input: '{' }, /JSON syntax error in input for target t/],
    [{ InputPath: 'detail' }, /InputPath for target t is "detail"/],
    [
      { InputTransformer: { InputTemplate: '<tag>', InputPathsMap: { other: '$.x' } } },
      /Placeholder <tag> is not defined/,
    ],
    [
      { InputTransformer: { InputTemplate: '<x>', InputPathsMap: { x: '$..x' } } },
      /InputPathsMap.x for target t is "\$\.\.x"/,
    ],
  ])('for %j', (input, message) => {
    expect(() => requireTargetInput({ Id: 't', Arn: 'arn', ...input })).toThrow(message);
  });
});
