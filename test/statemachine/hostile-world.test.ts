/** Worlds that are not as the configuration says, and an AWS that does not answer: seen in time, and nobody pays for it. */
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  CreateRuleCommand,
  DescribeRulesCommand,
  ModifyRuleCommand,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceConfiguration, Side } from '../../lambdas/common/service.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const succeeded = { output: { outcome: 'SUCCESSFUL' } };
const throttled = () => new AwsError('Throttling', 'Rate exceeded', { statusCode: 400 });

async function configuration(): Promise<ServiceConfiguration> {
  const ssm = new SSMClient(bed.cloud.clientConfiguration('person'));
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/sidestep/services/orders' }));
  return JSON.parse(Parameter?.Value ?? '{}') as ServiceConfiguration;
}

async function expectRefused(cause: RegExp): Promise<void> {
  const [execution] = await bed.untilEnded();
  expect(execution).toMatchObject({ status: 'FAILED', error: 'REFUSED' });
  expect(execution?.cause).toMatch(cause);
  const [blue, green] = await bed.sides();
  expect(blue).toMatchObject({ percent: 100, healthyCount: 2, desiredCount: 2 });
  expect(green).toMatchObject({ desiredCount: 0 });
}

describe('a configuration that does not fit the world', () => {
  it('is refused when the target groups of its sides are swapped', async () => {
    bed = await makeBed();
    const [a, b] = (await configuration()).sides as readonly [Side, Side];
    await bed.configure({
      sides: [
        { ...a, targetGroup: b.targetGroup },
        { ...b, targetGroup: a.targetGroup },
      ],
    });
    await bed.push('v2');
    await expectRefused(/SideMisconfigured: ECS service orders-[ab] registers with .*the configuration says/);
  });

  it('is refused when a rule that it does not name forwards to one of its groups', async () => {
    bed = await makeBed();
    await bed.clients.elbv2.send(
      new CreateRuleCommand({
        ListenerArn: bed.world.productionListenerArn,
        Priority: 5,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/admin/*'] } }],
        Actions: [{ Type: 'forward', TargetGroupArn: bed.world.targetGroups['orders-a'] }],
      }),
    );
    await bed.push('v2');
    await expectRefused(/OtherRulesForward: .* forwards to the target group of orders-a/);
  });
});

describe('a test rule with conditions', () => {
  const restrict = (...Conditions: RuleCondition[]) =>
    bed.clients.elbv2.send(new ModifyRuleCommand({ RuleArn: bed.world.testRuleArn, Conditions }));

  it('is met by the checks: a green that answers them wrongly gets no traffic', async () => {
    bed = await makeBed();
    const { checks } = await configuration();
    await bed.configure({
      checks: { ...checks, http: [{ path: '/', method: 'GET', status: 200, inARow: 1, timeoutSeconds: 5 }] },
      steadyStateTimeoutSeconds: 120,
    });
    await restrict({
      Field: 'http-header',
      HttpHeaderConfig: { HttpHeaderName: 'X-Test', Values: ['green'] },
    });
    await bed.push('v2', { REQUEST_STATUS: '500' });
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({
      error: 'ROLLBACK_SUCCESSFUL',
      cause: expect.stringMatching(/CheckFailed.*answered 500/),
    });
  });

  it('is refused if no check can meet it', async () => {
    bed = await makeBed();
    await restrict({ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } });
    await bed.push('v2');
    await expectRefused(/TestRuleNotReachable.*source-ip/);
  });

  it('is put back as it was after a rollback', async () => {
    bed = await makeBed();
    const actions = async () =>
      (await bed.clients.elbv2.send(new DescribeRulesCommand({ RuleArns: [bed.world.testRuleArn ?? ''] })))
        .Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups;
    const [before] = (await actions()) ?? [];
    await bed.push('v2', { EXIT_CODE: '1', EXIT_AFTER_MS: '50' });
    await bed.untilEnded();
    expect(await actions()).toEqual([
      before,
      { TargetGroupArn: bed.world.targetGroups['orders-b'], Weight: 0 },
    ]);
  });
});

describe('a moment that is not steady', () => {
  it('before the traffic moves is waited out, as long as there is time', async () => {
    bed = await makeBed();
    let scaled = false;
    bed.cloud.endpoint.intercept({
      async before({ caller, operation }) {
        if (scaled || operation !== 'DescribeServices' || !/VerifyTargets/.test(caller)) return;
        scaled = true;
        // As an autoscaler would, between the end of the wait and the look that follows it.
        const change = { cluster: 'prod', service: 'orders-b', desiredCount: 3 };
        await bed.clients.ecs.send(new UpdateServiceCommand(change));
      },
    });
    await bed.push('v2');
    const [execution] = await bed.untilEnded();
    expect(scaled).toBe(true);
    expect(execution).toMatchObject(succeeded);
  });
});

describe('an AWS that throttles', () => {
  it('for minutes delays a rollback and never prevents it', async () => {
    bed = await makeBed();
    const untilMs = () => bed.cloud.clock.now() + 180_000;
    let endMs = Number.POSITIVE_INFINITY;
    bed.cloud.endpoint.intercept({
      before({ caller, service }) {
        if (!/RestoreListener/.test(caller) || service !== 'elasticloadbalancing') return;
        endMs = Math.min(endMs, untilMs());
        if (bed.cloud.clock.now() < endMs) throw throttled();
      },
    });
    await bed.push('v2', { EXIT_CODE: '1', EXIT_AFTER_MS: '20000' });
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    expect((await bed.sides())[0]).toMatchObject({ percent: 100, healthyCount: 2 });
  });

  it('when a push is resolved does not lose the push', async () => {
    bed = await makeBed();
    const endMs = bed.cloud.clock.now() + 120_000;
    bed.cloud.endpoint.intercept({
      before({ caller, service }) {
        if (/ResolveDeployment/.test(caller) && service === 'ssm' && bed.cloud.clock.now() < endMs)
          throw throttled();
      },
    });
    await bed.push('v2');
    expect(await bed.untilEnded()).toMatchObject([succeeded]);
  });
});

describe('a recovery', () => {
  it('whose take-over answer was lost still holds the lock, and steps back', async () => {
    bed = await makeBed();
    let lost = 0;
    bed.cloud.endpoint.intercept({
      after({ caller, operation }) {
        if (!/AcquireLock/.test(caller) || operation !== 'UpdateItem' || lost > 0) return;
        lost += 1;
        throw new AwsError('InternalServerError', 'answer lost', { statusCode: 500 });
      },
    });
    await bed.push('v2');
    await bed.stopIn('Bake');
    await bed.untilEnded(2);
    expect(lost).toBe(1);
    expect(await bed.deployments()).toMatchObject([{ outcome: 'ROLLBACK_SUCCESSFUL' }]);
    expect((await bed.sides())[0]).toMatchObject({ percent: 100, healthyCount: 2 });
  });
});

describe('sticky clients', () => {
  it('are waited for before blue stops', async () => {
    bed = await makeBed();
    const RuleArn = bed.world.productionRuleArn;
    const TargetGroupArn = bed.world.targetGroups['orders-a'];
    const ForwardConfig = {
      TargetGroups: [{ TargetGroupArn, Weight: 1 }],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 600 },
    };
    await bed.clients.elbv2.send(
      new ModifyRuleCommand({ RuleArn, Actions: [{ Type: 'forward', ForwardConfig }] }),
    );
    await bed.push('v2');
    expect(await bed.untilEnded()).toMatchObject([succeeded]);
    const [deployment] = await bed.deployments();
    const { shift, stages } = deployment ?? {};
    const heldMs = (stages?.DrainBlue?.intendedAtMs ?? 0) - (shift?.doneAtMs ?? 0);
    expect(heldMs).toBeGreaterThanOrEqual(600_000);
  });
});
