/** The file on disk, and the schema that editors use for it. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfigurationFile } from '../../infra/configuration-file.ts';
import { CONFIGURATION_SCHEMA_FILE, renderConfigurationSchema } from '../../infra/configuration-schema.ts';
import { PROJECT_DIRECTORY } from '../../infra/project.ts';

function fileWith(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'sidestep-configuration-')), 'sidestep.yaml');
  writeFileSync(path, text);
  return path;
}

describe('the configuration file', () => {
  it('of the example is valid', () => {
    const { services } = readConfigurationFile(join(PROJECT_DIRECTORY, 'sidestep.yaml'));

    expect(services.map(({ name }) => name)).toEqual(['orders']);
  });

  it('with a syntax error is refused with the line and the column', () => {
    const path = fileWith('services:\n  orders: { image: [\n  bake: 10m\n');

    expect(() => readConfigurationFile(path)).toThrow(/line 3, column 3: found/);
  });

  it('with a key written twice is refused', () => {
    expect(() => readConfigurationFile(fileWith('services: {}\nservices: {}\n'))).toThrow(/line 2, column 1/);
  });

  it('that is wrong in itself is named in the first line of the error', () => {
    const path = fileWith('services: 3\n');

    expect(() => readConfigurationFile(path)).toThrow(
      `${path} has a problem:\n  services: found 3 (a number)`,
    );
  });

  it('that is not there is said to be missing', () => {
    expect(() => readConfigurationFile('/nowhere/sidestep.yaml')).toThrow(/ENOENT.*SIDESTEP_CONFIG/);
  });
});

describe('the published JSON Schema', () => {
  it('is up to date (npm run schema)', () => {
    expect(readFileSync(CONFIGURATION_SCHEMA_FILE, 'utf8')).toBe(renderConfigurationSchema());
  });
});
