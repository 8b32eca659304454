/** The shape of what is remembered of a service's deployments. */
import * as z from 'zod/mini';
import { HISTORY } from './defaults.ts';
import { duration, mapping } from './fields.ts';

export function historySchema() {
  const keep = duration('How long ended deployments and their audits are kept.', '1d', '3650d');
  return z._default(mapping('a mapping with the key keep', { keep: z._default(keep, HISTORY) }), {
    keep: HISTORY,
  });
}
