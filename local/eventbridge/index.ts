/** EventBridge: the default bus, its rules by pattern and by schedule, and their targets. */
import { pageOf } from '../page.ts';
import type { ServiceEvent } from '../platform.ts';
import type { Deliver } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EventBridgeApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { type BusPlatform, createBus, type Disturbance } from './bus.ts';
import { compilePattern } from './event-pattern.ts';
import { putEvents } from './put-events.ts';
import { newRule, putTargets, type Rule, requireBus, validation } from './rules.ts';
import { createSchedules } from './schedules.ts';

export type { Disturbance } from './bus.ts';
export type { EventEnvelope } from './envelope.ts';

const PAGE_MAX = 100;

export interface EventBridgeSimulator {
  readonly operations: Operations<typeof EventBridgeApi>;
  /** What `platform.emit` points to. Never throws. */
  emit(event: ServiceEvent): void;
  /** Duplicates, delays or loses events between the bus and the targets, until called with undefined. */
  disturb(disturbance: Disturbance | undefined): void;
  /** Ends the schedules' timers. */
  close(): void;
}

/**
 * Weaker than AWS: no other buses, archives, pipes, API destinations, permissions or dead-letter attributes; a rule
 * takes effect at once. Events keep their order unless they are disturbed on request.
 */
export function createEventBridge(
  platform: BusPlatform,
  { deliver }: { deliver: Deliver },
): EventBridgeSimulator {
  const rules = new Map<string, Rule>();
  const bus = createBus(platform, deliver, () => rules.values());
  const schedules = createSchedules(platform.clock, bus.fire);

  const named = (name = '', busName?: string): Rule => {
    requireBus(busName);
    const rule = rules.get(name);
    if (!rule)
      throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
    return rule;
  };
  const enable = (rule: Rule, isEnabled: boolean): Record<string, never> => {
    rule.isEnabled = isEnabled;
    schedules.follow(rule);
    return {};
  };
  const sorted = (): Rule[] => [...rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));

  return {
    emit: (event) => void bus.emit(event),
    disturb: bus.disturb,
    close: schedules.close,
    operations: {
      PutEvents: (input) => putEvents(bus, input),
      PutRule: (input) => {
        const rule = newRule(
          input,
          rules.get(input.Name ?? ''),
          [...rules.values()].filter(({ name }) => name !== input.Name),
        );
        rules.set(rule.name, rule);
        schedules.follow(rule);
        return { RuleArn: rule.arn };
      },
      DescribeRule: ({ Name, EventBusName }) => described(named(Name, EventBusName)),
      ListRules: ({ NamePrefix = '', EventBusName, Limit = PAGE_MAX, NextToken }) => {
        requireBus(EventBusName);
        const listed = sorted().filter(({ name }) => name.startsWith(NamePrefix));
        const page = pageOf(listed, Limit, NextToken, invalidToken);
        return { Rules: page.elements.map(described), NextToken: page.nextToken };
      },
      DeleteRule: ({ Name = '', EventBusName }) => {
        requireBus(EventBusName);
        if (rules.get(Name)?.targets.size) throw validation("Rule can't be deleted since it has targets.");
        rules.delete(Name);
        schedules.forget(Name);
        return {};
      },
      EnableRule: ({ Name, EventBusName }) => enable(named(Name, EventBusName), true),
      DisableRule: ({ Name, EventBusName }) => enable(named(Name, EventBusName), false),
      PutTargets: ({ Rule: name, EventBusName, Targets = [] }) => {
        putTargets(named(name, EventBusName), Targets);
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
      ListTargetsByRule: ({ Rule: name, EventBusName, Limit = PAGE_MAX, NextToken }) => {
        const targets = [...named(name, EventBusName).targets.values()];
        const page = pageOf(targets, Limit, NextToken, invalidToken);
        return { Targets: structuredClone(page.elements), NextToken: page.nextToken };
      },
      RemoveTargets: ({ Rule: name, EventBusName, Ids = [] }) => {
        const { targets } = named(name, EventBusName);
        const unknown = Ids.filter((id) => !targets.delete(id));
        const FailedEntries = unknown.map((TargetId) => ({
          TargetId,
          ErrorCode: 'ResourceNotFoundException',
          ErrorMessage: `Target ${TargetId} does not exist.`,
        }));
        return { FailedEntryCount: unknown.length, FailedEntries };
      },
      ListRuleNamesByTarget: ({ TargetArn, EventBusName, Limit = PAGE_MAX, NextToken }) => {
        requireBus(EventBusName);
        const listed = sorted().filter(({ targets }) =>
          [...targets.values()].some(({ Arn }) => Arn === TargetArn),
        );
        const page = pageOf(listed, Limit, NextToken, invalidToken);
        return { RuleNames: page.elements.map(({ name }) => name), NextToken: page.nextToken };
      },
      TestEventPattern: ({ EventPattern = '', Event = '' }) => ({
        Result: compilePattern(EventPattern).matches(requireEvent(Event)),
      }),
    },
  };
}

function described(rule: Rule): EventBridgeApi.Rule {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.patternText,
    ScheduleExpression: rule.scheduleText,
    State: rule.isEnabled ? 'ENABLED' : 'DISABLED',
    Description: rule.description,
    RoleArn: rule.roleArn,
    EventBusName: 'default',
  };
}

function requireEvent(text: string): unknown {
  const required = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];
  try {
    const event = JSON.parse(text) as Record<string, unknown>;
    if (required.every((name) => event?.[name] !== undefined)) return event;
  } catch {}
  throw validation(`Parameter Event is not valid: it must be a JSON object with ${required.join(', ')}`);
}

const invalidToken = (): AwsError => validation('Parameter NextToken is not valid.');
