/** The configuration's JSON Schema, so that editors complete and check sidestep.yaml. */
import { join } from 'node:path';
import * as z from 'zod/mini';
import { configurationSchema } from '../lambdas/common/configuration/schema.ts';
import { PROJECT_DIRECTORY } from './project.ts';

export const CONFIGURATION_SCHEMA_FILE = join(PROJECT_DIRECTORY, 'sidestep.schema.json');

/** The text of sidestep.schema.json. Draft 7, because that is what YAML editors read. */
export function renderConfigurationSchema(): string {
  const schema = z.toJSONSchema(configurationSchema(), { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ ...schema, title: 'Sidestep configuration' }, null, 2)}\n`;
}
