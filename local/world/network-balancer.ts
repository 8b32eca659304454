/** The user's Network Load Balancer: a listener that forwards connections, and an alarm. */
import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type AlarmSubject, createAlarm } from './alarm.ts';
import type { Balancer } from './balancer.ts';
import type { Clients } from './clients.ts';
import { LOAD_BALANCER, NETWORK_ALARM } from './names.ts';
import type { WorldOptions } from './options.ts';

type NetworkBalancer = Pick<Balancer, 'loadBalancerArn' | 'productionListenerArn' | 'moduleRuleArns'>;

export async function createNetworkBalancer(
  clients: Clients,
  { forward, subnets, options }: { forward: Action; subnets: string[]; options: Required<WorldOptions> },
): Promise<NetworkBalancer> {
  const { LoadBalancers } = await clients.elbv2.send(
    new CreateLoadBalancerCommand({
      Name: LOAD_BALANCER,
      Type: 'network',
      Subnets: subnets,
      Tags: options.tags,
    }),
  );
  const loadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const productionListenerArn = await listen(clients, loadBalancerArn, options.ports.production, forward);
  await createAlarm(clients, loadBalancerArn, RESETS);
  return { loadBalancerArn, productionListenerArn, moduleRuleArns: [] };
}

async function listen(
  { elbv2 }: Clients,
  LoadBalancerArn: string,
  Port: number,
  forward: Action,
): Promise<string> {
  const { Listeners } = await elbv2.send(
    new CreateListenerCommand({ LoadBalancerArn, Protocol: 'TCP', Port, DefaultActions: [forward] }),
  );
  return Listeners?.[0]?.ListenerArn ?? '';
}

/** A Network Load Balancer sees no status codes; it sees targets that break connections off. */
const RESETS: AlarmSubject = {
  name: NETWORK_ALARM,
  what: 'connections reset',
  namespace: 'AWS/NetworkELB',
  metric: 'TCP_Target_Reset_Count',
};
