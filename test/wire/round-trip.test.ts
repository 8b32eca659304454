/** What a client writes, the endpoint reads, and the other way round: any data of a shape, in each format. */
import * as DynamoDb from '@aws-sdk/client-dynamodb';
import * as Elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../local/clock/virtual-clock.ts';
import { createRandom } from '../../local/random.ts';
import { cborReader, cborWriter, formatCbor, parseCbor } from '../../local/wire/cbor-format.ts';
import { createEndpoint } from '../../local/wire/create-endpoint.ts';
import { decode } from '../../local/wire/decode.ts';
import { encode } from '../../local/wire/encode.ts';
import { inProcessClientConfiguration } from '../../local/wire/in-process-handler.ts';
import { jsonReader, jsonWriter, parseJson, plainName } from '../../local/wire/json-format.ts';
import { memberOf } from '../../local/wire/shape.ts';

const RUNS = { numRuns: 50, seed: 20260304 };

/** Any text that XML can hold. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: characters that XML 1.0 cannot hold.
  .map((chars) => chars.replace(/[\u0000-\u001f\ufffe\uffff]/g, ''));
const bytes = fc.uint8Array({ maxLength: 9 }).map((array) => new Uint8Array(array));

const attributeWith = (keys: fc.Arbitrary<string>): fc.Arbitrary<DynamoDb.AttributeValue> =>
  fc.letrec<{ attribute: DynamoDb.AttributeValue }>((tie) => ({
    attribute: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ S: text }),
      fc.record({ N: fc.integer().map(String) }),
      fc.record({ B: bytes }),
      fc.record({ BOOL: fc.boolean() }),
      fc.record({ NULL: fc.constant(true) }),
      fc.record({ SS: fc.array(text, { maxLength: 3 }) }),
      fc.record({ BS: fc.array(bytes, { maxLength: 3 }) }),
      fc.record({ L: fc.array(tie('attribute'), { maxLength: 3 }) }),
      fc.record({
        M: fc.dictionary(keys, tie('attribute'), { maxKeys: 3 }),
      }),
    ) as fc.Arbitrary<DynamoDb.AttributeValue>,
  })).attribute;
// The SDK's own CBOR decoder loses a member of that name.
const attribute = attributeWith(fc.oneof(text, fc.constant('__proto__')));
const attributeForCbor = attributeWith(text);
const items = fc.dictionary(text, attribute, { maxKeys: 4 });

const weights = fc.record(
  { TargetGroupArn: text, Weight: fc.integer({ min: 0, max: 999 }) },
  { requiredKeys: ['TargetGroupArn'] },
);
const actions = fc.array(
  fc.record(
    {
      Type: fc.constantFrom('forward' as const, 'fixed-response' as const),
      Order: fc.integer({ min: 1, max: 50_000 }),
      ForwardConfig: fc.record({
        TargetGroups: fc.array(weights, { maxLength: 12 }),
        TargetGroupStickinessConfig: fc.record({ Enabled: fc.boolean(), DurationSeconds: fc.nat() }),
      }),
      AuthenticateOidcConfig: fc.record({
        Issuer: text,
        AuthorizationEndpoint: text,
        TokenEndpoint: text,
        UserInfoEndpoint: text,
        ClientId: text,
        AuthenticationRequestExtraParams: fc.dictionary(text, text, { minKeys: 1, maxKeys: 3 }),
      }),
    },
    { requiredKeys: ['Type'] },
  ),
  { minLength: 1, maxLength: 3 },
);

/** A client of an endpoint whose one operation gives back what `echo` makes of its input. */
async function configurationOf(
  scope: 'dynamodb' | 'elasticloadbalancing',
  operations: object,
): Promise<object> {
  const [clock, random] = [createVirtualClock(), createRandom('round trip')];
  const endpoint = await createEndpoint({ clock, random, services: { [scope]: { operations } } });
  return inProcessClientConfiguration(endpoint, { caller: 'a', clock, random });
}

describe('through the real client and back', () => {
  it('DynamoDB items, to any depth', async () => {
    const operations = { GetItem: ({ Key }: DynamoDb.GetItemCommandInput) => ({ Item: Key }) };
    const client = new DynamoDb.DynamoDBClient(await configurationOf('dynamodb', operations));

    await fc.assert(
      fc.asyncProperty(items, async (Key) => {
        const { Item } = await client.send(new DynamoDb.GetItemCommand({ TableName: 't', Key }));
        expect(Item).toEqual(Key);
      }),
      RUNS,
    );
  });

  it('ELBv2 actions, with their nested lists, maps and order', async () => {
    const operations = {
      ModifyRule: ({ Actions }: Elbv2.ModifyRuleCommandInput) => ({ Rules: [{ Actions }] }),
    };
    const client = new Elbv2.ElasticLoadBalancingV2Client(
      await configurationOf('elasticloadbalancing', operations),
    );

    await fc.assert(
      fc.asyncProperty(actions, async (Actions) => {
        const { Rules } = await client.send(new Elbv2.ModifyRuleCommand({ RuleArn: 'r', Actions }));
        expect(Rules).toEqual([{ Actions }]);
      }),
      RUNS,
    );
  });
});

describe('through our own formats and back', () => {
  const member = memberOf(DynamoDb.AttributeValue$, 'AttributeValue');

  it('JSON', () => {
    fc.assert(
      fc.property(attribute, (value) => {
        const wire = JSON.stringify(encode(member, value, jsonWriter(plainName)));
        expect(decode(member, parseJson(Buffer.from(wire)), jsonReader(plainName))).toEqual(value);
      }),
      RUNS,
    );
  });

  it('CBOR', () => {
    fc.assert(
      fc.property(attributeForCbor, (value) => {
        const wire = formatCbor(encode(member, value, cborWriter));
        expect(decode(member, parseCbor(wire), cborReader)).toEqual(value);
      }),
      RUNS,
    );
  });
});
