/** What ECS's own controller reads and writes on a load balancer: weights alone, on a rule or a network listener. */
import { describe, expect, it } from 'vitest';
import { createWorld, forward, LISTENER_PORT } from './world.ts';

async function createBalancer(Type: 'application' | 'network') {
  const world = createWorld();
  const { call } = world;
  const protocol = Type === 'network' ? 'TCP' : 'HTTP';
  const { LoadBalancers } = await call('CreateLoadBalancer', { Name: 'gate', Type });
  const group = async (Name: string): Promise<string> => {
    const made = await call('CreateTargetGroup', { Name, Protocol: protocol, Port: 80, TargetType: 'ip' });
    return made.TargetGroups?.[0]?.TargetGroupArn ?? '';
  };
  const [blue, green] = [await group('blue'), await group('green')];
  const { Listeners } = await call('CreateListener', {
    LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
    Protocol: protocol,
    Port: LISTENER_PORT,
    DefaultActions: [forward({ [blue]: 1, [green]: 0 })],
  });
  return { ...world, blue, green, listener: Listeners?.[0]?.ListenerArn ?? '' };
}

describe('the weights of a rule', () => {
  it('are changed with nothing else of its action', async () => {
    const { call, elbv2, blue, green, listener } = await createBalancer('application');
    const [action] = [forward({ [blue]: 1 })];
    const TargetGroupStickinessConfig = { Enabled: true, DurationSeconds: 60 };
    const { Rules } = await call('CreateRule', {
      ListenerArn: listener,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      Actions: [{ ...action, ForwardConfig: { ...action.ForwardConfig, TargetGroupStickinessConfig } }],
    });
    const rule = Rules?.[0]?.RuleArn ?? '';
    elbv2.rules.setWeights(
      rule,
      new Map([
        [blue, 90],
        [green, 10],
      ]),
    );

    expect(elbv2.rules.forwardOf(rule)).toEqual({
      weights: new Map([
        [blue, 90],
        [green, 10],
      ]),
      otherActions: [],
      isNetwork: false,
    });
    const shown = (await call('DescribeRules', { RuleArns: [rule] })).Rules?.[0];
    expect(shown?.Actions?.[0]?.ForwardConfig?.TargetGroupStickinessConfig).toEqual(
      TargetGroupStickinessConfig,
    );
    expect(shown?.Conditions).toMatchObject([{ Field: 'path-pattern' }]);
    expect(shown?.Actions?.[0]?.TargetGroupArn).toBeUndefined();
  });

  it('are those of the listener itself behind a Network Load Balancer, and of it alone there', async () => {
    const network = await createBalancer('network');
    network.elbv2.rules.setWeights(
      network.listener,
      new Map([
        [network.blue, 0],
        [network.green, 100],
      ]),
    );
    expect(network.elbv2.rules.forwardOf(network.listener)).toMatchObject({
      weights: new Map([
        [network.blue, 0],
        [network.green, 100],
      ]),
      isNetwork: true,
    });
    const application = await createBalancer('application');
    expect(application.elbv2.rules.forwardOf(application.listener)).toBeUndefined();
    expect(() => application.elbv2.rules.setWeights('none', new Map())).toThrow("Rule 'none' not found");
  });
});
