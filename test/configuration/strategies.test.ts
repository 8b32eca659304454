/** What each strategy needs, and what it is refused with. */
import { describe, expect, it } from 'vitest';
import { complaintsAbout, ELB, group, orders, parsed, rule, service } from './documents.ts';

const ecs = (letter: string, otherwise: object = {}) => ({
  cluster: 'prod',
  service: `orders-${letter}`,
  targetGroup: group(`orders-${letter}`),
  ...otherwise,
});
const vms = { fleet: 'orders-vms', targetGroup: group('orders-vms') };
const one = { sides: [ecs('a')], traffic: undefined };
const modules = (...addresses: string[]) =>
  addresses.map((address, index) => ({ name: `module-${index}`, rule: rule(`${index}e`), address }));

function complaints(otherwise: Record<string, unknown>): string {
  return complaintsAbout(orders(otherwise)).join('\n');
}

describe('a strategy', () => {
  it.each([
    [
      { type: 'canary', percent: 0.1, bake: '5m' },
      { type: 'canary', percent: 0.1, bakeSeconds: 300 },
    ],
    [
      { type: 'linear', percent: 12.5, every: '90s' },
      { type: 'linear', percent: 12.5, everySeconds: 90 },
    ],
    [
      {
        type: 'steps',
        steps: [{ percent: 0.3, bake: '1m' }, { percent: 50, bake: '2m' }, { percent: 100 }],
      },
      {
        type: 'steps',
        steps: [
          { percent: 0.3, bakeSeconds: 60 },
          { percent: 50, bakeSeconds: 120 },
          { percent: 100, bakeSeconds: 600 },
        ],
      },
    ],
  ])('that shifts in steps is complete: %j', (strategy, complete) => {
    expect(parsed({ strategy }).strategy).toEqual(complete);
  });

  it.each(['rolling', 'recreate', 'native'])('that is %s has one side and needs no load balancer', (type) => {
    const sides = [{ cluster: 'prod', service: 'orders' }];

    const configuration = parsed({ strategy: { type }, sides, traffic: undefined });

    expect(configuration.sides).toEqual([
      { kind: 'ecs', cluster: 'prod', service: 'orders', targetGroup: '' },
    ]);
    expect(configuration).not.toHaveProperty('traffic');
  });

  it("takes the last step's bake for the service's", () => {
    const steps = [{ percent: 100, bake: '3m' }];

    expect(parsed({ strategy: { type: 'steps', steps } })).toMatchObject({
      bakeSeconds: 180,
      strategy: { steps: [{ bakeSeconds: 180 }] },
    });
  });

  it('may shift the listener of a Network Load Balancer', () => {
    const listener = `${ELB}:listener/net/web/1a/2b`;

    expect(parsed({ traffic: { listener }, bake: '1m' })).toMatchObject({
      traffic: { listener },
      bakeSeconds: 60,
    });
  });

  it.each([
    [
      'is none',
      { strategy: { type: 'canery' } },
      "strategy.type: found 'canery', allowed: all-at-once, canary",
    ],
    ['is a word', { strategy: 'canary' }, "strategy: found 'canary', allowed: a mapping with the key type"],
    [
      'has a key of another',
      { strategy: { type: 'canary', percent: 5, bake: '5m', every: '5m' } },
      "strategy.every: found the unknown key 'every', allowed: type, percent, bake",
    ],
    [
      'lacks a key',
      { strategy: { type: 'linear', percent: 10 } },
      'strategy.every: found nothing, allowed: a duration from 0s to 7d',
    ],
    [
      'is finer than weights are',
      { strategy: { type: 'canary', percent: 0.25, bake: '5m' } },
      'strategy.percent: found 0.25 (a number), allowed: a percentage from 0.1 to 99.9, with at most one decimal',
    ],
    [
      'is a canary of everything',
      { strategy: { type: 'canary', percent: 100, bake: '5m' } },
      'strategy.percent: found 100 (a number), allowed: a percentage from 0.1 to 99.9',
    ],
    [
      'has more than 100 steps',
      { strategy: { type: 'linear', percent: 0.9, every: '1m' } },
      'strategy.percent: found 0.9 (a number), allowed: a percentage from 1 to 100',
    ],
    [
      'has two sides of which one is missing',
      { strategy: { type: 'canary', percent: 5, bake: '5m' }, sides: [ecs('a')] },
      'sides: found one side, allowed: two sides, because canary moves the traffic from one to the other',
    ],
    [
      'has traffic that is missing',
      { strategy: { type: 'linear', percent: 10, every: '1m' }, traffic: undefined },
      'traffic: found nothing, allowed: a mapping with rules, listener or modules, because linear moves',
    ],
    [
      'shifts to no target group',
      { sides: [ecs('a'), ecs('b', { targetGroup: undefined })] },
      'sides[1].targetGroup: found nothing, allowed: the ARN of a target group',
    ],
    [
      'has a side in no cluster',
      { sides: [ecs('a', { cluster: undefined }), ecs('b')] },
      'sides[0].cluster: found nothing, allowed: the name or ARN of an ECS cluster',
    ],
    [
      'shifts between sides on one target group',
      { sides: [ecs('a'), ecs('b', { targetGroup: group('orders-a') })] },
      'a second time, allowed: two sides on two different target groups',
    ],
    [
      'is rolling on two sides',
      { strategy: { type: 'rolling' } },
      'sides: found two sides, allowed: one side, because rolling replaces the tasks of one ECS service in place',
    ],
    [
      'is recreate on two sides',
      { strategy: { type: 'recreate' }, traffic: undefined },
      'sides: found two sides, allowed: one side, because recreate stops',
    ],
    [
      'is native on two sides',
      { strategy: { type: 'native' } },
      'sides: found two sides, allowed: one side, because native leaves it to ECS',
    ],
    [
      'is recreate with a shift',
      { strategy: { type: 'recreate' }, sides: [ecs('a')] },
      'traffic: found a load balancer shift, allowed: nothing, because recreate stops the old version',
    ],
  ])('is refused if it %s', (_, otherwise, complaint) => {
    expect(complaints(otherwise)).toContain(complaint);
  });
});

describe('steps', () => {
  const steps = (...percents: number[]) => ({
    type: 'steps',
    steps: percents.map((percent) => ({ percent, bake: '1m' })),
  });

  it.each([
    [[10, 10, 100], 'steps[1].percent: found 10 (a number), allowed: more than the 10 before it'],
    [[50, 20, 100], 'steps[1].percent: found 20 (a number), allowed: more than the 50 before it'],
    [[10, 50], 'steps[1].percent: found 50 (a number), allowed: 100, because the last step'],
    [[0, 100], 'steps[0].percent: found 0 (a number), allowed: a percentage from 0.1 to 100'],
    [[], 'steps: found a list of 0, allowed: one to 100 steps'],
  ])('%j are refused', (percents, complaint) => {
    expect(complaints({ strategy: steps(...percents) })).toContain(`services.orders.strategy.${complaint}`);
  });

  it('say each how long they last, and the last one does not say it twice', () => {
    const [first, , last] = steps(10, 50, 100).steps;
    const strategy = { type: 'steps', steps: [first, { percent: 50 }, last] };

    expect(complaintsAbout(orders({ strategy, bake: '5m' }))).toEqual([
      'services.orders.strategy.steps[1].bake: found nothing, allowed: a duration, such as 10m: how long the step lasts',
      "services.orders.strategy.steps[2].bake: found '1m', allowed: nothing, because the service's bake says how long both sides run after the last step",
    ]);
  });
});

describe('a fleet', () => {
  it('is a side without an ECS service', () => {
    expect(parsed({ sides: [ecs('a'), vms] }).sides[1]).toEqual({
      kind: 'fleet',
      cluster: '',
      service: 'orders-vms',
      targetGroup: group('orders-vms'),
    });
  });

  it('has modules, whose rules carry the traffic in their order', () => {
    const traffic = { modules: modules('zone-1/billing', 'zone-2/billing'), testRule: rule('9f') };

    const configuration = parsed({ sides: [vms, ecs('b')], traffic });

    expect(configuration.traffic).toEqual({ rules: [rule('0e'), rule('1e')], testRule: rule('9f') });
    expect(configuration.modules).toEqual(traffic.modules);
  });

  it.each([
    [
      'that is not alone',
      { sides: [vms, { ...vms, fleet: 'more-vms', targetGroup: group('more') }] },
      "sides[1].fleet: found 'more-vms', allowed: at most one fleet",
    ],
    [
      'that is also an ECS service',
      { sides: [ecs('a'), { ...vms, service: 'orders-b' }] },
      "sides[1].service: found 'orders-b', allowed: nothing, because a fleet is no ECS service",
    ],
    [
      'without a target group',
      { sides: [ecs('a'), { fleet: 'vms' }] },
      'sides[1].targetGroup: found nothing, allowed: the ARN of a target group, because a fleet',
    ],
    [
      'that rolls',
      { strategy: { type: 'rolling' }, sides: [vms] },
      "sides[0].fleet: found 'orders-vms', allowed: an ECS service, because rolling replaces",
    ],
    [
      'with two modules of one name',
      {
        traffic: {
          modules: modules('a/b', 'c/d').map((module) => ({ ...module, name: 'x' })),
          testRule: rule('9f'),
        },
      },
      "traffic.modules[1].name: found 'x' a second time, allowed: modules of different names",
    ],
    [
      'with two modules at one address',
      { traffic: { modules: modules('a/b', 'a/b'), testRule: rule('9f') } },
      "traffic.modules[1].address: found 'a/b' a second time, allowed: modules at different addresses",
    ],
    [
      'with two modules behind one rule',
      {
        traffic: {
          modules: modules('a/b', 'c/d').map((module) => ({ ...module, rule: rule('1') })),
          testRule: rule('9f'),
        },
      },
      'a second time, allowed: each listener rule once',
    ],
    [
      'with an address that leads elsewhere',
      { traffic: { modules: modules('../admin'), testRule: rule('9f') } },
      "traffic.modules[0].address: found '../admin', allowed: an address of the form zone/module",
    ],
    [
      'with modules that nothing could check',
      { traffic: { modules: modules('a/b') } },
      "traffic.testRule: found nothing, allowed: the ARN of a listener rule, because each module's address",
    ],
    [
      'with modules and rules',
      { traffic: { modules: modules('a/b'), rules: [rule('1')], testRule: rule('9f') } },
      'traffic: found rules and modules, allowed: exactly one of rules, listener, modules',
    ],
    [
      'with modules that roll',
      {
        strategy: { type: 'rolling' },
        sides: [ecs('a')],
        traffic: { modules: modules('a/b'), testRule: rule('9f') },
      },
      'traffic.modules: found a list of 1, allowed: nothing, because rolling',
    ],
  ])('%s is refused', (_, otherwise, complaint) => {
    expect(complaints(otherwise)).toContain(complaint);
  });

  it('shares no rule of a module with another service', () => {
    const traffic = { modules: modules('a/b'), testRule: rule('9f') };
    const document = {
      services: {
        orders: service('orders', { traffic }),
        billing: service('billing', { traffic: { rules: [rule('0e')] } }),
      },
    };

    expect(complaintsAbout(document)).toEqual([
      `services.billing.traffic.rules[0]: found '${rule('0e')}', which services.orders uses too, allowed: a rule or listener that no other service uses`,
    ]);
  });
});

describe('what holds or judges a shift', () => {
  const canary = { type: 'canary', percent: 10, bake: '10m' };

  it('is complete when a word says it', () => {
    expect(
      parsed({
        strategy: canary,
        analysis: true,
        approval: 'before-full-traffic',
        migration: { command: ['migrate'] },
      }),
    ).toMatchObject({
      analysis: {
        minimumRequests: 1000,
        tolerance: 1.5,
        periodSeconds: 60,
        lagSeconds: 120,
        otherwise: 'pause',
      },
      approval: { gates: ['before-full-traffic'], timeoutSeconds: 86_400, otherwise: 'reject' },
      migration: { container: 'app', command: ['migrate'], timeoutSeconds: 1800 },
    });
  });

  it('keeps what is written over every default', () => {
    const analysis = { minimumRequests: 50, tolerance: 2, period: '10s', lag: '0s', otherwise: 'fail' };
    const approval = {
      gates: ['before-traffic', 'before-full-traffic'],
      timeout: '2h',
      otherwise: 'approve',
    };
    const migration = { container: 'tools', command: ['bin/rake', 'db:migrate'], timeout: '1h' };

    expect(parsed({ strategy: canary, analysis, approval, migration })).toMatchObject({
      analysis: { minimumRequests: 50, tolerance: 2, periodSeconds: 10, lagSeconds: 0, otherwise: 'fail' },
      approval: { gates: approval.gates, timeoutSeconds: 7200, otherwise: 'approve' },
      migration: { container: 'tools', command: migration.command, timeoutSeconds: 3600 },
    });
  });

  it.each([{ type: 'rolling' }, { type: 'recreate' }])(
    'is not approved in %j, which has no gate',
    (strategy) => {
      expect(complaints({ ...one, strategy, approval: 'before-traffic' })).toContain(
        `approval: found 'before-traffic', allowed: nothing, because ${strategy.type}`,
      );
    },
  );

  it('is approved by the roles and users that are listed', () => {
    const approvers = ['arn:aws:iam::123456789012:role/teams/release', 'arn:aws:iam::123456789012:user/ada'];
    expect(parsed({ approvers }).approvers).toEqual(approvers);
    expect(parsed({}).approvers).toEqual([]);
    expect(complaints({ approvers: ['arn:aws:sts::123456789012:assumed-role/release/ada'] })).toContain(
      "approvers[0]: found 'arn:aws:sts::123456789012:assumed-role/release/ada', allowed: the ARN of an IAM role or user",
    );
  });

  it('may be approved and analysed where ECS shifts', () => {
    const service = parsed({
      ...one,
      strategy: { type: 'native' },
      approval: 'before-traffic',
      analysis: true,
    });

    expect(service).toMatchObject({ approval: { gates: ['before-traffic'] }, analysis: { tolerance: 1.5 } });
  });

  it.each([
    [
      { approval: 'before-lunch' },
      "approval: found 'before-lunch', allowed: before-traffic or before-full-traffic, or",
    ],
    [
      { approval: { gates: ['before-lunch'] } },
      "approval.gates[0]: found 'before-lunch', allowed: before-traffic or before-full-traffic",
    ],
    [
      { approval: { gates: ['before-traffic', 'before-traffic'] } },
      "approval.gates[1]: found 'before-traffic' a second time, allowed: each gate once",
    ],
    [
      { approval: { gates: ['before-traffic'], timeout: '15d' } },
      "approval.timeout: found '15d', allowed: a duration from 1m to 14d",
    ],
    [{ approval: { gates: [], otherwize: 'reject' } }, "(did you mean 'otherwise'?)"],
    [{ analysis: false }, 'analysis: found false (a boolean), allowed: true, or a mapping'],
    [
      { strategy: { type: 'rolling' }, ...one, analysis: true },
      'analysis: found true (a boolean), allowed: nothing, because with rolling green and blue never have traffic at once',
    ],
    [
      { analysis: true },
      'allowed: nothing, because with all-at-once green and blue never have traffic at once',
    ],
    [
      { strategy: canary, analysis: { period: '45s' } },
      "analysis.period: found '45s', allowed: a period that CloudWatch has",
    ],
    [
      { strategy: canary, analysis: { tolerance: 0 } },
      'analysis.tolerance: found 0 (a number), allowed: a number from 1 to 100',
    ],
    [
      { migration: { command: [] } },
      'migration.command: found a list of 0, allowed: one to 50 words of a command',
    ],
    [
      { migration: { command: 'rake db:migrate' } },
      "migration.command: found 'rake db:migrate', allowed: one to 50",
    ],
    [
      { strategy: { type: 'rolling' }, ...one, keepBlue: '1h' },
      "keepBlue: found '1h', allowed: nothing, because rolling replaces the tasks of one ECS service in place: there is no blue",
    ],
    [
      { strategy: { type: 'native' }, ...one, drain: { sticky: '1h' } },
      "drain.sticky: found '1h', allowed: nothing, because native",
    ],
    [{ keepBlue: '8d' }, "keepBlue: found '8d', allowed: a duration from 0s to 7d"],
  ])('is refused: %j', (otherwise: Record<string, unknown>, complaint: string) => {
    expect(complaints(otherwise)).toContain(complaint);
  });
});

describe('a deadline', () => {
  it.each([
    [{ type: 'all-at-once' }, '3m', 180],
    [{ type: 'canary', percent: 10, bake: '5m' }, '3m', 480],
    [{ type: 'linear', percent: 30, every: '2m' }, '3m', 540],
    [
      { type: 'steps', steps: [{ percent: 10, bake: '1m' }, { percent: 20, bake: '4m' }, { percent: 100 }] },
      '3m',
      480,
    ],
    [
      {
        type: 'steps',
        steps: [
          { percent: 10, bake: '1m' },
          { percent: 100, bake: '4m' },
        ],
      },
      undefined,
      300,
    ],
    [{ type: 'canary', percent: 10, bake: '5m' }, undefined, 900],
  ])('covers the bakes of %j', (strategy, bake, seconds) => {
    expect(complaints({ strategy, bake, deadline: `${seconds}s` })).toBe('');
    expect(complaints({ strategy, bake, deadline: `${seconds - 1}s` })).toBe(
      `services.orders.deadline: found '${seconds - 1}s', allowed: at least ${seconds}s, the sum of the bakes that it has to cover`,
    );
  });

  it('covers no bake where nothing is shifted', () => {
    expect(parsed({ ...one, strategy: { type: 'rolling' }, deadline: '5m' }).deadlineSeconds).toBe(300);
  });
});
