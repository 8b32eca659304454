/** What a schedule does at its time: its input with the context put in, delivered under its role. */

import type { Deliver } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EventBridgeApi } from '../wire/models.ts';
import type { Requirement } from '../wiring/iam/requirements.ts';
import type { Schedule } from './schedule.ts';

/** The action that a templated target's role must allow, by the service in the target's ARN. */
const ACTIONS: Readonly<Record<string, string>> = {
  lambda: 'lambda:InvokeFunction',
  sns: 'sns:Publish',
  sqs: 'sqs:SendMessage',
  states: 'states:StartExecution',
};

/** Whether the role of that ARN allows it; false if there is no such role. */
export type MayAssumed = (roleArn: string, requirement: Requirement) => boolean;

/** Delivers to target and dead-letter queue alike, as far as the schedule's role allows. */
export function deliverAs({ target }: Schedule, deliver: Deliver, may: MayAssumed): Deliver {
  return async (arn, payload) => {
    const [, , service = ''] = arn.split(':');
    const action = ACTIONS[service] ?? `${service}:*`;
    const roleArn = target.RoleArn ?? '';
    if (!may(roleArn, { action, resources: [arn], context: {} }))
      throw new AwsError('AccessDeniedException', `${roleArn} is not allowed to ${action} on ${arn}`);
    await deliver(arn, payload);
  };
}

/** A target with the same retries and dead-letter queue as a rule's. */
export const asRuleTarget = ({ name, target }: Schedule): EventBridgeApi.Target => ({
  Id: name,
  Arn: target.Arn,
  RetryPolicy: target.RetryPolicy,
  DeadLetterConfig: target.DeadLetterConfig,
});

/** The input with every `<aws.scheduler.…>` replaced; JSON is given as what it says. */
export function payloadOf({ arn, target }: Schedule, atMs: number, executionId: string): unknown {
  const context: Readonly<Record<string, string>> = {
    'schedule-arn': arn,
    'scheduled-time': new Date(atMs).toISOString().replace(/\.\d+/, ''),
    'execution-id': executionId,
    'attempt-number': '1',
  };
  const text = (target.Input ?? '{}').replace(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (word, key: string) => context[key] ?? word,
  );
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
