/** Operations on target groups. */
import { targetGroupArn } from '../arns.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { targetGroupsOf } from './actions.ts';
import { defaultAttributes, setAttributes, showAttributes, TARGET_GROUP_ATTRIBUTES } from './attributes.ts';
import type { Elbv2Context } from './context.ts';
import { checkName, isSameRequest } from './names.ts';
import { page } from './paging.ts';
import {
  findLoadBalancer,
  findTargetGroup,
  type LoadBalancerRecord,
  type Records,
  type TargetGroupRecord,
  type TargetGroupSettings,
} from './records.ts';
import { putTags } from './tags.ts';

type TargetGroupOperations = Pick<
  Operations<typeof Elbv2Api>,
  | 'CreateTargetGroup'
  | 'DescribeTargetGroups'
  | 'ModifyTargetGroup'
  | 'DeleteTargetGroup'
  | 'DescribeTargetGroupAttributes'
  | 'ModifyTargetGroupAttributes'
>;

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

export function targetGroupOperations({ records, targets }: Elbv2Context): TargetGroupOperations {
  const show = (group: TargetGroupRecord): Elbv2Api.TargetGroup => showTargetGroup(group, records);
  return {
    CreateTargetGroup: (input) => ({ TargetGroups: [show(createTargetGroup(input, records))] }),
    DescribeTargetGroups: (input) => {
      const { items, NextMarker } = page(selectTargetGroups(input, records), input);
      return { TargetGroups: items.map(show), NextMarker };
    },
    ModifyTargetGroup: (input) => {
      const group = findTargetGroup(records, input.TargetGroupArn);
      group.settings = settingsFrom(input, group.settings);
      return { TargetGroups: [show(group)] };
    },
    DeleteTargetGroup: ({ TargetGroupArn = '' }) => {
      deleteTargetGroup(TargetGroupArn, records, targets);
      return {};
    },
    DescribeTargetGroupAttributes: ({ TargetGroupArn }) => ({
      Attributes: showAttributes(findTargetGroup(records, TargetGroupArn).attributes),
    }),
    ModifyTargetGroupAttributes: async ({ TargetGroupArn, Attributes }) => {
      const { arn, attributes, settings } = findTargetGroup(records, TargetGroupArn);
      setAttributes(TARGET_GROUP_ATTRIBUTES[settings.protocol], attributes, Attributes);
      await targets.written(arn);
      return { Attributes: showAttributes(attributes) };
    },
  };
}

function createTargetGroup(input: Elbv2Api.CreateTargetGroupInput, records: Records): TargetGroupRecord {
  const name = checkName('Target group', input.Name);
  const arn = targetGroupArn(name);
  const existing = records.targetGroups.get(arn);
  if (existing && isSameRequest(existing.input, input)) return existing;
  if (existing) {
    throw new AwsError(
      'DuplicateTargetGroupNameException',
      `A target group named '${name}' exists with other settings`,
    );
  }
  refuseMembers('CreateTargetGroup', input, ['TargetControlPort']);
  const settings = settingsFrom(input, initialSettings(input));
  const attributes = defaultAttributes(TARGET_GROUP_ATTRIBUTES[settings.protocol]);
  if (settings.protocol === 'TCP' && settings.targetType === 'ip')
    attributes.set('preserve_client_ip.enabled', 'false');
  const group = { arn, name, input, settings, attributes, targets: new Map() };
  records.targetGroups.set(arn, group);
  putTags(records, arn, input.Tags);
  return group;
}

function initialSettings(input: Elbv2Api.CreateTargetGroupInput): TargetGroupSettings {
  const { Protocol, ProtocolVersion, TargetType = 'instance', Port, VpcId, HealthCheckProtocol } = input;
  if (TargetType !== 'instance' && TargetType !== 'ip')
    throw notImplemented(`target groups of type ${TargetType}`);
  if (Protocol !== 'HTTP' && Protocol !== 'TCP')
    throw notImplemented(`target groups of protocol ${Protocol} (only HTTP, TCP)`);
  if (Protocol === 'TCP' && ProtocolVersion)
    throw invalid(`Protocol version is '${ProtocolVersion}'; target groups of protocol TCP have none`);
  if ((ProtocolVersion ?? 'HTTP1') !== 'HTTP1')
    throw notImplemented(`target groups of protocol version ${ProtocolVersion} (only HTTP1)`);
  if (!Port) throw invalid('A port must be specified');
  return {
    protocol: Protocol,
    protocolVersion: Protocol === 'HTTP' ? 'HTTP1' : undefined,
    port: Port,
    vpcId: VpcId,
    targetType: TargetType,
    ipAddressType: 'ipv4',
    healthCheckProtocol: Protocol,
    healthCheckPort: 'traffic-port',
    healthCheckPath: '/',
    healthCheckIntervalSeconds: 30,
    healthCheckTimeoutSeconds: defaultTimeoutSeconds(Protocol, HealthCheckProtocol ?? Protocol),
    healthyThresholdCount: 5,
    unhealthyThresholdCount: 2,
    matcher: Protocol === 'TCP' ? '200-399' : '200',
  };
}

function defaultTimeoutSeconds(protocol: string, healthCheckProtocol: string): number {
  if (protocol === 'HTTP') return 5;
  return healthCheckProtocol === 'HTTP' ? 6 : 10;
}

type HealthCheckInput = Omit<Elbv2Api.ModifyTargetGroupInput, 'TargetGroupArn'>;

/** Former settings with the health check members that an input gives. */
function settingsFrom(input: HealthCheckInput, former: TargetGroupSettings): TargetGroupSettings {
  const { HealthCheckEnabled = true } = input;
  const healthCheckProtocol = checkHealthCheckProtocol(input, former);
  if (!HealthCheckEnabled)
    throw invalid(`Health checks cannot be disabled for targets of type ${former.targetType}`);
  if (input.Matcher?.GrpcCode) throw notImplemented('Matcher.GrpcCode');
  const settings: TargetGroupSettings = {
    ...former,
    healthCheckProtocol,
    healthCheckPort: input.HealthCheckPort ?? former.healthCheckPort,
    healthCheckPath: input.HealthCheckPath ?? former.healthCheckPath,
    healthCheckIntervalSeconds: input.HealthCheckIntervalSeconds ?? former.healthCheckIntervalSeconds,
    healthCheckTimeoutSeconds: input.HealthCheckTimeoutSeconds ?? former.healthCheckTimeoutSeconds,
    healthyThresholdCount: input.HealthyThresholdCount ?? former.healthyThresholdCount,
    unhealthyThresholdCount: input.UnhealthyThresholdCount ?? former.unhealthyThresholdCount,
    matcher: input.Matcher?.HttpCode ?? former.matcher,
  };
  checkSettings(settings);
  return settings;
}

/** @throws AwsError ValidationError (TCP checks of HTTP groups, HTTP members of TCP checks), NotImplemented */
function checkHealthCheckProtocol(
  { HealthCheckProtocol, HealthCheckPath, Matcher }: HealthCheckInput,
  { protocol, healthCheckProtocol: former }: TargetGroupSettings,
): 'HTTP' | 'TCP' {
  const wanted = HealthCheckProtocol ?? former;
  if (wanted !== 'HTTP' && wanted !== 'TCP')
    throw notImplemented(`health checks by ${wanted} (only HTTP, and TCP of TCP groups)`);
  if (wanted === 'TCP' && protocol !== 'TCP')
    throw invalid(`Health check protocol is TCP; target groups of protocol ${protocol} are checked by HTTP`);
  if (wanted === 'TCP' && (HealthCheckPath !== undefined || Matcher !== undefined))
    throw invalid('TCP health checks have neither a path nor a matcher');
  return wanted;
}

function checkSettings(settings: TargetGroupSettings): void {
  const ranges = [
    ['healthCheckIntervalSeconds', 5, 300],
    ['healthCheckTimeoutSeconds', 2, 120],
    ['healthyThresholdCount', 2, 10],
    ['unhealthyThresholdCount', 2, 10],
  ] as const;
  for (const [member, min, max] of ranges) {
    if (settings[member] < min || settings[member] > max) {
      throw invalid(`${member} is ${settings[member]}; allowed are ${min} to ${max}`);
    }
  }
  if (settings.healthCheckTimeoutSeconds >= settings.healthCheckIntervalSeconds) {
    throw invalid('The health check timeout must be smaller than the interval');
  }
  if (!/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/.test(settings.matcher))
    throw invalid(`Matcher '${settings.matcher}' is not like 200, 200,202 or 200-299`);
  if (!/^(traffic-port|\d+)$/.test(settings.healthCheckPort))
    throw invalid(`Health check port '${settings.healthCheckPort}' is neither traffic-port nor a number`);
}

function deleteTargetGroup(arn: string, records: Records, targets: Elbv2Context['targets']): void {
  const group = records.targetGroups.get(arn);
  if (!group) return;
  if (loadBalancersOf(arn, records).length > 0) {
    throw new AwsError(
      'ResourceInUseException',
      `Target group '${arn}' is currently in use by a listener or a rule`,
    );
  }
  targets.forget(group);
  records.targetGroups.delete(arn);
  records.tags.delete(arn);
}

function selectTargetGroups(
  input: Elbv2Api.DescribeTargetGroupsInput,
  records: Records,
): TargetGroupRecord[] {
  const { TargetGroupArns, Names, LoadBalancerArn } = input;
  const all = [...records.targetGroups.values()];
  if (TargetGroupArns?.length) return TargetGroupArns.map((arn) => findTargetGroup(records, arn));
  if (Names?.length) return Names.map((name) => findTargetGroup(records, targetGroupArn(name)));
  if (LoadBalancerArn === undefined) return all;
  const { arn } = findLoadBalancer(records, LoadBalancerArn);
  return all.filter((group) => loadBalancersOf(group.arn, records).some((one) => one.arn === arn));
}

/** The load balancer that has a group on a rule, as written; AWS allows one. */
export function loadBalancersOf(groupArn: string, { loadBalancers }: Records): LoadBalancerRecord[] {
  return [...loadBalancers.values()].filter(({ listeners }) =>
    [...listeners.values()].some(({ rules }) =>
      [...rules.values()].some(({ actions }) => targetGroupsOf(actions).includes(groupArn)),
    ),
  );
}

function showTargetGroup({ arn, name, settings }: TargetGroupRecord, records: Records): Elbv2Api.TargetGroup {
  return {
    TargetGroupArn: arn,
    TargetGroupName: name,
    Protocol: settings.protocol,
    ProtocolVersion: settings.protocolVersion,
    Port: settings.port,
    VpcId: settings.vpcId,
    TargetType: settings.targetType,
    IpAddressType: settings.ipAddressType,
    HealthCheckProtocol: settings.healthCheckProtocol,
    HealthCheckEnabled: true,
    HealthCheckPort: settings.healthCheckPort,
    ...(settings.healthCheckProtocol === 'HTTP' && {
      HealthCheckPath: settings.healthCheckPath,
      Matcher: { HttpCode: settings.matcher },
    }),
    HealthCheckIntervalSeconds: settings.healthCheckIntervalSeconds,
    HealthCheckTimeoutSeconds: settings.healthCheckTimeoutSeconds,
    HealthyThresholdCount: settings.healthyThresholdCount,
    UnhealthyThresholdCount: settings.unhealthyThresholdCount,
    LoadBalancerArns: loadBalancersOf(arn, records).map((loadBalancer) => loadBalancer.arn),
  };
}
