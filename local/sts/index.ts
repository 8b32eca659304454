/** STS, as far as a client needs it to learn who it is. */
import { LOCAL_ACCOUNT, type Platform } from '../platform.ts';
import type { StsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';

export interface StsSimulator {
  readonly operations: Operations<typeof StsApi>;
}

/** Makes the simulator. Every caller is a session of a role that bears its access key's name. */
export function createSts(_platform: Platform): StsSimulator {
  return {
    operations: {
      GetCallerIdentity: (_input, { caller }) => ({
        Account: LOCAL_ACCOUNT,
        // STS is global: its ARNs name no Region.
        Arn: `arn:aws:sts::${LOCAL_ACCOUNT}:assumed-role/${caller}/local`,
        UserId: `AROA${caller}:local`,
      }),
    },
  };
}
