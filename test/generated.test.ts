/** What is generated and committed is what would be generated now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIAGRAM_PART } from '../scripts/diagram.ts';
import { eventSchemas } from '../scripts/event-schemas.ts';
import { readPage, withPart } from '../scripts/generated-part.ts';
import { PERMISSIONS_PART } from '../scripts/permissions.ts';
import { SCENARIOS_PART } from '../scripts/scenarios.ts';
import { supportedNow } from '../scripts/supported.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8');

describe('generated documents', () => {
  it.each([DIAGRAM_PART, PERMISSIONS_PART, SCENARIOS_PART])(
    '$page has the $thing as it is (npm run $script)',
    (part) => {
      const text = readPage(part);
      expect(withPart(text, part)).toBe(text);
    },
  );

  it.each([...eventSchemas()])('%s is the shape of the events (npm run events)', (path, text) => {
    expect(read(path)).toBe(text);
  });

  it('local/supported.md lists the operations that are there (npm run supported)', async () => {
    expect(await supportedNow()).toBe(read('local/supported.md'));
  });
});
