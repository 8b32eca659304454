/** From a fleet of VMs to ECS, and back: every module's address is checked, and all rules move as one act. */
import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, it } from 'vitest';
import { startVirtualLoad } from '../../local/load/index.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import * as names from '../../local/world/names.ts';
import { type Bed, makeBed } from './bed.ts';
import { ALL_MODULES, FLEET_SERVICE, FLEET_WORLD, MODULES } from './fleet-service.ts';

let bed: Bed;
afterEach(() => bed?.close());

const makeFleetBed = async (service: Record<string, unknown> = {}): Promise<void> => {
  bed = await makeBed({ world: FLEET_WORLD, service: { ...FLEET_SERVICE, ...service } });
};

/** Green's share of every module's rule, in their order: 0 while the fleet has it, 100 when ECS has. */
async function sharesOnEcs(): Promise<number[]> {
  const { Rules = [] } = await bed.clients.elbv2.send(
    new DescribeRulesCommand({ RuleArns: [...(bed.world.moduleRuleArns ?? [])] }),
  );
  return Rules.map(({ Actions = [] }) => {
    const groups = Actions[0]?.ForwardConfig?.TargetGroups ?? [];
    const of = (arn: string) => groups.find(({ TargetGroupArn }) => TargetGroupArn === arn)?.Weight ?? 0;
    const [fleet, ecs] = [names.targetGroupOf('orders-a'), names.targetGroupOf('orders-b')].map(of);
    return (100 * (ecs ?? 0)) / ((ecs ?? 0) + (fleet ?? 0));
  });
}

const registeredMachines = async (): Promise<number> => {
  const { TargetHealthDescriptions = [] } = await bed.clients.elbv2.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: names.targetGroupOf('orders-a') }),
  );
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
};

/** Everything that a listener has beside its weights: its default action, and what its own rule says. */
async function defaults(): Promise<unknown> {
  const { Listeners } = await bed.clients.elbv2.send(
    new DescribeListenersCommand({ LoadBalancerArn: bed.world.loadBalancerArn }),
  );
  const rules = await Promise.all(
    (Listeners ?? []).map(({ ListenerArn }) =>
      bed.clients.elbv2.send(new DescribeRulesCommand({ ListenerArn })),
    ),
  );
  return { Listeners, defaultRules: rules.flatMap(({ Rules }) => Rules).filter((rule) => rule?.IsDefault) };
}

/** Requests to every module, as users send them. */
function loadAll() {
  const runs = MODULES.map((address) =>
    startVirtualLoad({
      clock: bed.cloud.clock,
      plane: bed.cloud.plane,
      listenerPort: 8080,
      path: `/${address}/`,
      ratePerSecond: 10,
      maxSeconds: 7_200,
    }),
  );
  return { stop: () => Promise.all(runs.map((run) => run.stop())) };
}

/** Calls of Sidestep's functions, by operation. */
const callsOf = (pattern: RegExp) =>
  bed.cloud.endpoint.calls.filter(
    ({ operation, caller }) => pattern.test(operation) && /^Sidestep/.test(caller),
  );

/** Fails every write of a rule's weights to ECS by ModifyListener. @returns how to stop it */
const failShiftOf = (RuleArn: string | undefined, error = new AwsError('InternalFailure', 'out of order')) =>
  bed.cloud.endpoint.intercept({
    before({ operation, caller, input }) {
      const isShift = operation === 'ModifyRule' && /SidestepModifyListenerFunction/.test(caller);
      if (isShift && (input as { RuleArn?: string }).RuleArn === RuleArn && weighsEcs(input)) throw error;
    },
  });

const weighsEcs = (input: unknown): boolean =>
  JSON.stringify(input).includes(`"TargetGroupArn":"${names.targetGroupOf('orders-b')}","Weight":100`);

describe('from a fleet to ECS', () => {
  it('takes every rule, in their order, and loses no request of any module', async () => {
    await makeFleetBed();
    const before = await defaults();
    const load = loadAll();
    await bed.push('v2', ALL_MODULES);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    expect(await sharesOnEcs()).toEqual([100, 100]);
    const totals = await load.stop();
    for (const { failed, failedByApplication, byVersion } of totals) {
      expect({ failed, failedByApplication }).toEqual({ failed: 0, failedByApplication: 0 });
      expect(Object.keys(byVersion).sort()).toEqual(['v1', 'v2']);
    }
    const shifted = callsOf(/^ModifyRule$/)
      .filter(({ caller }) => /ModifyListener/.test(caller))
      .map(({ input }) => (input as { RuleArn: string }).RuleArn);
    expect(shifted).toEqual(bed.world.moduleRuleArns);
    expect(await defaults()).toEqual(before);
    expect(callsOf(/^(ModifyListener|DeregisterTargets|RegisterTargets|CreateRule|DeleteRule)$/)).toEqual([]);
    expect(await registeredMachines()).toBe(2);
  });

  it('is not done with a module missing on green: the deployment names it, and the fleet serves', async () => {
    await makeFleetBed({ steadyState: { timeout: '5m' } });
    const load = loadAll();
    await bed.push('v2', { MODULES: 'eu-1/billing' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({
      error: 'ROLLBACK_SUCCESSFUL',
      cause: expect.stringMatching(
        /CheckFailed: module search at eu-1\/search: GET http:\S+\/eu-1\/search answered 404; expected 200/,
      ),
    });
    expect(execution?.cause).not.toContain('billing');
    expect(await bed.statesOf(execution?.executionArn ?? '')).not.toContain('ModifyListener');
    expect(await sharesOnEcs()).toEqual([0, 0]);
    expect(await registeredMachines()).toBe(2);
    expect((await bed.sides())[1]).toMatchObject({ runningCount: 0, desiredCount: 0 });
    for (const { failed, failedByApplication } of await load.stop())
      expect({ failed, failedByApplication }).toEqual({ failed: 0, failedByApplication: 0 });
  });

  it('names every module that does not answer', async () => {
    await makeFleetBed({ steadyState: { timeout: '2m' } });
    await bed.push('v2', { MODULES: 'eu-1/other' });
    const [execution] = await bed.untilEnded();
    expect(execution?.cause).toMatch(/module billing at eu-1\/billing: .*; module search at eu-1\/search: /);
  });

  it('gives blue back all weights after the swap too, on a rollback', async () => {
    await makeFleetBed({ bake: '10m' });
    await bed.push('v2', { ...ALL_MODULES, EXIT_CODE: '1', EXIT_AFTER_MS: '200000' });
    await bed.untilState('Bake');
    expect(await sharesOnEcs()).toEqual([100, 100]);
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(await sharesOnEcs()).toEqual([0, 0]);
    expect(await registeredMachines()).toBe(2);
  });

  it('keeps the fleet for keepBlue: a rollback meanwhile is one write to each rule', async () => {
    await makeFleetBed({ keepBlue: '2h' });
    await bed.push('v2', ALL_MODULES);
    await bed.untilState('Standby');
    await bed.pass(600);
    expect(await bed.signal('rollback', { reason: 'a customer called' })).toMatchObject({
      signal: 'rollback',
    });
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(await sharesOnEcs()).toEqual([0, 0]);
    const restored = callsOf(/^ModifyRule$/).filter(({ caller }) => /RestoreListener/.test(caller));
    const written = restored.map(({ input }) => (input as { RuleArn: string }).RuleArn);
    expect(written.filter((arn) => arn !== bed.world.testRuleArn)).toEqual(bed.world.moduleRuleArns);
  });
});

describe('the swap', () => {
  it('of which the second rule cannot be written is undone at once, before any other state runs', async () => {
    await makeFleetBed();
    failShiftOf(bed.world.moduleRuleArns?.[1]);
    const load = loadAll();
    await bed.push('v2', ALL_MODULES);

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({
      error: 'ROLLBACK_SUCCESSFUL',
      cause: expect.stringMatching(
        /^RulesNotSwapped: .* could not be written: .*; .* had been, and went back/,
      ),
    });
    // ModifyListener itself gives the first rule back; the rollback finds nothing left to write.
    const rules = bed.world.moduleRuleArns;
    const written = callsOf(/^ModifyRule$/).filter(({ caller, input, error }) => {
      const isModule = rules.includes((input as { RuleArn: string }).RuleArn);
      return isModule && !error && /ModifyListener|RestoreListener/.test(caller);
    });
    expect(
      written.map(({ caller, input }) => [/Sidestep(\w+)Function/.exec(caller)?.[1], input]),
    ).toMatchObject([
      [expect.stringMatching(/ModifyListener$/), { RuleArn: rules[0] }],
      [expect.stringMatching(/ModifyListener$/), { RuleArn: rules[0] }],
    ]);
    expect(written.map(({ input }) => weighsEcs(input))).toEqual([true, false]);
    expect(await sharesOnEcs()).toEqual([0, 0]);
    for (const { failed } of await load.stop()) expect(failed).toBe(0);
    expect(await bed.items('locks')).toEqual([]);
  });

  it('of which the first rule cannot be written for a moment is tried again', async () => {
    await makeFleetBed();
    let count = 0;
    bed.cloud.endpoint.intercept({
      before({ operation, caller, input }) {
        const isShift = operation === 'ModifyRule' && /SidestepModifyListenerFunction/.test(caller);
        if (isShift && weighsEcs(input) && count < 6) {
          count += 1;
          throw new AwsError('Throttling', 'Rate exceeded', { statusCode: 400 });
        }
      },
    });
    await bed.push('v2', ALL_MODULES);
    const [execution] = await bed.untilEnded();
    expect(count).toBe(6);
    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    expect(await sharesOnEcs()).toEqual([100, 100]);
  });

  it('that dies between the two rules is completed by its next attempt', async () => {
    await makeFleetBed();
    const dead = killAfterFirstRule();
    await bed.push('v2', ALL_MODULES);
    const [execution] = await bed.untilEnded();
    expect(await dead()).toEqual([100, 0]);
    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    expect(await sharesOnEcs()).toEqual([100, 100]);
  });

  it('that dies between the two rules, and cannot go on, is undone whole', async () => {
    await makeFleetBed();
    const dead = killAfterFirstRule();
    failShiftOf(bed.world.moduleRuleArns?.[1]);
    await bed.push('v2', ALL_MODULES);
    const [execution] = await bed.untilEnded();
    expect(await dead()).toEqual([100, 0]);
    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(await sharesOnEcs()).toEqual([0, 0]);
  });

  it('whose execution is stopped between the two rules is undone by its recovery', async () => {
    await makeFleetBed();
    const dead = killAfterFirstRule();
    await bed.push('v2', ALL_MODULES);
    await bed.stopIn('ModifyListener');
    const executions = await bed.untilEnded(2);
    expect(await dead()).toEqual([100, 0]);
    expect(executions.map(({ status }) => status)).toEqual(['ABORTED', 'FAILED']);
    expect(executions[1]).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(await sharesOnEcs()).toEqual([0, 0]);
    expect(await bed.items('locks')).toEqual([]);
  });

  it('restores the other rules, though one cannot be given back for a while', async () => {
    await makeFleetBed({ bake: '10m' });
    const [firstRule] = bed.world.moduleRuleArns ?? [];
    await bed.push('v2', { ...ALL_MODULES, EXIT_CODE: '1', EXIT_AFTER_MS: '200000' });
    await bed.untilState('Bake');
    const stop = bed.cloud.endpoint.intercept({
      before({ operation, caller, input }) {
        const isRestore = operation === 'ModifyRule' && /SidestepRestoreListenerFunction/.test(caller);
        if (isRestore && (input as { RuleArn?: string }).RuleArn === firstRule)
          throw new AwsError('InternalFailure', 'out of order');
      },
    });
    await bed.untilState('RestoreListener');
    await bed.pass(30);
    expect(await sharesOnEcs()).toEqual([100, 0]);
    stop();
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(await sharesOnEcs()).toEqual([0, 0]);
  });
});

/** Kills ModifyListener's process right after its first write. @returns what the rules were like then */
function killAfterFirstRule(): () => Promise<number[] | undefined> {
  let seen: Promise<number[]> | undefined;
  let callsBefore = 0;
  bed.cloud.endpoint.intercept({
    after({ operation, caller }) {
      if (seen || !/SidestepModifyListenerFunction/.test(caller)) return;
      if (operation === 'ModifyRule') seen = sharesOnEcs();
      else callsBefore += 1;
    },
  });
  bed.cloud.interrupt((functionName) => {
    if (seen || !/SidestepModifyListenerFunction/.test(functionName)) return undefined;
    // Its record, its intent, green's health, the rules, the end of the audit and its entry; then the first write.
    return { afterCalls: CALLS_TO_FIRST_WRITE, as: 'exit' };
  });
  return async () => {
    expect(callsBefore).toBe(CALLS_TO_FIRST_WRITE - 1);
    return seen;
  };
}
const CALLS_TO_FIRST_WRITE = 7;

describe('a rule that is its listener’s default rule', () => {
  it('is refused as a module’s, and left alone', async () => {
    await makeFleetBed();
    const { Rules = [] } = await bed.clients.elbv2.send(
      new DescribeRulesCommand({ ListenerArn: bed.world.productionListenerArn }),
    );
    const rule = Rules.find(({ IsDefault }) => IsDefault)?.RuleArn ?? '';
    const before = await defaults();
    await bed.configure({ traffic: { rules: [rule], testRule: names.TEST_RULE_ARN } });
    await bed.push('v2', ALL_MODULES);
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({
      error: 'REFUSED',
      cause: expect.stringContaining(`RuleIsDefault: ${rule} is the default rule of its listener`),
    });
    expect(await defaults()).toEqual(before);
  });
});

describe('back to the fleet', () => {
  const toFleet = { service: 'orders', to: 'orders-vm' };
  const deployEcs = async (): Promise<void> => {
    await bed.push('v2', ALL_MODULES);
    await bed.untilEnded();
    expect(await sharesOnEcs()).toEqual([100, 100]);
  };

  it('takes no image: the fleet is checked, takes every rule, and the ECS service drains', async () => {
    await makeFleetBed();
    const load = loadAll();
    await deployEcs();
    await bed.start(toFleet);

    const [, back] = await bed.untilEnded(2);

    expect(back?.cause).toBe(undefined);
    expect(back).toMatchObject({ status: 'SUCCEEDED' });
    expect(await sharesOnEcs()).toEqual([0, 0]);
    expect((await bed.sides())[1]).toMatchObject({ runningCount: 0, desiredCount: 0 });
    for (const { failed, failedByApplication } of await load.stop())
      expect({ failed, failedByApplication }).toEqual({ failed: 0, failedByApplication: 0 });
    const [, record] = await bed.deployments();
    expect(record).toMatchObject({
      outcome: 'SUCCESSFUL',
      image: { uri: '', digest: 'fleet:orders-vm' },
      baseTaskDefinitionArn: '',
      green: { kind: 'fleet', service: 'orders-vm' },
    });
    expect(callsOf(/^(RegisterTaskDefinition)$/)).toHaveLength(1);
  });

  it('asks the machines only when the test rule has had time to turn to them everywhere', async () => {
    await makeFleetBed();
    await deployEcs();
    const asked: number[] = [];
    const attached: number[] = [];
    bed.cloud.states.onHistoryEvent((_, { type, stateExitedEventDetails }) => {
      if (type !== 'TaskStateExited') return;
      if (stateExitedEventDetails?.name === 'AttachGreen') attached.push(bed.cloud.clock.now());
      if (stateExitedEventDetails?.name === 'VerifyTargets') asked.push(bed.cloud.clock.now());
    });
    await bed.start(toFleet);
    await bed.untilEnded(2);
    expect((asked[0] ?? 0) - (attached[0] ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('is not done without a healthy machine, and ECS serves on', async () => {
    await makeFleetBed({ steadyState: { timeout: '2m' } });
    await deployEcs();
    for (const machine of bed.world.fleet?.machines ?? []) machine.kill();
    await bed.start(toFleet);
    const [, back] = await bed.untilEnded(2);
    expect(back).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect(await sharesOnEcs()).toEqual([100, 100]);
    expect((await bed.sides())[1]).toMatchObject({ healthyCount: 1, desiredCount: 1 });
  });

  it('and forth again: the same image is deployed once more, by a person', async () => {
    await makeFleetBed();
    await deployEcs();
    await bed.start(toFleet);
    await bed.untilEnded(2);
    await bed.start({ service: 'orders', tag: 'v2' });
    const [, , forth] = await bed.untilEnded(3);
    expect(forth).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'SUCCESSFUL' } });
    expect(await sharesOnEcs()).toEqual([100, 100]);
  });

  it('deploys the next push to ECS as ever', async () => {
    await makeFleetBed();
    await deployEcs();
    await bed.start(toFleet);
    await bed.untilEnded(2);
    await bed.push('v3', ALL_MODULES);
    const [, , third] = await bed.untilEnded(3);
    expect(third).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    expect(await sharesOnEcs()).toEqual([100, 100]);
  });

  it('has nothing to do if the fleet serves', async () => {
    await makeFleetBed();
    await bed.start(toFleet);
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      output: { outcome: 'NOTHING_TO_DEPLOY', reason: 'fleet:orders-vm already serves' },
    });
  });

  it('never happens for a push: while ECS serves, it is refused with what to do', async () => {
    await makeFleetBed({ keepBlue: '2h' });
    await bed.push('v2', ALL_MODULES);
    const standing = await bed.untilState('Standby');
    await bed.pass(60);
    await bed.push('v3', ALL_MODULES);
    await bed.until(async () => (await bed.executions())[1]?.status === 'FAILED', 'the push to be refused');
    const [first, second] = await bed.executions();
    expect(second).toMatchObject({
      error: 'REFUSED',
      cause: expect.stringMatching(/GreenIsFleet: orders-vm.* takes no image.*"to": "orders-vm"/),
    });
    // The fleet stands by as before.
    expect(first).toMatchObject({ executionArn: standing, status: 'RUNNING' });
    expect(await sharesOnEcs()).toEqual([100, 100]);
  });

  it.each([
    [{ to: 'orders-b' }, /BadInput: to is 'orders-b', which is no fleet of orders; its fleet is orders-vm/],
    [{ to: 'orders-vm', tag: 'v1' }, /BadInput: input has to and tag; a fleet takes no image/],
    [{ to: '' }, /BadInput: to is ""; it must be a text/],
  ])('is refused with %j', async (input, cause) => {
    await makeFleetBed();
    await bed.start({ service: 'orders', ...input });
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'REFUSED', cause: expect.stringMatching(cause) });
  });

  it('is refused for a service without a fleet', async () => {
    bed = await makeBed();
    await bed.start(toFleet);
    const [execution] = await bed.untilEnded();
    expect(execution?.cause).toMatch(/to is 'orders-vm', which is no fleet of orders; it has none/);
  });
});
