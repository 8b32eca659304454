/** What green must pass before it has traffic: requests through the test rule, functions and tasks of the user's. */
import { ListTasksCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { ModifyRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, it } from 'vitest';
import type { Deployment } from '../../lambdas/common/deployment.ts';
import type { HttpCheck } from '../../lambdas/common/service.ts';
import { functionOf } from '../lambda/functions.ts';
import { type Bed, makeBed } from './bed.ts';
import { killPoints } from './kill-points.ts';

const NO_ALARMS = { service: [], sides: {} };

let bed: Bed;
afterEach(() => bed?.close());

async function record(): Promise<Deployment> {
  const [first] = await bed.deployments();
  if (!first) throw new Error('there is no deployment');
  return first;
}

async function expectBlueServes(): Promise<void> {
  const [blue, green] = await bed.sides();
  expect(blue).toMatchObject({ percent: 100, healthyCount: 2 });
  expect(green).toMatchObject({ percent: 0, runningCount: 0 });
  expect(await bed.items('locks')).toEqual([]);
}

/** The cause of a deployment's end, after a push. */
async function causeAfterPush(environment: Record<string, string> = {}): Promise<string> {
  await bed.push('v2', environment);
  const [execution] = await bed.untilEnded();
  return execution?.cause ?? execution?.status ?? '';
}

describe('HTTP checks', () => {
  const CHECK: HttpCheck = { path: '/', method: 'GET', status: 200, inARow: 1, timeoutSeconds: 5 };

  /** The configuration as CDK would write it: the stack needs no other rights for HTTP checks. */
  async function makeBedWith(...http: Partial<HttpCheck>[]): Promise<void> {
    const checks = {
      http: http.map((one) => ({ ...CHECK, ...one })),
      lambda: [],
      task: [],
      alarms: NO_ALARMS,
    };
    bed = await makeBed({ configuration: { checks, steadyStateTimeoutSeconds: 120 } });
  }

  it('pass on status, text, JSON and speed of several answers in a row, all through the test rule', async () => {
    const path = '/orders?id=1';
    const about = { contains: `"path":"${path}"`, json: { '/version': 'v2', '/statusCode': 200 } };
    await makeBedWith(
      { path, ...about, inARow: 5, latencyMs: 1000 },
      { method: 'POST', host: 'test.example.com' },
    );
    expect(await causeAfterPush()).toBe('SUCCEEDED');
  });

  it.each([
    [{ status: 204 }, {}, /CheckFailed: GET http:\/\/127.0.0.1:8081\/ answered 200; expected 204/],
    [{ contains: 'hello' }, {}, /answered without "hello" in its body/],
    [{ json: { '/version': 'v3' } }, {}, /answered with another string at \/version; expected "v3"/],
    [{ latencyMs: 500 }, { RESPONSE_MS: '700' }, /answered after 70\d ms; allowed are 500 ms/],
    [{ timeoutSeconds: 1 }, { RESPONSE_MS: '1500' }, /no answer from 127.0.0.1:8081\/ within 1000 ms/],
    [{ inARow: 20 }, { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.1' }, /answered 500; expected 200/],
  ])('fail the deployment with what was found: %j', async (check, environment, expected) => {
    await makeBedWith(check);
    expect(await causeAfterPush(environment)).toMatch(expected);
    await expectBlueServes();
  });

  it('that the test rule does not take fail at once', async () => {
    await makeBedWith({});
    await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    const { testRuleArn } = bed.world;
    const Conditions = [{ Field: 'path-pattern', Values: ['/admin/*'] }];
    await bed.clients.elbv2.send(new ModifyRuleCommand({ RuleArn: testRuleArn, Conditions }));
    const startedAtMs = bed.cloud.clock.now();
    const [execution] = await bed.untilEnded();
    expect(execution?.cause).toMatch(/CheckFailed: path \/ of a check is not of the test rule's \/admin\/\*/);
    expect(((await record()).endedAtMs ?? 0) - startedAtMs).toBeLessThan(60_000);
  });
});

describe('HTTP checks of an internal load balancer', () => {
  const network = { subnets: ['subnet-0a1b2c3d'], securityGroups: ['sg-0a1b2c3d'] };
  const isChecker = (name: string) => /NetworkCheckers|Checkers/.test(name);

  it('are made by the function inside its network, which calls nothing of AWS', async () => {
    bed = await makeBed({ service: { checks: { http: [{ path: '/', inARow: 3 }], network } } });
    let asked = 0;
    bed.cloud.interrupt((name) => {
      if (isChecker(name)) asked += 1;
      return undefined;
    });
    expect(await causeAfterPush()).toBe('SUCCEEDED');
    expect(asked).toBe(1);
    expect(bed.cloud.endpoint.calls.filter(({ caller }) => isChecker(caller))).toEqual([]);
  });

  it('fail the deployment with what was found there', async () => {
    const checks = { http: [{ path: '/', inARow: 3, status: 204 }], network };
    bed = await makeBed({ service: { checks, steadyState: { timeout: '2m' } } });
    expect(await causeAfterPush()).toMatch(/CheckFailed: GET http:.* answered 200; expected 204/);
    await expectBlueServes();
  });
});

/** A check function of the user's, in the account; `body` is its code, with the event in `event`. */
async function addCheckFunction(functionName: string, body: string): Promise<void> {
  bed.cloud.lambda.register(
    functionOf(
      `export const handler = () => {};
       export const create = (runtime) => async (event) => { ${body} };`,
      { functionName, timeoutSeconds: 900 },
    ),
  );
  // Loading it is real work, which virtual time does not see.
  await bed.cloud.lambda.warmUp();
}

describe('a check function', () => {
  const CHECKED = { checks: { lambda: [{ function: 'smoke', timeout: '5m' }] } };

  it('is told what it checks, may take minutes, and passes with {"passed": true}', async () => {
    bed = await makeBed({ service: CHECKED });
    await addCheckFunction(
      'smoke',
      `const { statusCode, body } = await runtime.request({
         origin: { host: '127.0.0.1', port: Number(new URL(event.testUrl).port), isTls: false, isInternal: false },
         method: 'GET', path: '/', headers: event.testHeaders, timeoutMs: 1000 });
       await runtime.sleep(240_000);
       const { version } = JSON.parse(body);
       return { passed: statusCode === 200 && version === 'v2' && event.digest.startsWith('sha256:'), reason: body };`,
    );

    expect(await causeAfterPush()).toBe('SUCCEEDED');

    const { stages, checkResults } = await record();
    expect(checkResults).toEqual({ lambda0: { passed: true } });
    const tookMs = (stages.ModifyListener?.intendedAtMs ?? 0) - (stages.RunChecks?.intendedAtMs ?? 0);
    expect(tookMs).toBeGreaterThanOrEqual(240_000);
    // Its answer wakes the deployment: no minute is lost.
    expect(tookMs).toBeLessThan(245_000);
  });

  it.each([
    [
      'return { passed: false, reason: "basket is empty" };',
      /the check function smoke failed: basket is empty/,
    ],
    ['return { passed: "true" };', /it did not answer {"passed": true}/],
    ['throw new TypeError("x is undefined");', /smoke failed: TypeError: x is undefined/],
    ['await runtime.sleep(600_000); return { passed: true };', /it gave no answer within 300 s/],
  ])('fails the deployment with its reason: %s', async (body, expected) => {
    bed = await makeBed({ service: CHECKED });
    await addCheckFunction('smoke', body);
    expect(await causeAfterPush()).toMatch(expected);
    await expectBlueServes();
  });

  it('of which one fails does not wait for the others', async () => {
    const lambda = [{ function: 'slow', timeout: '10m' }, { function: 'quick' }];
    bed = await makeBed({ service: { checks: { lambda } } });
    await addCheckFunction('slow', 'await runtime.sleep(300_000); return { passed: true };');
    await addCheckFunction('quick', 'return { passed: false, reason: "no" };');
    expect(await causeAfterPush()).toMatch(/the check function quick failed: no/);
    const { stages } = await record();
    expect((stages.StopGreen?.intendedAtMs ?? 0) - (stages.RunChecks?.intendedAtMs ?? 0)).toBeLessThan(
      30_000,
    );
  });

  it('that answers before anybody waits is heard all the same', async () => {
    bed = await makeBed({ service: CHECKED });
    await addCheckFunction('smoke', 'return { passed: true };');
    bed.cloud.endpoint.intercept({
      async before({ caller, operation, input }) {
        // The write that opens the wait is slow: the function has answered by then, and its event found nobody.
        if (!/RunChecks/.test(caller) || operation !== 'TransactWriteItems') return;
        if (JSON.stringify(input).includes('taskToken')) await bed.cloud.clock.sleep(5_000);
      },
    });
    expect(await causeAfterPush()).toBe('SUCCEEDED');
    const { stages } = await record();
    const tookMs = (stages.ModifyListener?.intendedAtMs ?? 0) - (stages.RunChecks?.intendedAtMs ?? 0);
    expect(tookMs).toBeGreaterThanOrEqual(5_000);
    expect(tookMs).toBeLessThan(6_000);
  });

  it('that runs does not hold up an abort', async () => {
    bed = await makeBed({ service: CHECKED });
    await addCheckFunction('smoke', 'await runtime.sleep(280_000); return { passed: true };');
    await bed.push('v2');
    await bed.untilState('RunChecks');
    await bed.pass(10);
    const saidAtMs = bed.cloud.clock.now();
    await bed.signal('abort', { reason: 'enough' });
    await bed.untilEnded();
    const { stages } = await record();
    expect((stages.RestoreListener?.intendedAtMs ?? 0) - saidAtMs).toBeLessThan(5_000);
    await expectBlueServes();
  });

  it.each(killPoints(6))(
    'is heard although the calling function was killed after call %i',
    async (afterCalls) => {
      bed = await makeBed({ service: CHECKED });
      await addCheckFunction('smoke', 'return { passed: true };');
      let isKilled = false;
      bed.cloud.interrupt((name) => {
        if (isKilled || !/CallCheck/.test(name)) return undefined;
        isKilled = true;
        return { afterCalls, as: 'exit' };
      });
      expect(await causeAfterPush()).toBe('SUCCEEDED');
    },
  );
});

/** A task definition of the user's that checks, as a family of its own. */
async function addCheckTask(environment: Record<string, string>): Promise<void> {
  const { uri: image } = await bed.push('checks');
  await bed.clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'checks',
      networkMode: 'bridge',
      executionRoleArn: 'arn:aws:iam::000000000000:role/orders-execution',
      containerDefinitions: [
        {
          name: 'check',
          image,
          memory: 128,
          essential: true,
          command: ['sidestep:sample-app', 'task'],
          environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': '/ecs/orders', 'awslogs-stream-prefix': 'checks' },
          },
        },
      ],
    }),
  );
}

async function runningChecks(): Promise<string[]> {
  const { taskArns = [] } = await bed.clients.ecs.send(
    new ListTasksCommand({ cluster: 'prod', family: 'checks', desiredStatus: 'RUNNING' }),
  );
  return taskArns;
}

describe('a check task', () => {
  const CHECKED = { checks: { task: [{ taskDefinition: 'checks', timeout: '5m' }] } };

  it('passes with exit code 0', async () => {
    bed = await makeBed({ service: CHECKED });
    await addCheckTask({ TASK_MS: '100000' });
    expect(await causeAfterPush()).toBe('SUCCEEDED');
    const { stages } = await record();
    const tookMs = (stages.ModifyListener?.intendedAtMs ?? 0) - (stages.RunChecks?.intendedAtMs ?? 0);
    expect(tookMs).toBeGreaterThanOrEqual(100_000);
    expect(tookMs).toBeLessThan(110_000);
  });

  it('fails the deployment with its exit code and its last lines', async () => {
    bed = await makeBed({ service: CHECKED });
    await addCheckTask({ TASK_EXIT_CODE: '4' });
    const cause = await causeAfterPush();
    expect(cause).toMatch(/CheckFailed: the check task checks failed: check exited with code 4/);
    expect(cause).toMatch(/begins at http:\/\/127.0.0.1:8081.*FATAL/s);
    await expectBlueServes();
  });

  it('whose time is up is stopped', async () => {
    bed = await makeBed({ service: { checks: { task: [{ taskDefinition: 'checks', timeout: '1m' }] } } });
    await addCheckTask({ TASK_MS: '3600000' });
    expect(await causeAfterPush()).toMatch(/the check task checks failed: it did not end within 60 s/);
    expect(await runningChecks()).toEqual([]);
    await expectBlueServes();
  });

  it('is stopped when another check fails, and when a person aborts', async () => {
    const checks = { ...CHECKED.checks, lambda: [{ function: 'smoke' }] };
    bed = await makeBed({ service: { checks } });
    await addCheckTask({ TASK_MS: '3600000' });
    await addCheckFunction(
      'smoke',
      'await runtime.sleep(20_000); return { passed: event.digest === "", reason: "no" };',
    );
    expect(await causeAfterPush()).toMatch(/the check function smoke failed: no/);
    expect(await runningChecks()).toEqual([]);

    await bed.push('v3');
    await bed.untilState('RunChecks');
    await bed.pass(5);
    await bed.signal('abort');
    await bed.untilEnded(2);
    expect(await runningChecks()).toEqual([]);
    await expectBlueServes();
  });

  it.each(killPoints(8))(
    'is started once although RunChecks was killed after call %i',
    async (afterCalls) => {
      bed = await makeBed({ service: CHECKED });
      await addCheckTask({ TASK_MS: '90000' });
      let isKilled = false;
      bed.cloud.interrupt((name) => {
        if (isKilled || !/RunChecks/.test(name)) return undefined;
        isKilled = true;
        return { afterCalls, as: 'exit' };
      });
      await bed.push('v2');
      await bed.untilState('RunChecks');
      await bed.pass(60);
      expect(await runningChecks()).toHaveLength(1);
      const [execution] = await bed.untilEnded();
      expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    },
  );
});
