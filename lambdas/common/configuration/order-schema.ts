/** The shape of what orders a service's deployments: among each other, after other services, and together with them. */
import * as z from 'zod/mini';
import { WHEN_BUSY } from '../service.ts';
import { SHAPES } from './arn.ts';
import { GROUP_TIMEOUT } from './defaults.ts';
import { choice, duration, list, mapping } from './fields.ts';

/** As many as one transaction of the table can hold, with room to spare. */
export const GROUP_MAX = 20;

export function orderShape() {
  return {
    whenBusy: z._default(
      choice(
        WHEN_BUSY,
        'What becomes of a push or a request while a deployment is under way: it waits, takes the place of one that has moved no traffic yet, or is refused.',
      ),
      'queue',
    ),
    after: z._default(
      list(
        'a list of at most 20 names of services',
        serviceName('the name of a service of this file'),
        0,
        20,
      ),
      [],
    ),
    group: z.optional(
      mapping('a mapping with the key name', {
        name: serviceName(
          "a group's name: a small letter, then at most 31 small letters, digits and hyphens",
        ),
        together: z._default(
          z
            .boolean({ error: 'true or false' })
            .check(z.meta({ description: 'Whether the services shift, and step back, as one.' })),
          true,
        ),
        timeout: z._default(
          duration('How long a service waits for the others of its group.', '1m', '24h'),
          GROUP_TIMEOUT,
        ),
      }),
    ),
  };
}

function serviceName(allowed: string) {
  return z.string({ error: allowed }).check(
    z.refine((text) => SHAPES.serviceName.test(text), { error: allowed }),
    z.meta({ pattern: SHAPES.serviceName.source }),
  );
}
