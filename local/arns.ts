/** ARNs of the local cloud, made from names alone, so that a configuration can be written before anything runs. */
import { createHash } from 'node:crypto';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './platform.ts';

/** The 16 hexadecimal digits that ELB puts behind a name: here a digest of the resource's own path. */
const suffix = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 16);

/** `arn:aws:service:region:account:rest` in the local account. */
export function localArn(service: string, rest: string): string {
  return `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${rest}`;
}

export function targetGroupArn(name: string): string {
  return localArn('elasticloadbalancing', `targetgroup/${name}/${suffix(`targetgroup/${name}`)}`);
}

export function loadBalancerArn(name: string, type: 'app' | 'net' = 'app'): string {
  const path = `loadbalancer/${type}/${name}`;
  return localArn('elasticloadbalancing', `${path}/${suffix(path)}`);
}

/** `ordinal` counts the listeners that the load balancer was ever given, from 1: ports may differ from run to run. */
export function listenerArn(ofLoadBalancerArn: string, ordinal: number): string {
  const stem = ofLoadBalancerArn.replace(':loadbalancer/', ':listener/');
  return `${stem}/${suffix(`${stem}/${ordinal}`)}`;
}

/** `priority` is the one at creation; `default` for the listener's default rule. */
export function ruleArn(ofListenerArn: string, priority: number | 'default'): string {
  const stem = ofListenerArn.replace(':listener/', ':listener-rule/');
  return `${stem}/${suffix(`${stem}/${priority}`)}`;
}
