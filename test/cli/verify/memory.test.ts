/** What a preflight says of what was and has to stay: images that a lifecycle policy may expire, and things that moved. */
import { describe, expect, it } from 'vitest';
import { judgeDrift } from '../../../cli/verify/checks/drift.ts';
import { judgeRetention } from '../../../cli/verify/checks/retention.ts';
import { known } from '../../../cli/verify/fact.ts';
import type { ServiceFacts } from '../../../cli/verify/facts.ts';
import { fateOf, type LifecycleRule, rulesIn } from '../../../cli/verify/lifecycle-policy.ts';
import type { DescribedImage } from '../../../lambdas/aws/ecr.ts';
import type { CapturedScaling, Deployment } from '../../../lambdas/common/deployment.ts';
import {
  complaints,
  configurationWith,
  DAY_MS,
  DIGEST,
  factsWith,
  GROUP_A,
  GROUP_B,
  NOW_MS,
  RULE,
  sideWith,
  trafficWith,
} from './facts.ts';

const image = (digest: string, daysOld: number, ...tags: string[]): DescribedImage => ({
  digest,
  pushedAtMs: NOW_MS - daysOld * DAY_MS,
  tags,
  registryId: '123456789012',
});

const rule = (rulePriority: number, selection: Partial<LifecycleRule['selection']>): LifecycleRule => ({
  rulePriority,
  selection: { tagStatus: 'tagged', countType: 'imageCountMoreThan', countNumber: 3, ...selection },
  action: { type: 'expire' },
});

describe('an image under a lifecycle policy', () => {
  const serving = image(DIGEST, 10, 'v2', 'in-use');
  const all = [serving, image('sha256:b', 5, 'v3'), image('sha256:c', 1, 'v4'), image('sha256:d', 20, 'v1')];
  const aged = { countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 };

  it.each<[string, LifecycleRule[], object]>([
    ['no rule', [], { expires: 'never' }],
    ['a rule for other tags', [rule(1, { tagPrefixList: ['dev'] })], { expires: 'never' }],
    ['a rule for untagged images', [rule(1, { tagStatus: 'untagged' })], { expires: 'never' }],
    [
      'its age',
      [rule(1, { tagStatus: 'any', ...aged })],
      { expires: 'at', priority: 1, atMs: NOW_MS + 4 * DAY_MS },
    ],
    ['a count', [rule(1, { tagPrefixList: ['v'] })], { expires: 'after', priority: 1, pushes: 1 }],
    [
      'a count that is full',
      [rule(1, { tagPatternList: ['v*'], countNumber: 2 })],
      { expires: 'after', priority: 1, pushes: 0 },
    ],
    [
      'a pattern with all its tags',
      [rule(1, { tagPatternList: ['v*', 'in-*'] })],
      { expires: 'after', priority: 1, pushes: 3 },
    ],
    ['a pattern of which it lacks one', [rule(1, { tagPatternList: ['v*', 'dev*'] })], { expires: 'never' }],
    [
      'an earlier rule that keeps it longer',
      [rule(2, aged), rule(1, { tagPrefixList: ['v'], countNumber: 100 })],
      { expires: 'after', priority: 1, pushes: 98 },
    ],
    [
      'a rule that moves it to an archive',
      [{ ...rule(1, { tagStatus: 'any' }), action: { type: 'transition' } }],
      { expires: 'never' },
    ],
  ])('is judged by %s', (_, rules, fate) => {
    expect(fateOf(serving, all, rulesIn(JSON.stringify({ rules })), undefined)).toEqual(fate);
  });

  it('is safe behind a rule that selects the tag of what is in use', () => {
    const rules = [
      rule(1, { tagPrefixList: ['in-use'], countNumber: 1000 }),
      rule(2, { tagStatus: 'any', ...aged }),
    ];
    expect(fateOf(serving, all, rules, 'in-use')).toEqual({ expires: 'never' });
    // Without the tag the second rule decides.
    expect(fateOf({ ...serving, tags: ['v2'] }, all, rules, 'in-use')).toMatchObject({
      expires: 'at',
      priority: 2,
    });
  });
});

describe('what must not expire', () => {
  const retention = (
    rules: LifecycleRule[],
    images = [image(DIGEST, 10, 'v2')],
  ): ServiceFacts['retentions'] => [
    {
      repository: 'orders',
      kept: [{ digest: DIGEST, because: 'orders-a runs it' }],
      images: known(images),
      policy: known(rules.length > 0 ? [JSON.stringify({ rules })] : []),
    },
  ];
  const judge = (retentions: ServiceFacts['retentions'], more: Record<string, unknown> = {}) =>
    judgeRetention(factsWith({ retentions, configuration: configurationWith(more) }));

  it('is kept where nothing expires', () => {
    expect(complaints(judge(retention([])))).toEqual([]);
  });

  it('is warned of, with the way to keep it', () => {
    const [finding] = judge(retention([rule(1, { tagStatus: 'any' })])).filter(
      ({ status }) => status === 'WARN',
    );
    expect(finding).toMatchObject({
      says: expect.stringMatching(
        /orders-a runs it\): rule 1 of the lifecycle policy expires it after 3 more pushes$/,
      ),
      todo: expect.stringMatching(/^set image.keepTag: in-use, and put a rule before the others/),
    });
  });

  it('is not good if it is gone already', () => {
    expect(complaints(judge(retention([], [])))).toEqual([
      `NG ${DIGEST} (orders-a runs it) is no longer in orders`,
    ]);
  });
});

describe('drift since the last deployment', () => {
  const arn = (revision: number) => `arn:aws:ecs:us-east-1:123456789012:task-definition/orders:${revision}`;
  const side = (service: string, revision: number, desiredCount: number) => ({
    kind: 'ecs' as const,
    cluster: 'prod',
    service,
    targetGroup: service === 'orders-a' ? GROUP_A : GROUP_B,
    taskDefinitionArn: arn(revision),
    desiredCount,
  });
  const weights = (a: number, b: number) => [{ arn: RULE, weights: { [GROUP_A]: a, [GROUP_B]: b } }];
  const write = (a: number, b: number) => ({ from: weights(0, 0), to: weights(a, b), intendedAtMs: 0 });
  /** From orders-b, revision 6, to orders-a, revision 7, with four tasks. */
  const deployment = (changes: object) =>
    ({
      deploymentId: 'orders-20261120t000000z-000000',
      configuration: configurationWith(),
      outcome: 'SUCCESSFUL',
      stages: { StartGreen: { intendedAtMs: 0 } },
      blue: side('orders-b', 6, 4),
      green: side('orders-a', 5, 0),
      revisionArn: arn(7),
      greenCount: 4,
      liveWeights: weights(0, 1),
      shift: write(100, 0),
      ...changes,
    }) as unknown as Deployment;
  const live = (
    a: [revision: number, count: number],
    b: [revision: number, count: number],
    scaling: CapturedScaling[] = [],
  ) =>
    configurationWith().sides.map((one) => {
      const [revision, desiredCount] = one.service === 'orders-a' ? a : b;
      const facts = sideWith(one, { service: { taskDefinition: arn(revision), desiredCount } });
      return { ...facts, scaling: known(scaling) };
    });
  const suspended = { dynamicIn: false, dynamicOut: false, scheduled: false };

  it.each<[string, Partial<ServiceFacts>, RegExp[]]>([
    ['nothing', { sides: live([7, 4], [6, 0]) }, []],
    ['the scale of the weights', { sides: live([7, 4], [6, 0]), traffic: trafficWith({ [GROUP_A]: 1 }) }, []],
    [
      'the weights',
      { sides: live([7, 4], [6, 0]), traffic: trafficWith({ [GROUP_B]: 1 }) },
      [/has orders-b 1; Sidestep last wrote orders-a 100 : orders-b 0$/],
    ],
    [
      'the definition',
      { sides: live([8, 4], [6, 0]) },
      [/^WARN orders-a runs orders:8; Sidestep left it with orders:7$/],
    ],
    ['the definition of a side at rest, which runs nothing', { sides: live([7, 4], [9, 0]) }, []],
    [
      'the count',
      { sides: live([7, 2], [6, 0]) },
      [/^WARN orders-a has desired count 2; Sidestep left it with 4$/],
    ],
    ['the count of a side that scales', { sides: live([7, 9], [6, 0], [{ min: 2, max: 9, suspended }]) }, []],
    [
      'the side at rest, though it scales',
      { sides: live([7, 4], [6, 2], [{ min: 2, max: 9, suspended }]) },
      [/^WARN orders-b has desired count 2/],
    ],
  ])('tells what moved: %s', (_, changes, expected) => {
    const found = complaints(judgeDrift(factsWith({ last: deployment({}), ...changes })));
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it('compares with what a rollback left', () => {
    const last = deployment({ outcome: 'ROLLBACK_SUCCESSFUL', restore: write(0, 100) });
    const traffic = trafficWith({ [GROUP_B]: 1 });
    expect(complaints(judgeDrift(factsWith({ last, traffic, sides: live([7, 0], [6, 4]) })))).toEqual([]);
    const early = deployment({ outcome: 'ROLLBACK_SUCCESSFUL', shift: undefined, stages: {} });
    expect(complaints(judgeDrift(factsWith({ last: early, traffic, sides: live([5, 0], [6, 4]) })))).toEqual(
      [],
    );
    expect(complaints(judgeDrift(factsWith({ last, sides: live([7, 0], [6, 4]) })))).toHaveLength(1);
  });

  it('names who registered a definition that is not its own', () => {
    const sides = live([8, 4], [6, 0]).map((one) => ({
      ...one,
      definition: known({ registeredBy: 'arn:aws:iam::123456789012:role/terraform' }),
    }));
    expect(complaints(judgeDrift(factsWith({ last: deployment({}), sides })))[0]).toContain(
      '(registered by arn:aws:iam::123456789012:role/terraform)',
    );
  });

  it('leaves to a person what a halted deployment left', () => {
    const [finding] = judgeDrift(factsWith({ last: deployment({ outcome: 'HALTED' }) }));
    expect(finding).toMatchObject({ status: 'SKIP', says: expect.stringContaining('ended HALTED') });
  });

  it('knows no weights of a service that ECS shifts itself', () => {
    const configuration = configurationWith({
      strategy: { type: 'native' },
      traffic: undefined,
      sides: [{ cluster: 'prod', service: 'orders-a', targetGroup: GROUP_A }],
    });
    const only = side('orders-a', 6, 4);
    const last = deployment({ configuration, blue: only, green: only });
    expect(
      complaints(
        judgeDrift(factsWith({ last, traffic: trafficWith({ [GROUP_B]: 1 }), sides: live([7, 4], [6, 0]) })),
      ),
    ).toEqual([]);
    expect(complaints(judgeDrift(factsWith({ last, sides: live([6, 4], [6, 0]) })))).toHaveLength(1);
  });
});
