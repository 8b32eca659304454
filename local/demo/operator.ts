/** The scenario's person: says their word as soon as the deployment stands where it is meant for. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { SignalName } from '../../lambdas/common/deployment.ts';
import { SERVICE } from '../world/names.ts';
import type { Scenario } from '../world/scenarios.ts';
import type { Setting } from './setting.ts';
import { waitUntil } from './wait-until.ts';

/** Cloud seconds for which the state is left alone first, so that a watcher sees it wait. */
const THINKING_SECONDS = 10;
const ACCEPTED_WITHIN_MS = 10_000;
const OPERATOR_ARN = 'arn:aws:iam::000000000000:user/operator';

export interface SaidWord {
  readonly signal: SignalName;
  readonly reason?: string;
}

export interface Operator {
  /** Says what the scenario has for this state, once each. @returns what was said, or undefined */
  stateBegan(state: string): Promise<SaidWord | undefined>;
}

export function createOperator(
  scenario: Scenario,
  { cloud, wall }: Pick<Setting, 'cloud' | 'wall'>,
): Operator {
  const left = [...(scenario.operator ?? [])];
  return {
    async stateBegan(state) {
      const index = left.findIndex((word) => word.in === state);
      const [word] = index < 0 ? [] : left.splice(index, 1);
      if (!word) return undefined;
      await cloud.clock.sleep(THINKING_SECONDS * 1000);
      const client = new LambdaClient(cloud.clientConfiguration('operator'));
      try {
        const { in: _, ...said } = word;
        // A state begins a moment before its wait is open.
        await waitUntil(wall, () => isAccepted(client, said), {
          everyMs: 100,
          limitMs: ACCEPTED_WITHIN_MS,
          what: `the word '${word.signal}' in ${state} is accepted`,
        });
        return said;
      } finally {
        client.destroy();
      }
    },
  };
}

async function isAccepted(client: LambdaClient, said: SaidWord): Promise<boolean> {
  const event = { service: SERVICE, by: OPERATOR_ARN, ...said };
  const { FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: 'sidestep-signal-deployment', Payload: JSON.stringify(event) }),
  );
  return FunctionError === undefined;
}
