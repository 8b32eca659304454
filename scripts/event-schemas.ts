/** Writes docs/events/*.schema.json: the shapes of the events that Sidestep puts on the bus. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { deploymentEvent, serviceEvent } from '../lambdas/common/event-schema.ts';
import { DEPLOYMENT_DETAIL_TYPE, SERVICE_DETAIL_TYPE } from '../lambdas/common/transition-words.ts';

const EVENTS = [
  { file: 'deployment-state-change', title: DEPLOYMENT_DETAIL_TYPE, schema: deploymentEvent },
  { file: 'service-state-change', title: SERVICE_DETAIL_TYPE, schema: serviceEvent },
];

/** Paths within the project → texts. Consumers must bear members that are added: nothing is forbidden there. */
export function eventSchemas(): Map<string, string> {
  return new Map(
    EVENTS.map(({ file, title, schema }) => {
      const { additionalProperties: _, ...rendered } = z.toJSONSchema(schema, { target: 'draft-7' });
      const text = JSON.stringify({ ...rendered, title: `${title}: detail` }, null, 2);
      return [`docs/events/${file}.schema.json`, `${text}\n`];
    }),
  );
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of eventSchemas()) {
    const target = join(import.meta.dirname, '..', path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}
