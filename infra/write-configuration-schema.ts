/** Publishes the configuration's JSON Schema: `npm run schema`. */
import { writeFileSync } from 'node:fs';
import { CONFIGURATION_SCHEMA_FILE, renderConfigurationSchema } from './configuration-schema.ts';

writeFileSync(CONFIGURATION_SCHEMA_FILE, renderConfigurationSchema());
