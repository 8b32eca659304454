/** What is generated and committed is what would be generated now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withDiagram } from '../scripts/diagram.ts';
import { supportedNow } from '../scripts/supported.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8');

describe('generated documents', () => {
  it('README.md draws the state machine as it is (npm run diagram)', () => {
    const readme = read('README.md');
    expect(withDiagram(readme)).toBe(readme);
  });

  it('local/supported.md lists the operations that are there (npm run supported)', async () => {
    expect(await supportedNow()).toBe(read('local/supported.md'));
  });
});
