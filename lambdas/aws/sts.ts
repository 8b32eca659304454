/** STS: who calls, and where. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface Caller {
  readonly arn: string;
  readonly account: string;
  readonly region: string;
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
      const { Arn = '', Account = '' } = await client.send(new GetCallerIdentityCommand({}));
      return { arn: Arn, account: Account, region: await client.config.region() };
    },
  };
}
