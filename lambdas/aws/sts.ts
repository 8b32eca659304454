/** STS: who calls, and where. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface Caller {
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  /** The local cloud's own time in milliseconds: it may pass faster than the wall's. Absent on AWS. */
  readonly cloudMs?: number;
}

export interface Sts {
  /** Needs no permission: it fails only without credentials or a Region. */
  describeCaller(): Promise<Caller>;
}

const clientFor = clientOf(STSClient);

export function sts(runtime: Runtime): Sts {
  const client = clientFor(runtime);
  return {
    async describeCaller() {
      const command = new GetCallerIdentityCommand({});
      let cloudMs: number | undefined;
      command.middlewareStack.add(
        (next) => async (given) => {
          const answer = await next(given);
          cloudMs = clockOf(answer.response);
          return answer;
        },
        { step: 'deserialize', name: 'readLocalClock' },
      );
      const { Arn = '', Account = '' } = await client.send(command);
      return { arn: Arn, account: Account, region: await client.config.region(), cloudMs };
    },
  };
}

/** What the local cloud says beside every answer. */
function clockOf(response: unknown): number | undefined {
  const { headers = {} } = response as { readonly headers?: Readonly<Record<string, string>> };
  const text = headers['x-sidestep-clock'];
  return text === undefined ? undefined : Number(text);
}
