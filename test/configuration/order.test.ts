/** What services say of each other: after whom they come, and with whom they shift. */
import { describe, expect, it } from 'vitest';
import { complaintsAbout, parsed, rule, service } from './documents.ts';

const services = (others: Record<string, Record<string, unknown>>) => ({
  services: Object.fromEntries(
    Object.entries(others).map(([name, otherwise], index) => [
      name,
      service(name, { traffic: { rules: [rule(`${index}f`)] }, ...otherwise }),
    ]),
  ),
});
const SHOP = { group: { name: 'shop' } };

it('queues, comes after nobody and shifts alone unless told otherwise', () => {
  expect(parsed({})).toMatchObject({ whenBusy: 'queue', after: [] });
  expect(parsed({})).not.toHaveProperty('group');
  expect(
    parsed({ whenBusy: 'supersede', group: { name: 'shop', together: false, timeout: '5m' } }),
  ).toMatchObject({
    whenBusy: 'supersede',
    group: { name: 'shop', together: false, timeoutSeconds: 300 },
  });
});

it('accepts chains, and groups of two', () => {
  expect(
    complaintsAbout(
      services({ db: {}, orders: { after: ['db'], ...SHOP }, users: { after: ['db'], ...SHOP } }),
    ),
  ).toEqual([]);
});

describe('complains about', () => {
  it.each<[string, Record<string, Record<string, unknown>>, string[]]>([
    [
      'another word for busy',
      { orders: { whenBusy: 'skip' } },
      ['services.orders.whenBusy', 'queue, supersede or reject'],
    ],
    [
      'an unknown predecessor',
      { orders: { after: ['dbs'] }, db: {} },
      ['services.orders.after[0]', "the unknown 'dbs'"],
    ],
    [
      'itself as predecessor',
      { orders: { after: ['orders'] } },
      ['services.orders.after[0]', 'the service itself'],
    ],
    [
      'a cycle, once',
      { orders: { after: ['users'] }, users: { after: ['db'] }, db: { after: ['orders'] } },
      ['services.orders.after', 'orders after users after db after orders'],
    ],
    [
      'a group of one',
      { orders: SHOP, users: {} },
      ['services.orders.group.name', 'another service names too'],
    ],
    [
      'a member that comes after another, even by way of a third',
      { orders: { ...SHOP, after: ['db'] }, db: { after: ['users'] }, users: SHOP },
      ['services.orders.after', 'shift together'],
    ],
    [
      'a member that bakes longer than the others wait',
      { orders: { ...SHOP, bake: '2h' }, users: { ...SHOP, bake: '10m' } },
      ['services.users.group.timeout', 'more than 6600s'],
    ],
  ])('%s', (_, document, expected) => {
    const complaints = complaintsAbout(services(document));
    expect(complaints).toHaveLength(1);
    for (const words of expected) expect(complaints[0]).toContain(words);
  });

  it.each(['rolling', 'recreate', 'native'])('a member with the strategy %s', (type) => {
    const one = { cluster: 'prod', service: 'orders' };
    const orders = { ...SHOP, strategy: { type }, traffic: undefined, sides: [one] };
    const complaints = complaintsAbout(services({ orders, users: SHOP }));
    expect(complaints).toEqual([expect.stringContaining('services.orders.group')]);
    expect(complaints[0]).toContain(type);
  });
});
