/** Attributes of load balancers and target groups: AWS's defaults, and what of them the local cloud can do. */
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';

/** What is known of one attribute. */
interface AttributeRule {
  /** AWS's default. */
  value: string;
  /** Whole numbers that are allowed. */
  range?: readonly [min: number, max: number];
  /** The values that the local cloud carries out; any if absent. Others are refused with 501. */
  supported?: readonly string[];
}

type AttributeRules = Readonly<Record<string, AttributeRule>>;

/** A value that would change how requests travel, and that the data plane does not emulate. */
const only = (value: string): AttributeRule => ({ value, supported: [value] });
const flag = (value: string): AttributeRule => ({ value });
const seconds = (value: number, min: number, max: number): AttributeRule => ({
  value: String(value),
  range: [min, max],
});

/** Of both types of load balancer alike. */
const COMMON_TARGET_GROUP_ATTRIBUTES: AttributeRules = {
  'deregistration_delay.timeout_seconds': seconds(300, 0, 3600),
  'load_balancing.cross_zone.enabled': flag('use_load_balancer_configuration'),
  'target_group_health.dns_failover.minimum_healthy_targets.count': flag('1'),
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': flag('off'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': only('1'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': only('off'),
};

const HTTP_TARGET_GROUP_ATTRIBUTES: AttributeRules = {
  ...COMMON_TARGET_GROUP_ATTRIBUTES,
  'stickiness.enabled': flag('false'),
  'stickiness.type': only('lb_cookie'),
  'stickiness.lb_cookie.duration_seconds': seconds(86_400, 1, 604_800),
  'stickiness.app_cookie.cookie_name': only(''),
  'stickiness.app_cookie.duration_seconds': seconds(86_400, 1, 604_800),
  'load_balancing.algorithm.type': only('round_robin'),
  'load_balancing.algorithm.anomaly_mitigation': only('off'),
  'slow_start.duration_seconds': only('0'),
};

const TCP_TARGET_GROUP_ATTRIBUTES: AttributeRules = {
  ...COMMON_TARGET_GROUP_ATTRIBUTES,
  'deregistration_delay.connection_termination.enabled': flag('false'),
  // Every client and every target of the local cloud is on loopback: there is nothing to preserve.
  'preserve_client_ip.enabled': flag('true'),
  'proxy_protocol_v2.enabled': only('false'),
  'stickiness.enabled': only('false'),
  'stickiness.type': only('source_ip'),
  'target_health_state.unhealthy.connection_termination.enabled': flag('true'),
  'target_health_state.unhealthy.draining_interval_seconds': only('0'),
};

export const TARGET_GROUP_ATTRIBUTES = {
  HTTP: HTTP_TARGET_GROUP_ATTRIBUTES,
  TCP: TCP_TARGET_GROUP_ATTRIBUTES,
} as const;

const APPLICATION_ATTRIBUTES: AttributeRules = {
  'idle_timeout.timeout_seconds': seconds(60, 1, 4000),
  'client_keep_alive.seconds': only('3600'),
  'deletion_protection.enabled': flag('false'),
  'load_balancing.cross_zone.enabled': flag('true'),
  'access_logs.s3.enabled': only('false'),
  'access_logs.s3.bucket': flag(''),
  'access_logs.s3.prefix': flag(''),
  'connection_logs.s3.enabled': only('false'),
  'connection_logs.s3.bucket': flag(''),
  'connection_logs.s3.prefix': flag(''),
  'ipv6.deny_all_igw_traffic': flag('false'),
  'routing.http2.enabled': flag('true'),
  'routing.http.desync_mitigation_mode': flag('defensive'),
  'routing.http.drop_invalid_header_fields.enabled': only('false'),
  'routing.http.preserve_host_header.enabled': only('false'),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': only('false'),
  'routing.http.xff_client_port.enabled': only('false'),
  'routing.http.xff_header_processing.mode': only('append'),
  'waf.fail_open.enabled': flag('false'),
  'zonal_shift.config.enabled': flag('false'),
};

const NETWORK_ATTRIBUTES: AttributeRules = {
  'deletion_protection.enabled': flag('false'),
  'load_balancing.cross_zone.enabled': flag('false'),
  'access_logs.s3.enabled': only('false'),
  'access_logs.s3.bucket': flag(''),
  'access_logs.s3.prefix': flag(''),
  'dns_record.client_routing_policy': flag('any_availability_zone'),
  'ipv6.deny_all_igw_traffic': flag('false'),
  'secondary_ips.auto_assigned.per_subnet': only('0'),
  'zonal_shift.config.enabled': flag('false'),
};

export const LOAD_BALANCER_ATTRIBUTES = {
  application: APPLICATION_ATTRIBUTES,
  network: NETWORK_ATTRIBUTES,
} as const;

/** A TCP listener's own, unless its attributes say otherwise, which are not emulated. */
const TCP_IDLE_SECONDS = 350;

export function idleTimeoutSecondsOf(attributes: ReadonlyMap<string, string>): number {
  return attributes.has('idle_timeout.timeout_seconds')
    ? numberOf(attributes, 'idle_timeout.timeout_seconds')
    : TCP_IDLE_SECONDS;
}

export function defaultAttributes(rules: AttributeRules): Map<string, string> {
  return new Map(Object.entries(rules).map(([key, { value }]) => [key, value]));
}

interface Attribute {
  Key?: string;
  Value?: string;
}

/**
 * Sets attributes, all or none.
 * @throws AwsError InvalidConfigurationRequestException (unknown key, value out of range), NotImplemented
 */
export function setAttributes(
  rules: AttributeRules,
  attributes: Map<string, string>,
  changes: readonly Attribute[] = [],
): void {
  for (const { Key = '', Value = '' } of changes) checkAttribute(rules, Key, Value);
  for (const { Key = '', Value = '' } of changes) attributes.set(Key, Value);
}

function checkAttribute(rules: AttributeRules, key: string, value: string): void {
  const rule = rules[key];
  if (!rule) throw invalid(`Attribute '${key}' is not known; known are ${Object.keys(rules).join(', ')}`);
  if (rule.supported && !rule.supported.includes(value))
    throw notImplemented(`attribute ${key}=${value} (only ${rule.supported.join(', ')})`);
  if (!rule.range) return;
  const [min, max] = rule.range;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw invalid(`Attribute '${key}' is '${value}'; allowed are ${min} to ${max}`);
  }
}

const invalid = (message: string): AwsError => new AwsError('InvalidConfigurationRequestException', message);

export function showAttributes(attributes: ReadonlyMap<string, string>): { Key: string; Value: string }[] {
  return [...attributes].map(([Key, Value]) => ({ Key, Value }));
}

export function numberOf(attributes: ReadonlyMap<string, string>, key: string): number {
  return Number(attributes.get(key));
}

/** Whether an attribute is on; one that the resource does not have is not. */
export function isOn(attributes: ReadonlyMap<string, string>, key: string): boolean {
  return attributes.get(key) === 'true';
}

/** How long a client stays on one target of a group; undefined without stickiness. */
export function stickinessSecondsOf(attributes: ReadonlyMap<string, string>): number | undefined {
  return isOn(attributes, 'stickiness.enabled')
    ? numberOf(attributes, 'stickiness.lb_cookie.duration_seconds')
    : undefined;
}
