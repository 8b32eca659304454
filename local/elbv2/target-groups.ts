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
      const { arn, attributes } = findTargetGroup(records, TargetGroupArn);
      setAttributes(TARGET_GROUP_ATTRIBUTES, attributes, Attributes);
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
  const attributes = defaultAttributes(TARGET_GROUP_ATTRIBUTES);
  const group = { arn, name, input, settings, attributes, targets: new Map() };
  records.targetGroups.set(arn, group);
  putTags(records, arn, input.Tags);
  return group;
}

function initialSettings(input: Elbv2Api.CreateTargetGroupInput): TargetGroupSettings {
  const { Protocol, ProtocolVersion = 'HTTP1', TargetType = 'instance', Port, VpcId } = input;
  if (TargetType !== 'instance' && TargetType !== 'ip')
    throw notImplemented(`target groups of type ${TargetType}`);
  if (Protocol !== 'HTTP') throw notImplemented(`target groups of protocol ${Protocol} (only HTTP)`);
  if (ProtocolVersion !== 'HTTP1')
    throw notImplemented(`target groups of protocol version ${ProtocolVersion} (only HTTP1)`);
  if (!Port) throw invalid('A port must be specified');
  return {
    protocol: 'HTTP',
    protocolVersion: ProtocolVersion,
    port: Port,
    vpcId: VpcId,
    targetType: TargetType,
    ipAddressType: 'ipv4',
    healthCheckPort: 'traffic-port',
    healthCheckPath: '/',
    healthCheckIntervalSeconds: 30,
    healthCheckTimeoutSeconds: 5,
    healthyThresholdCount: 5,
    unhealthyThresholdCount: 2,
    matcher: '200',
  };
}

type HealthCheckInput = Omit<Elbv2Api.ModifyTargetGroupInput, 'TargetGroupArn'>;

/** Former settings with the health check members that an input gives. */
function settingsFrom(input: HealthCheckInput, former: TargetGroupSettings): TargetGroupSettings {
  const { HealthCheckProtocol = 'HTTP', HealthCheckEnabled = true } = input;
  if (HealthCheckProtocol !== 'HTTP')
    throw notImplemented(`health checks by ${HealthCheckProtocol} (only HTTP)`);
  if (!HealthCheckEnabled)
    throw invalid(`Health checks cannot be disabled for targets of type ${former.targetType}`);
  if (input.Matcher?.GrpcCode) throw notImplemented('Matcher.GrpcCode');
  const settings: TargetGroupSettings = {
    ...former,
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
    HealthCheckProtocol: 'HTTP',
    HealthCheckEnabled: true,
    HealthCheckPort: settings.healthCheckPort,
    HealthCheckPath: settings.healthCheckPath,
    HealthCheckIntervalSeconds: settings.healthCheckIntervalSeconds,
    HealthCheckTimeoutSeconds: settings.healthCheckTimeoutSeconds,
    HealthyThresholdCount: settings.healthyThresholdCount,
    UnhealthyThresholdCount: settings.unhealthyThresholdCount,
    Matcher: { HttpCode: settings.matcher },
    LoadBalancerArns: loadBalancersOf(arn, records).map((loadBalancer) => loadBalancer.arn),
  };
}
