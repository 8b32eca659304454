/** How a status reads, and what a watch tells: tables, without a cloud. */
import { describe, expect, it } from 'vitest';
import { changesBetween, differ } from '../../cli/status/changes.ts';
import type {
  DeploymentUnderWay,
  ServiceStatus,
  SideStatus,
  StatusDocument,
} from '../../cli/status/facts.ts';
import { stageOf } from '../../cli/status/progress.ts';
import { placesOf, roleOf, sharesOf, weightsMeant } from '../../cli/status/sides.ts';
import { span, statusText } from '../../cli/status/text.ts';

const AT = '2026-11-21T12:00:00.000Z';
const [A, B] = ['a', 'b'].map(
  (name) => `arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/orders-${name}/1`,
) as [string, string];
const plain = (_: string, text: string): string => text;

const blue: SideStatus = {
  kind: 'ecs',
  cluster: 'prod',
  service: 'orders-a',
  role: 'blue',
  targetGroups: [
    { arn: A, percent: 100, wantedPercent: 100, healthyCount: 2, targetCount: 2, unhealthy: [] },
  ],
  runningCount: 2,
  desiredCount: 2,
  revision: 'orders:1',
  digest: `sha256:${'1'.repeat(64)}`,
  tag: 'v1',
};
const rest: ServiceStatus = {
  service: 'orders',
  strategy: 'canary',
  sides: [blue],
  places: [],
  restraints: [],
  last: [],
  problems: [],
};
const deployment: DeploymentUnderWay = {
  deploymentId: 'orders-20261121t115500z-1f2e3d',
  startedAt: '2026-11-21T11:55:00.000Z',
  elapsedSeconds: 300,
  startedBy: 'push',
  digest: `sha256:${'2'.repeat(64)}`,
  stage: 'Bake',
  stageSince: '2026-11-21T11:58:00.000Z',
  approvals: [],
  answers: [],
  standsBy: false,
};
const documentOf = (service: Partial<ServiceStatus>, at = AT): StatusDocument => ({
  place: 'account 123456789012, us-east-1',
  at,
  services: [{ ...rest, ...service }],
});
const told = (service: Partial<ServiceStatus>): string => statusText(documentOf(service), plain).join('\n');

describe('a status reads', () => {
  it.each<[string, Partial<ServiceStatus>, string]>([
    [
      'a service at rest',
      {},
      '├─ orders-a  blue   100 %  2/2 healthy  runs 2/2  orders:1  v1 sha256:111111111111',
    ],
    [
      'weights that somebody else has moved',
      {
        sides: [
          {
            ...blue,
            targetGroups: [
              { arn: A, percent: 40, wantedPercent: 100, healthyCount: 2, targetCount: 2, unhealthy: [] },
            ],
          },
        ],
      },
      ' 40 % (wanted 100 %)',
    ],
    [
      'a target that is not healthy, in ELB’s words',
      {
        sides: [
          {
            ...blue,
            targetGroups: [
              {
                arn: A,
                percent: 100,
                healthyCount: 1,
                targetCount: 2,
                unhealthy: ['i-1:80 is unhealthy: Target.Timeout'],
              },
            ],
          },
        ],
      },
      '│  └─ i-1:80 is unhealthy: Target.Timeout',
    ],
    ['tasks that start', { sides: [{ ...blue, runningCount: 1, pendingCount: 1 }] }, 'runs 1/2, 1 pending'],
    [
      'a fleet',
      {
        sides: [
          { kind: 'fleet', cluster: '', service: 'orders-vm', role: 'blue', targetGroups: blue.targetGroups },
        ],
      },
      'orders-vm  blue   100 %  2/2 healthy  a fleet',
    ],
    [
      'a consumer that nobody calls',
      { sides: [{ ...blue, role: undefined, targetGroups: [] }] },
      'orders-a  runs 2/2  orders:1',
    ],
    [
      'ECS’s own two groups',
      {
        sides: [
          {
            ...blue,
            role: undefined,
            targetGroups: [
              ...blue.targetGroups,
              { arn: B, percent: 0, healthyCount: 0, targetCount: 0, unhealthy: [] },
            ],
          },
        ],
      },
      '│  └─ orders-b    0 %  0/0 healthy',
    ],
    [
      'rules that disagree',
      {
        sides: [
          blue,
          {
            ...blue,
            service: 'orders-b',
            role: 'green',
            targetGroups: [{ arn: B, healthyCount: 0, targetCount: 0, unhealthy: [] }],
          },
        ],
        places: [
          { arn: 'r1', weights: { [A]: 100, [B]: 0 } },
          { arn: 'r2', weights: { [A]: 0, [B]: 100 } },
        ],
      },
      'r2 has orders-a 0 : orders-b 100',
    ],
    [
      'what is not there',
      { sides: [{ ...blue, runningCount: undefined }], problems: ['EcsServiceNotFound: gone'] },
      '├─ EcsServiceNotFound: gone',
    ],
    [
      'a bake',
      {
        deployment: {
          ...deployment,
          trafficStep: { number: 1, count: 3, percent: 5, bakeEndsAt: '2026-11-21T12:02:05.000Z' },
        },
      },
      'traffic step 1 of 3: green has 5 %, baked in 2:05',
    ],
    [
      'a wait, since when, and until when',
      {
        deployment: {
          ...deployment,
          waitsFor: {
            what: '1 of 2 tasks',
            since: '2026-11-21T11:59:00.000Z',
            until: '2026-11-21T12:09:00.000Z',
          },
        },
      },
      'waits for 1 of 2 tasks, for 1:00 (since 2026-11-21T11:59:00Z), at most until 2026-11-21T12:09:00Z',
    ],
    [
      'an approval that is asked for',
      {
        deployment: {
          ...deployment,
          approvals: [{ gate: 'before-traffic', percent: 100, expiresAt: '2026-11-21T13:30:00.000Z' }],
        },
      },
      'asks for the approval before-traffic, before 100 %: it expires in 1 h 30 min',
    ],
    [
      'an approval that is to come',
      { deployment: { ...deployment, approvals: [{ gate: 'before-full-traffic', percent: 100 }] } },
      'an approval comes: before-full-traffic, before 100 %',
    ],
    [
      'how to answer',
      { deployment: { ...deployment, answers: [{ word: 'abort', command: 'sidestep abort orders' }] } },
      '   └─ sidestep abort orders',
    ],
    [
      'blue in standby',
      { deployment: { ...deployment, stage: 'Standby', standsBy: true } },
      'green serves all the traffic; blue stands by',
    ],
    [
      'a lock that is kept',
      { deployment: { ...deployment, heldBecause: 'the weights are odd' } },
      `put right what it names, then start the machine with {"recover": "${deployment.deploymentId}"}`,
    ],
    [
      'the waiting place',
      {
        waiting: {
          deploymentId: 'orders-2',
          digest: `sha256:${'3'.repeat(64)}`,
          since: '2026-11-21T11:00:00.000Z',
          by: 'push',
          waitsFor: 'window opens',
          notBefore: '2026-11-22T09:00:00.000Z',
        },
      },
      'waits: window opens, not before 2026-11-22T09:00:00Z',
    ],
    [
      'a freeze',
      {
        restraints: [
          { kind: 'frozen', why: 'sale', by: 'arn:ada', at: AT, until: '2026-11-22T00:00:00.000Z' },
        ],
      },
      'frozen until 2026-11-22T00:00:00Z: sale, said arn:ada at 2026-11-21T12:00:00Z',
    ],
    [
      'a suspension',
      { restraints: [{ kind: 'suspended', why: 'leak', by: 'arn:ada', at: AT, deploymentId: 'orders-1' }] },
      'automatic deployment is suspended until somebody says `resume`: leak (with orders-1)',
    ],
    [
      'what was last',
      {
        last: [
          {
            deploymentId: 'orders-1',
            outcome: 'ROLLBACK_SUCCESSFUL',
            reason: 'AlarmFired: 5xx',
            startedAt: '2026-11-21T09:50:00.000Z',
            endedAt: '2026-11-21T10:00:00.000Z',
            seconds: 600,
            startedBy: 'push',
            digest: `sha256:${'4'.repeat(64)}`,
            tag: 'v0',
          },
        ],
      },
      'ROLLBACK_SUCCESSFUL  v0 sha256:444444444444  2 h 00 min ago  took 10:00  orders-1  AlarmFired: 5xx',
    ],
  ])('of %s', (_, service, line) => {
    expect(told(service)).toContain(line);
  });

  it.each([
    [0, '0:00'],
    [59_400, '0:59'],
    [3_599_000, '59:59'],
    [3_660_000, '1 h 01 min'],
    [90_000_000, '1 d 1 h'],
    [-5, '0:00'],
  ])('a span of %d ms as %s', (ms, text) => expect(span(ms)).toBe(text));
});

describe('the side that serves', () => {
  const sides = [
    { kind: 'ecs', cluster: 'prod', service: 'orders-a', targetGroup: A },
    { kind: 'ecs', cluster: 'prod', service: 'orders-b', targetGroup: B },
  ] as const;
  const all = (group: string) => [{ arn: 'r', weights: { [A]: 0, [B]: 0, [group]: 1 } }];
  const roles = (live: ReturnType<typeof all>) =>
    sides.map((side) => roleOf(side, { sides }, undefined, live));

  it('is blue by the live weights between deployments, and nobody is if they are split', () => {
    expect(roles(all(B))).toEqual(['green', 'blue']);
    expect(roles([...all(A), ...all(B)])).toEqual([undefined, undefined]);
    expect(roleOf(sides[0], { sides: [sides[0]] }, undefined, [])).toBeUndefined();
  });

  it('keeps the role that it has in the deployment under way, whatever the weights are', () => {
    const resolved = { serviceArn: '', clusterArn: '', taskDefinitionArn: '', desiredCount: 1 };
    const record = { blue: { ...sides[0], ...resolved }, green: { ...sides[1], ...resolved } };
    expect(sides.map((side) => roleOf(side, { sides }, record, all(B)))).toEqual(['blue', 'green']);
  });

  it('should have what Sidestep wrote last, in the newest record that came so far', () => {
    const write = (weight: number) => ({
      from: [],
      to: [{ arn: 'r', weights: { [A]: 100 - weight, [B]: weight } }],
      intendedAtMs: 0,
    });
    const meant = weightsMeant([
      {},
      { attach: write(0), shift: write(10), restore: write(0) },
      { shift: write(100) },
    ]);
    expect(meant).toEqual(write(0).to);
    expect(weightsMeant([{}])).toBeUndefined();
    const places = placesOf([{ arn: 'r', weights: { [A]: 3, [B]: 1 } }], meant);
    expect(sharesOf(B, places)).toEqual({ percent: 25, wantedPercent: 0 });
    expect(sharesOf(B, [])).toEqual({ percent: undefined, wantedPercent: undefined });
  });
});

describe('the stage', () => {
  it('is the state that waits, or else the one that was written of last', () => {
    const stages = {
      Bake: { intendedAtMs: 3 },
      JudgeBake: { intendedAtMs: 4, doneAtMs: 5 },
      ModifyListener: { intendedAtMs: 1, doneAtMs: 9 },
    };
    expect(stageOf({ stages }, { state: 'Bake', openedAtMs: 7 })).toEqual({ name: 'Bake', sinceMs: 7 });
    expect(stageOf({ stages })).toEqual({ name: 'ModifyListener', sinceMs: 9 });
    expect(stageOf({ stages: {} })).toBeUndefined();
  });
});

describe('a watch', () => {
  it('tells everything at first, then only what is otherwise, and what is over', () => {
    const first = documentOf({ deployment });
    expect(changesBetween(undefined, first)).toEqual([
      '2026-11-21T12:00:00Z orders orders-a: blue, 100 %, 2/2 healthy, runs 2/2, orders:1, v1 sha256:111111111111',
      '2026-11-21T12:00:00Z orders orders-20261121t115500z-1f2e3d: Bake',
    ]);
    const later = documentOf(
      { deployment: { ...deployment, elapsedSeconds: 301 } },
      '2026-11-21T12:00:01.000Z',
    );
    expect(changesBetween(first, later)).toEqual([]);
    expect(differ(first, later)).toBe(false);
    const over = documentOf({}, '2026-11-21T12:00:02.000Z');
    expect(changesBetween(later, over)).toEqual([
      '2026-11-21T12:00:02Z orders orders-20261121t115500z-1f2e3d: over',
    ]);
    expect(differ(later, over)).toBe(true);
  });
});
