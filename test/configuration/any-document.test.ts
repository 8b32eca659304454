/** Whatever stands in a configuration, it is either complete or refused in its own words. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConfigurationInvalid, parseConfiguration } from '../../lambdas/common/configuration.ts';
import { group, orders, rule } from './documents.ts';

const DOCUMENTS: readonly Record<string, unknown>[] = [
  {
    strategy: { type: 'steps', steps: [{ percent: 10, bake: '1m' }, { percent: 100 }] },
    traffic: { rules: [rule('1')], testRule: rule('9f') },
    checks: {
      http: [{ path: '/', method: 'GET', json: { '/status': 'up' }, inARow: 2, latency: '1s' }],
      network: { subnets: ['subnet-0a1b2c3d'], securityGroups: ['sg-0a1b2c3d'] },
      lambda: [{ function: 'smoke' }],
      task: [{ taskDefinition: 'smoke' }],
      alarms: { service: ['x'], sides: { 'orders-a': ['y'] } },
    },
    analysis: { tolerance: 2 },
    approval: { gates: ['before-traffic'] },
    migration: { command: ['x'] },
    bake: '5m',
    keepBlue: '1h',
    pause: { timeout: '1h' },
    deadline: '1h',
    drain: { timeout: '5m', sticky: '5m' },
  },
  {
    traffic: { modules: [{ name: 'x', rule: rule('1'), address: 'a/b' }], testRule: rule('9f') },
    sides: [
      { fleet: 'vms', targetGroup: group('vms') },
      { cluster: 'prod', service: 'orders', targetGroup: group('orders') },
    ],
  },
  { strategy: { type: 'recreate' }, sides: [{ cluster: 'prod', service: 'orders' }], traffic: undefined },
];

const strange = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, -1, 1e9, 0.15, true, [], {}, [null], { '': null }),
  fc.constantFrom<unknown>('rolling', 'native', 'canary', '10m', '250ms', 'orders-a', rule('1'), ['a', 'a']),
  fc.jsonValue(),
);

it('is complete or is refused with reasons', () => {
  const changed = fc.record({
    document: fc.constantFrom(...DOCUMENTS),
    changes: fc.array(fc.tuple(fc.nat(), strange), { minLength: 0, maxLength: 3 }),
  });

  void fc.assert(
    fc.property(changed, ({ document, changes }) => {
      const service = orders(structuredClone(document));
      for (const [place, value] of changes) replaceAt(service, place, structuredClone(value));
      const error = errorOf(service);
      expect(error === undefined || error instanceof ConfigurationInvalid, String(error)).toBe(true);
    }),
    { seed: 1, numRuns: 300 },
  );
});

/** Puts the value at one of the places of the document, chosen by a number. */
function replaceAt(document: object, place: number, value: unknown): void {
  const places = placesOf(document);
  const found = places[place % places.length];
  if (found) Reflect.set(found.parent, found.key, value);
}

function placesOf(parent: unknown): { parent: object; key: string }[] {
  if (typeof parent !== 'object' || parent === null) return [];
  return Object.entries(parent).flatMap(([key, value]) => [{ parent, key }, ...placesOf(value)]);
}

function errorOf(document: unknown): unknown {
  try {
    for (const { sides, bakeSeconds, checks } of parseConfiguration(document).services) {
      expect(sides.length).toBeGreaterThan(0);
      expect(bakeSeconds).toBeGreaterThanOrEqual(0);
      expect(checks.alarms.service).toBeInstanceOf(Array);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}
