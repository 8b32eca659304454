/** What the load-balancing simulator keeps: load balancers with their listeners and rules, target groups with their targets. */
import type { PlaneListener, PlaneTarget } from '../dataplane/data-plane.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';

export type LoadBalancerType = 'application' | 'network';

/** Of an Application Load Balancer HTTP and HTTPS, of a Network Load Balancer TCP. */
export type ListenerProtocol = 'HTTP' | 'HTTPS' | 'TCP';

export interface LoadBalancerRecord {
  arn: string;
  name: string;
  type: LoadBalancerType;
  createdMs: number;
  input: Elbv2Api.CreateLoadBalancerInput;
  attributes: Map<string, string>;
  /** By ARN, in the order of creation. */
  listeners: Map<string, ListenerRecord>;
  /** How many listeners it was ever given. */
  listenerCount: number;
  /** By listener ARN: what the data plane does now, which lags behind what was written. */
  effective: Map<string, PlaneListener>;
}

export interface ListenerRecord {
  arn: string;
  /** Which of its load balancer's listeners it was, from 1. */
  ordinal: number;
  loadBalancerArn: string;
  port: number;
  protocol: ListenerProtocol;
  /** Members that are kept and shown, and that the data plane does not need. */
  shown: Pick<Elbv2Api.Listener, 'SslPolicy' | 'Certificates'>;
  /** By ARN; the default rule among them. */
  rules: Map<string, RuleRecord>;
}

export interface RuleRecord {
  arn: string;
  priority: number | 'default';
  conditions: Elbv2Api.RuleCondition[];
  /** Sorted by Order, client secrets included. */
  actions: Elbv2Api.Action[];
}

export interface TargetGroupRecord {
  arn: string;
  name: string;
  input: Elbv2Api.CreateTargetGroupInput;
  settings: TargetGroupSettings;
  attributes: Map<string, string>;
  /** By `id:port`, in the order of registration. */
  targets: Map<string, TargetRecord>;
}

/** A target group's settings with AWS's defaults filled in. */
export interface TargetGroupSettings {
  /** HTTP behind an Application Load Balancer, TCP behind a Network Load Balancer. */
  protocol: 'HTTP' | 'TCP';
  /** Of HTTP only. */
  protocolVersion?: string;
  port: number;
  vpcId?: string;
  targetType: 'instance' | 'ip';
  ipAddressType: 'ipv4';
  healthCheckProtocol: 'HTTP' | 'TCP';
  healthCheckPort: string;
  /** Of HTTP health checks only, as the matcher is. */
  healthCheckPath: string;
  healthCheckIntervalSeconds: number;
  healthCheckTimeoutSeconds: number;
  healthyThresholdCount: number;
  unhealthyThresholdCount: number;
  matcher: string;
}

export interface Target {
  id: string;
  port: number;
}

export interface TargetHealth {
  state: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining';
  reason?: string;
  description?: string;
}

export interface TargetRecord extends Target {
  health: TargetHealth;
  /** Ends what goes on for it in the background: health checks, or the deregistration delay. */
  stop(): void;
}

export interface Records {
  loadBalancers: Map<string, LoadBalancerRecord>;
  targetGroups: Map<string, TargetGroupRecord>;
  tags: Map<string, Elbv2Api.Tag[]>;
}

export function createRecords(): Records {
  return { loadBalancers: new Map(), targetGroups: new Map(), tags: new Map() };
}

/** @throws AwsError LoadBalancerNotFoundException */
export function findLoadBalancer({ loadBalancers }: Records, arn = ''): LoadBalancerRecord {
  return found(loadBalancers.get(arn), 'LoadBalancer', arn);
}

/** @throws AwsError ListenerNotFoundException */
export function findListener(
  records: Records,
  arn = '',
): { loadBalancer: LoadBalancerRecord; listener: ListenerRecord } {
  for (const loadBalancer of records.loadBalancers.values()) {
    const listener = loadBalancer.listeners.get(arn);
    if (listener) return { loadBalancer, listener };
  }
  throw notFound('Listener', arn);
}

/** @throws AwsError RuleNotFoundException */
export function findRule(
  records: Records,
  arn = '',
): { loadBalancer: LoadBalancerRecord; listener: ListenerRecord; rule: RuleRecord } {
  for (const listener of allListeners(records)) {
    const rule = listener.rules.get(arn);
    if (rule) return { ...findListener(records, listener.arn), rule };
  }
  throw notFound('Rule', arn);
}

/** @throws AwsError TargetGroupNotFoundException */
export function findTargetGroup({ targetGroups }: Records, arn = ''): TargetGroupRecord {
  return found(targetGroups.get(arn), 'TargetGroup', arn);
}

function found<Item>(item: Item | undefined, noun: string, arn: string): Item {
  if (item === undefined) throw notFound(noun, arn);
  return item;
}

function notFound(noun: string, arn: string): AwsError {
  return new AwsError(`${noun}NotFoundException`, `${noun} '${arn}' not found`);
}

export function allListeners({ loadBalancers }: Records): ListenerRecord[] {
  return [...loadBalancers.values()].flatMap(({ listeners }) => [...listeners.values()]);
}

/** A listener's rules in order of priority, the default one last. */
export function rulesInOrder({ rules }: ListenerRecord): RuleRecord[] {
  const rank = ({ priority }: RuleRecord): number =>
    priority === 'default' ? Number.POSITIVE_INFINITY : priority;
  return [...rules.values()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** @throws TypeError if there is none: every listener is made with one. */
export function defaultRule(listener: ListenerRecord): RuleRecord {
  const rule = [...listener.rules.values()].find(({ priority }) => priority === 'default');
  if (!rule) throw new TypeError(`listener ${listener.arn} has no default rule`);
  return rule;
}

export const targetKey = ({ id, port }: Target): string => `${id}:${port}`;

/** Where a target's process listens: instances of the local cloud, which have no address, are all this machine. */
export function planeAddress({ id, port }: Target): Pick<PlaneTarget, 'host' | 'port'> {
  return { host: /^\d+\.\d+\.\d+\.\d+$/.test(id) ? id : '127.0.0.1', port };
}
