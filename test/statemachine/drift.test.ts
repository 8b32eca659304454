/** Somebody else's hand on the listener: seen before every write, never overwritten; and all the rest of a rule left alone. */
import {
  type Action,
  DescribeRulesCommand,
  ModifyListenerCommand,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/wire/aws-error.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const weigh = (a: number, b: number): Action => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: [
      { TargetGroupArn: bed.world.targetGroups['orders-a'], Weight: a },
      { TargetGroupArn: bed.world.targetGroups['orders-b'], Weight: b },
    ],
  },
});
const edit = (...Actions: Action[]) =>
  bed.clients.elbv2.send(new ModifyRuleCommand({ RuleArn: bed.world.productionRuleArn, Actions }));

async function expectHalted(percentOnGreen: number): Promise<void> {
  const [execution] = await bed.untilEnded();
  expect(execution).toMatchObject({
    status: 'FAILED',
    error: 'HALTED',
    cause: expect.stringContaining('ListenerChangedByOthers'),
  });
  const [blue, green] = await bed.sides();
  expect(green.percent).toBe(percentOnGreen);
  expect(blue).toMatchObject({ healthyCount: 2 });
  expect(green).toMatchObject({ healthyCount: 2 });
  expect(await bed.items('locks')).toHaveLength(1);
  expect(await bed.deployments()).toMatchObject([{ outcome: 'HALTED' }]);
}

describe('an edit by hand', () => {
  it('before the shift halts the deployment with both sides up', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    await edit(weigh(70, 30));
    await expectHalted(30);
  });

  it('during the bake halts it too, however the weights were left', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.untilState('Bake');
    await edit(weigh(50, 50));
    await expectHalted(50);
  });

  it('before a rollback keeps the rollback from overwriting it', async () => {
    bed = await makeBed({ configuration: { bakeSeconds: 600 } });
    await bed.push('v2', { EXIT_CODE: '1', EXIT_AFTER_MS: '120000' });
    await bed.untilState('Bake');
    await edit(weigh(40, 60));
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'HALTED' });
    const [, green] = await bed.sides();
    expect(green.percent).toBe(60);
  });

  it('is resumed by a person, once it is put right', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.untilState('Bake');
    await edit(weigh(50, 50));
    await bed.untilEnded();
    const [halted] = await bed.deployments();

    await edit(weigh(0, 100));
    await bed.start({ recover: halted?.deploymentId });

    const [, recovery] = await bed.untilEnded(2);
    expect(recovery).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    const [blue, green] = await bed.sides();
    expect(blue).toMatchObject({ percent: 100, healthyCount: 2 });
    expect(green).toMatchObject({ percent: 0, runningCount: 0 });
    expect(await bed.items('locks')).toEqual([]);
  });

  it('that only changes the scale of the weights is no drift', async () => {
    bed = await makeBed();
    await bed.push('v2');
    await bed.untilState('WaitForSteadyState');
    await edit(weigh(7, 0));
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });

  it('that points production at both sides refuses the deployment, with both values shown', async () => {
    bed = await makeBed();
    await edit(weigh(60, 40));
    await bed.push('v2');
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({
      error: 'REFUSED',
      cause: expect.stringMatching(/LiveWeightsUnexpected.*orders-a 60 : orders-b 40/),
    });
    expect(await bed.service('orders-b')).toMatchObject({ desiredCount: 0 });
  });
});

describe('a write whose answer was lost', () => {
  it.each(['AttachGreen', 'ModifyListener'])('by %s is recognised as ours and made once', async (state) => {
    bed = await makeBed();
    const caller = new RegExp(state);
    let lost = 0;
    const stop = bed.cloud.endpoint.intercept({
      after(call) {
        // Every attempt of the SDK for this invocation: the write has taken effect, and nobody hears of it.
        if (call.operation !== 'ModifyRule' || !caller.test(call.caller) || lost >= 4) return;
        lost += 1;
        throw new AwsError('InternalFailure', 'answer lost', { statusCode: 500 });
      },
    });
    await bed.push('v2');
    const [execution] = await bed.untilEnded();
    stop();
    expect(lost).toBeGreaterThan(0);
    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
  });
});

describe('the rest of the rule', () => {
  it('survives: authentication before the forward, its order, stickiness, conditions and priority', async () => {
    bed = await makeBed({ world: { protocol: 'HTTPS' } });
    const authenticate: Action = {
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: {
        Issuer: 'https://issuer.test',
        AuthorizationEndpoint: 'https://issuer.test/authorize',
        TokenEndpoint: 'https://issuer.test/token',
        UserInfoEndpoint: 'https://issuer.test/userinfo',
        ClientId: 'client',
        ClientSecret: 'very secret',
        Scope: 'openid email',
        SessionTimeout: 3_600,
      },
    };
    const forward = { ...weigh(1, 0), Order: 2 };
    const sticky = {
      ...forward.ForwardConfig,
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 120 },
    };
    await edit(authenticate, { ...forward, ForwardConfig: sticky });
    const rule = async () =>
      (
        await bed.clients.elbv2.send(
          new DescribeRulesCommand({ RuleArns: [bed.world.productionRuleArn ?? ''] }),
        )
      ).Rules?.[0];
    const before = await rule();

    await bed.push('v2');
    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    const after = await rule();
    expect(after?.Conditions).toEqual(before?.Conditions);
    expect(after?.Priority).toEqual(before?.Priority);
    expect(after?.Actions?.[0]).toEqual(before?.Actions?.[0]);
    expect(after?.Actions?.[1]).toMatchObject({
      Order: 2,
      ForwardConfig: { TargetGroupStickinessConfig: sticky.TargetGroupStickinessConfig },
    });
  });
});

describe("a listener's default action", () => {
  it('is shifted like a rule, and back', async () => {
    bed = await makeBed({ world: { placement: 'listener' }, isEnforced: false });
    const listener = bed.world.productionListenerArn;
    await bed.configure({ traffic: { listener, testRule: bed.world.testRuleArn } });
    await bed.push('v2');
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    expect((await bed.sides())[1]).toMatchObject({ percent: 100, healthyCount: 2 });

    await bed.push('v3', { EXIT_CODE: '1', EXIT_AFTER_MS: '30000' });
    const [, second] = await bed.untilEnded(2);
    expect(second).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect((await bed.sides())[1]).toMatchObject({ percent: 100, healthyCount: 2 });
  });

  it('halts on a foreign write as a rule does', async () => {
    bed = await makeBed({ world: { placement: 'listener' }, isEnforced: false });
    const ListenerArn = bed.world.productionListenerArn;
    await bed.configure({ traffic: { listener: ListenerArn, testRule: bed.world.testRuleArn } });
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.clients.elbv2.send(new ModifyListenerCommand({ ListenerArn, DefaultActions: [weigh(50, 50)] }));
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'HALTED' });
  });
});
