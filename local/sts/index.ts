/** STS, as far as a client needs it to learn who it is. */
import { LOCAL_ACCOUNT, type Platform } from '../platform.ts';
import type { StsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';

export interface StsSimulator {
  readonly operations: Operations<typeof StsApi>;
}

export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
}

/** Every caller is a session of a role that bears its access key's name. */
export const identityOf = (caller: string): CallerIdentity => ({
  account: LOCAL_ACCOUNT,
  // STS is global: its ARNs name no Region.
  arn: `arn:aws:sts::${LOCAL_ACCOUNT}:assumed-role/${caller}/local`,
  userId: `AROA${caller}:local`,
});

export function createSts(_platform: Platform): StsSimulator {
  return {
    operations: {
      GetCallerIdentity: (_input, { caller }) => {
        const { account, arn, userId } = identityOf(caller);
        return { Account: account, Arn: arn, UserId: userId };
      },
    },
  };
}
