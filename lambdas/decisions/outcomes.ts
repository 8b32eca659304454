/** What an outcome says of users. */
import type { Outcome } from '../common/deployment.ts';

/** Green serves: for users the deployment is a success, whatever is left of blue. */
export const GREEN_SERVES: readonly Outcome[] = ['SUCCESSFUL', 'DRAIN_FAILED'];

/** Both sides and the lock stay as they are: a person decides. */
export const NEEDS_PERSON: readonly Outcome[] = ['HALTED', 'ROLLBACK_FAILED'];
