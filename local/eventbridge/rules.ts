/** The rules of the default bus: their patterns, schedules and targets, within the bus's quotas. */
import { localArn } from '../arns.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EventBridgeApi } from '../wire/models.ts';
import type { NextTime } from './cron.ts';
import { compilePattern, type EventPattern } from './event-pattern.ts';
import { parseScheduleExpression } from './schedule-expression.ts';
import { requireTargetInput } from './target-input.ts';

export interface Rule {
  name: string;
  arn: string;
  description: string | undefined;
  roleArn: string | undefined;
  isEnabled: boolean;
  patternText: string | undefined;
  pattern: EventPattern | undefined;
  scheduleText: string | undefined;
  nextTime: NextTime | undefined;
  targets: Map<string, EventBridgeApi.Target>;
}

const RULES_MAX = 300;
const WILDCARD_RULES_MAX = 30;
const TARGETS_MAX = 5;

/** Members of a target that change what is delivered, or how, in ways that are not emulated. */
const UNSUPPORTED_TARGET_MEMBERS = [
  'KinesisParameters',
  'RunCommandParameters',
  'EcsParameters',
  'BatchParameters',
  'SqsParameters',
  'HttpParameters',
  'RedshiftDataParameters',
  'SageMakerPipelineParameters',
  'AppSyncParameters',
] as const;

export function ruleArn(name: string): string {
  return localArn('events', `rule/${name}`);
}

/**
 * The rule that PutRule asks for; it keeps the targets of the one before.
 * @throws AwsError `ValidationException`, `InvalidEventPatternException`, `LimitExceededException`
 */
export function newRule(
  input: EventBridgeApi.PutRuleCommandInput,
  before: Rule | undefined,
  others: readonly Rule[],
): Rule {
  const { Name = '', EventPattern, ScheduleExpression, State = 'ENABLED' } = input;
  requireBus(input.EventBusName);
  if (!/^[\w.-]{1,64}$/.test(Name))
    throw validation(`Rule name ${JSON.stringify(Name)} is not valid: 1 to 64 of a-z, A-Z, 0-9, ., - and _`);
  if (EventPattern === undefined && ScheduleExpression === undefined) {
    throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (State !== 'ENABLED' && State !== 'DISABLED') throw notImplemented(`PutRule with State ${State}`);
  const rule: Rule = {
    name: Name,
    arn: ruleArn(Name),
    description: input.Description,
    roleArn: input.RoleArn,
    isEnabled: State === 'ENABLED',
    patternText: EventPattern,
    pattern: EventPattern === undefined ? undefined : compilePattern(EventPattern),
    scheduleText: ScheduleExpression,
    nextTime: ScheduleExpression === undefined ? undefined : requireSchedule(ScheduleExpression),
    targets: before?.targets ?? new Map(),
  };
  requireQuota([...others, rule]);
  return rule;
}

function requireSchedule(text: string): NextTime {
  const nextTime = parseScheduleExpression(text);
  if (!nextTime) throw validation('Parameter ScheduleExpression is not valid.');
  return nextTime;
}

function requireQuota(rules: readonly Rule[]): void {
  const wildcards = rules.filter(({ pattern }) => pattern?.hasWildcard);
  if (rules.length <= RULES_MAX && wildcards.length <= WILDCARD_RULES_MAX) return;
  throw new AwsError(
    'LimitExceededException',
    `The requested resource exceeds the maximum number allowed: ${rules.length} rules of ${RULES_MAX}, ${wildcards.length} with wildcards of ${WILDCARD_RULES_MAX}.`,
  );
}

/** @throws AwsError `ValidationException`, `LimitExceededException`, `NotImplemented` */
export function putTargets(rule: Rule, targets: readonly EventBridgeApi.Target[]): void {
  for (const target of targets) {
    refuseMembers('PutTargets', target, UNSUPPORTED_TARGET_MEMBERS);
    requireTargetInput(target);
  }
  const ids = new Set([...rule.targets.keys(), ...targets.map(({ Id }) => Id ?? '')]);
  if (ids.size > TARGETS_MAX)
    throw new AwsError(
      'LimitExceededException',
      `The requested resource exceeds the maximum number allowed: ${ids.size} targets of ${TARGETS_MAX}.`,
    );
  for (const target of targets) rule.targets.set(target.Id ?? '', structuredClone(target));
}

/** @throws AwsError `ResourceNotFoundException`: there is only the default bus. */
export function requireBus(nameOrArn: string | undefined): void {
  if (
    nameOrArn === undefined ||
    nameOrArn === 'default' ||
    nameOrArn === localArn('events', 'event-bus/default')
  )
    return;
  throw new AwsError('ResourceNotFoundException', `Event bus ${nameOrArn} does not exist.`);
}

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);
