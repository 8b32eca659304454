/** The plan of a deployment, asked for on the command line, and held to the deployment that follows. */
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../cli/plan/plan.ts';
import { startHttpServer } from '../../local/wire/http-server.ts';
import * as names from '../../local/world/names.ts';
import { findScenario } from '../../local/world/scenarios.ts';
import { type Bed, type BedOptions, makeBed } from '../statemachine/bed.ts';
import { ALL_MODULES, FLEET_SERVICE, FLEET_WORLD } from '../statemachine/fleet-service.ts';
import { type Ran, run } from './command.ts';

let bed: Bed;
let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  await bed?.close();
  close = undefined;
});

/** A bed whose endpoint the command can call, with v2 pushed under a tag that no service follows. */
async function makePlanBed({
  environment,
  ...options
}: BedOptions & { environment?: Record<string, string> } = {}) {
  bed = await makeBed(options);
  const server = await startHttpServer(bed.cloud.endpoint);
  close = () => server.close();
  const { digest } = await bed.push('next', environment);
  const ask = (...words: string[]): Promise<Ran> =>
    run('plan', 'orders', ...words, '--endpoint-url', server.url);
  return {
    digest,
    ask,
    /** The JSON of a plan. */
    async plan(...words: string[]): Promise<Plan & { exitCode: number }> {
      const { stdout, exitCode } = await ask(...(words.length > 0 ? words : ['--tag', 'next']), '--json');
      return { ...(JSON.parse(stdout) as Plan), exitCode };
    },
  };
}

const WRITES =
  /^(ecs:(RegisterTaskDefinition|UpdateService|RunTask)|elasticloadbalancing:Modify(Rule|Listener)|application-autoscaling:RegisterScalableTarget)$/;
const WATCHERS = ['person', 'sidestep'];

/** What the functions changed since then, by operation. */
function changesSince(atMs: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of bed.cloud.endpoint.calls) {
    const name = `${call.service}:${call.operation}`;
    if (call.atMs < atMs || WATCHERS.includes(call.caller) || !WRITES.test(name)) continue;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const ONE_SIDE = {
  traffic: undefined,
  sides: [{ cluster: 'prod', service: 'orders-a', targetGroup: names.targetGroupOf('orders-a') }],
  checks: { http: undefined },
};
const { service: nativeService, world: nativeWorld } = findScenario('native');

const STRATEGIES: [string, BedOptions & { environment?: Record<string, string> }][] = [
  ['all at once', {}],
  ['canary', { service: { strategy: { type: 'canary', percent: 10, bake: '5m' }, bake: '2m' } }],
  ['linear', { service: { strategy: { type: 'linear', percent: 25, every: '2m' } } }],
  ['standby', { service: { keepBlue: '20m' } }],
  ['a long drain', { world: { deregistrationDelaySeconds: 300, healthCheckIntervalSeconds: 30 } }],
  ['autoscaling', { world: { autoscaling: { min: 2, max: 6, policies: true } } }],
  ['rolling', { service: { ...ONE_SIDE, strategy: { type: 'rolling' } } }],
  [
    'recreate',
    {
      world: { balanced: false },
      service: {
        ...ONE_SIDE,
        strategy: { type: 'recreate' },
        sides: [{ cluster: 'prod', service: 'orders-a' }],
      },
    },
  ],
  ['native', { service: nativeService, world: nativeWorld }],
  ['fleet', { service: FLEET_SERVICE, world: FLEET_WORLD, environment: ALL_MODULES }],
  ['two clusters', findScenario('two-clusters')],
];

/** Of the prediction: detection, propagation and where in its interval a health check falls cannot be known. */
const TOLERANCE_SECONDS = 45;

describe('a prediction', () => {
  it.each(STRATEGIES)('of %s is met by the deployment, in time and in calls', async (_, options) => {
    const { plan } = await makePlanBed(options);
    // The native service's creation is a deployment of ECS, whose bake takes a minute.
    await bed.pass(90);
    const { totals, changes, exitCode } = await plan();
    expect(exitCode).toBe(0);
    const startedAtMs = bed.cloud.clock.now();
    await bed.start({ service: 'orders', tag: 'next' });
    expect((await bed.untilEnded())[0]).toMatchObject({ status: 'SUCCEEDED' });

    const tookSeconds = (bed.cloud.clock.now() - startedAtMs) / 1000;
    const allowed = TOLERANCE_SECONDS + 0.05 * tookSeconds;
    expect(Math.abs((totals?.totalSeconds ?? 0) - tookSeconds), `it took ${tookSeconds} s`).toBeLessThan(
      allowed,
    );
    expect(changes).toEqual(changesSince(startedAtMs));
  });

  it('is better the second time, when ECS knows how long the service takes to start', async () => {
    const { plan, digest } = await makePlanBed({ environment: { BOOT_MS: '15000' } });
    await bed.start({ service: 'orders', tag: 'next' });
    await bed.untilEnded();
    expect((await bed.deployments())[0]).toMatchObject({ outcome: 'SUCCESSFUL', image: { digest } });
    await bed.push('after', { BOOT_MS: '15000' });
    const { steps } = await plan('--tag', 'after');
    const steady = steps.find(({ state }) => state === 'WaitForSteadyState');
    expect(steady?.seconds).toBeGreaterThan(14);
    expect(steady?.because).toContain("as ECS's last deployment took");
  });

  it('says which setting would save how much', async () => {
    const { plan } = await makePlanBed({
      world: { deregistrationDelaySeconds: 300, healthCheckIntervalSeconds: 30 },
    });
    const { savings } = await plan();
    expect(savings).toEqual([
      { setting: 'deregistration_delay', of: 'orders-a', from: 300, to: 30, savesSeconds: 270 },
      { setting: 'health check interval', of: 'orders-b', from: 30, to: 5, savesSeconds: expect.any(Number) },
    ]);
    expect(savings[1]?.savesSeconds).toBeGreaterThan(0);
  });

  it('holds every shift of a Network Load Balancer for ten minutes, and says so', async () => {
    const { plan } = await makePlanBed({
      world: { loadBalancer: 'network' },
      service: {
        traffic: { rules: undefined, testRule: undefined, listener: names.NETWORK_PRODUCTION_LISTENER_ARN },
        checks: { http: undefined, alarms: [names.NETWORK_ALARM] },
      },
    });
    const { steps, changes } = await plan();
    const bake = steps.find(({ state }) => state === 'Bake');
    expect(bake).toMatchObject({ seconds: 600, because: expect.stringContaining('held 10 min') });
    expect(changes).toMatchObject({ 'elasticloadbalancing:ModifyListener': 2 });
  });

  it('leaves out the time of people and of programs, and names them', async () => {
    const { plan, ask } = await makePlanBed({
      service: {
        approval: { gates: ['before-traffic'], timeout: '4h' },
        migration: { command: ['sidestep:sample-app', 'task'], timeout: '10m' },
      },
    });
    const { steps } = await plan();
    expect(steps.filter(({ waitsFor }) => waitsFor)).toMatchObject([
      { state: 'RunMigration', seconds: 0, atMostSeconds: 600, changes: { 'ecs:RunTask': 1 } },
      { state: 'WaitForApproval', seconds: 0, atMostSeconds: 14_400 },
    ]);
    const { stdout } = await ask('--tag', 'next');
    expect(stdout).toMatch(/and the time of the migration, an approval.*/);
  });
});

describe('sidestep plan', () => {
  it('changes nothing', async () => {
    const { plan } = await makePlanBed({ world: { autoscaling: { min: 2, max: 6 } } });
    const before = bed.cloud.endpoint.calls.length;
    await plan();
    const operations = bed.cloud.endpoint.calls.slice(before).map(({ operation }) => operation);
    expect(operations.length).toBeGreaterThan(10);
    expect(operations.filter((name) => !/^(Describe|Get|List|Query)/.test(name))).toEqual([]);
    expect(await bed.deployments()).toEqual([]);
  });

  it('is a page that can be read from top to bottom', async () => {
    const { ask, digest } = await makePlanBed({
      service: { strategy: { type: 'canary', percent: 10, bake: '5m' } },
      world: { deregistrationDelaySeconds: 300 },
    });
    const { stdout, exitCode, stderr } = await ask('--tag', 'next');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const lines = stdout.split('\n');
    const expected = [
      /^plan of orders in the local cloud at http:.*; nothing was changed$/,
      new RegExp(`^image {5}\\S+/orders@${digest} {2}next$`),
      /^strategy {2}canary$/,
      /^revision {2}a new revision of orders, made of orders:1$/,
      /^sides$/,
      /^ {2}blue {3}orders-a in prod, 100 %, desired count 2, orders:1, 2 healthy in orders-a$/,
      /^ {2}green {2}orders-b in prod, 0 %, desired count 0, orders:1, 0 healthy in orders-b$/,
      /^changes of the task definition$/,
      /^ {2}containerDefinitions\[app\]\.image$/,
      /^ {4}- "\S+\/orders@sha256:\w+"$/,
      new RegExp(`^ {4}\\+ "\\S+/orders@${digest}"$`),
      /^steps$/,
      /^ {2}RegisterRevision +0 s +a new revision of orders$/,
      /^ {2}AttachGreen +0 s +orders-b's target group at weight 0, and all test traffic$/,
      /^ {2}StartGreen +0 s +2 tasks of orders-b$/,
      /^ {2}WaitForSteadyState +\d+ s +every task of orders-b runs and is healthy$/,
      /^ {6}\d+ s to start, as ECS's last deployment took \d+ s, health check interval 5 s/,
      /^ {2}VerifyTargets +0 s +targets are healthy, HTTP checks pass: 1$/,
      /^ {2}ModifyListener +0 s +green takes 10 %$/,
      /^ {2}Bake +5 min +green has 10 %$/,
      /^ {2}ModifyListener +0 s +green takes 100 %$/,
      /^ {2}Bake +1 min +green has 100 %$/,
      /^ {2}DrainBlue +5 min +orders-a finishes its requests and stops$/,
      /^ {6}deregistration delay 5 min, stop timeout 30 s at most; at most 30 min$/,
      /^green serves for good after 6 min \d+ s; all is over after 11 min \d+ s$/,
      /^7 calls of AWS that change something, if all goes well$/,
      /^ {2}elasticloadbalancing:ModifyRule {2}4$/,
      /^saves time$/,
      /^ {2}deregistration_delay of orders-a: 5 min → 30 s saves 4 min 30 s$/,
    ];
    let from = 0;
    for (const line of expected) {
      const at = lines.findIndex((text, index) => index >= from && line.test(text));
      expect(at, `${line} in\n${stdout}`).toBeGreaterThanOrEqual(from);
      from = at + 1;
    }
  });

  it('shows what differs from the running definition, field by field', async () => {
    const { plan, digest } = await makePlanBed({
      service: { image: { base: 'family-latest' } },
      world: { newerEnvironment: { FEATURE: 'on' } },
    });
    const { revision, sides, image } = await plan();
    expect(image?.digest).toBe(digest);
    expect(revision).toMatchObject({
      family: 'orders',
      baseTaskDefinitionArn: expect.stringMatching(/orders:2$/),
    });
    expect(revision?.changes.map(({ path }) => path)).toEqual([
      'containerDefinitions[app].image',
      'containerDefinitions[app].environment[FEATURE]',
    ]);
    expect(sides).toMatchObject([
      { role: 'blue', service: 'orders-a', cluster: 'prod', percent: 100, desiredCount: 2, healthyCount: 2 },
      { role: 'green', service: 'orders-b', cluster: 'prod', percent: 0, desiredCount: 0, healthyCount: 0 },
    ]);
  });

  it('plans a task definition that is registered already without registering another', async () => {
    const { plan } = await makePlanBed({ world: { newerEnvironment: { FEATURE: 'on' } } });
    const { revision, changes } = await plan('--task-definition', 'orders:2');
    expect(revision?.registeredArn).toMatch(/orders:2$/);
    expect(changes).not.toHaveProperty('ecs:RegisterTaskDefinition');
  });

  it('ends with 0 if there is nothing to deploy', async () => {
    const { ask, plan } = await makePlanBed();
    expect(await plan('--tag', 'v1')).toMatchObject({
      exitCode: 0,
      outcome: 'NOTHING_TO_DEPLOY',
      steps: [],
      changes: {},
    });
    expect((await ask('--tag', 'v1')).stdout).toMatch(/NOTHING_TO_DEPLOY {3}sha256:\w+ already serves/);
  });

  it('tells that a deployment is under way', async () => {
    const { plan } = await makePlanBed();
    await bed.start({ service: 'orders', tag: 'next' });
    await bed.untilState('WaitForSteadyState');
    await bed.push('after');
    expect((await plan('--tag', 'after')).warnings).toEqual([expect.stringContaining('wait for its turn')]);
  });

  it('tells that ECS is at work on a native service', async () => {
    const { plan } = await makePlanBed({ service: nativeService, world: nativeWorld });
    expect((await plan()).warnings).toEqual([expect.stringContaining('it is let finish first')]);
  });

  it('warns of a deadline that the bakes meet and the rest does not', async () => {
    const { plan } = await makePlanBed({ service: { bake: '9m', deadline: '9m5s' } });
    const { warnings } = await plan();
    expect(warnings).toEqual([expect.stringMatching(/^the deadline is .* green serves after 9 min/)]);
  });
});

describe('a refusal that a deployment would meet', () => {
  const fire = async (): Promise<void> => {
    await bed.clients.cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: 'AWS/ApplicationELB',
        MetricData: [
          {
            MetricName: 'HTTPCode_Target_5XX_Count',
            Dimensions: [
              { Name: 'LoadBalancer', Value: bed.world.loadBalancerArn.split(':loadbalancer/')[1] },
            ],
            Value: 100,
          },
        ],
      }),
    );
  };

  it.each([
    ['an image that is not there', ['--tag', 'nope'], 'ImageNotFound'],
    ['a repository of another service', ['--image', 'billing:v1'], 'ImageNotForThisService'],
    ['a task definition that is not there', ['--task-definition', 'orders:99'], 'TaskDefinitionNotFound'],
    ['two images', ['--tag', 'a', '--digest', 'b'], 'BadInput'],
  ])('is shown for %s, and ends it with 14', async (_, words, name) => {
    const { ask, plan } = await makePlanBed();
    const { stdout, exitCode } = await ask(...words);
    expect(exitCode).toBe(14);
    expect(stdout).toContain(`REFUSED   ${name}: `);
    expect(await plan(...words)).toMatchObject({ exitCode: 14, outcome: 'REFUSED', refusals: [{ name }] });
  });

  it('is shown for an alarm that fires, beside the steps, and not for the repair', async () => {
    const { plan } = await makePlanBed();
    await fire();
    await bed.pass(15);
    const refused = await plan();
    expect(refused).toMatchObject({ exitCode: 14, refusals: [{ name: 'AlarmAlreadyFiring' }] });
    expect(refused.steps.length).toBeGreaterThan(5);
    expect(await plan('--tag', 'next', '--despite', 'it repairs')).toMatchObject({
      exitCode: 0,
      refusals: [],
    });
  });

  it('is shown for a role that is not listed', async () => {
    const { plan } = await makePlanBed({ configuration: { roles: [] } });
    expect(await plan()).toMatchObject({ exitCode: 14, refusals: [{ name: 'RoleNotListed' }] });
  });

  it('is shown for a service that nobody knows', async () => {
    await makePlanBed();
    const { url, close: end } = await startHttpServer(bed.cloud.endpoint);
    const { exitCode, stdout } = await run('plan', 'billing', '--endpoint-url', url);
    await end();
    expect(exitCode).toBe(14);
    expect(stdout).toContain(
      "UnknownService: no service in the configuration is 'billing'; known are: orders",
    );
  });
});
