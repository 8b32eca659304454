/** Delivers an event to whatever its ARN names: a function, a state machine, a topic, a queue or a scaling policy. */
import type { AutoScalingSimulator } from './autoscaling/index.ts';
import type { LambdaSimulator } from './lambda/index.ts';
import type { Deliver } from './simulators.ts';
import type { SnsSimulator } from './sns/index.ts';
import type { SqsSimulator } from './sqs/index.ts';
import type { StepFunctionsSimulator } from './states/index.ts';
import { notImplemented } from './unsupported.ts';

export interface Receivers {
  autoscaling: AutoScalingSimulator;
  lambda: LambdaSimulator;
  states: StepFunctionsSimulator;
  sns: SnsSimulator;
  sqs: SqsSimulator;
}

/** `receivers` is asked at each delivery: simulators that deliver come to exist before those that receive. */
export function createDeliver(receivers: () => Receivers): Deliver {
  return async (targetArn, payload) => {
    const { autoscaling, lambda, states, sns, sqs } = receivers();
    const [, , service] = targetArn.split(':');
    switch (service) {
      case 'autoscaling':
        return autoscaling.deliver(targetArn, payload);
      case 'lambda':
        return lambda.deliverAsync(targetArn, payload);
      case 'states':
        return states.deliver(targetArn, payload);
      case 'sns':
        await sns.publish(targetArn, asText(payload));
        return;
      case 'sqs':
        await sqs.send(targetArn, asText(payload));
        return;
      default:
        throw notImplemented(`delivery to ${targetArn}`);
    }
  };
}

/** Messages are text; what is text already stays as it is. */
const asText = (payload: unknown): string =>
  typeof payload === 'string' ? payload : JSON.stringify(payload);
