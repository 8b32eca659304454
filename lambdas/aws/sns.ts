/** SNS: messages to the stack's topic. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { topicArn } from '../common/config.ts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface Sns {
  publish(message: object): Promise<void>;
}

const clientFor = clientOf(SNSClient);

export function sns(runtime: Runtime): Sns {
  const client = clientFor(runtime);
  const TopicArn = topicArn(runtime.env);
  return {
    async publish(message) {
      await client.send(new PublishCommand({ TopicArn, Message: JSON.stringify(message) }));
    },
  };
}
