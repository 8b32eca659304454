/** Writes local/supported.md from the simulators and their limits. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '../local/limits.ts';
import { createVirtualCloud } from '../local/virtual.ts';
import type { ServiceScope } from '../local/wire/services.ts';
import { renderSupported } from '../local/wire/supported.ts';

/** The text that local/supported.md must have. */
export async function supportedNow(): Promise<string> {
  const cloud = await createVirtualCloud({ seed: 'supported' });
  const services = Object.entries(cloud.services).map(([scope, { operations }]) => [
    scope,
    { operations, limits: LIMITS[scope as ServiceScope] },
  ]);
  await cloud.close();
  return renderSupported(Object.fromEntries(services));
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(import.meta.dirname, '../local/supported.md'), await supportedNow());
}
