/** Scripts tell outcomes apart by exit codes, and read about them in docs/cli.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../cli/demo.ts';
import { FAILED, NOT_READY, OUTCOME_EXIT_CODES, SIGNAL_EXIT_CODES, USAGE } from '../../cli/exit-codes.ts';
import { OUTCOMES } from '../../lambdas/common/deployment.ts';
import { packageRoot } from '../../local/paths.ts';

const documentation = readFileSync(join(packageRoot(), 'docs/cli.md'), 'utf8');

describe('exit codes', () => {
  it('are 0 only for outcomes in which what was asked for is so', () => {
    const zero = OUTCOMES.filter((outcome) => OUTCOME_EXIT_CODES[outcome] === 0);
    expect(zero).toEqual(['SUCCESSFUL', 'NOTHING_TO_DEPLOY']);
  });

  it('tell every other outcome apart, also from failures, usage errors and signals', () => {
    const codes = OUTCOMES.map((outcome) => OUTCOME_EXIT_CODES[outcome]).filter((code) => code !== 0);
    const all = [...codes, FAILED, USAGE, NOT_READY, ...Object.values(SIGNAL_EXIT_CODES)];
    expect(new Set(all).size).toBe(all.length);
    expect(Math.min(...codes)).toBeGreaterThanOrEqual(10);
  });

  it('are documented, each with its outcome', () => {
    const documented = [...documentation.matchAll(/^\| (\d+) \| `([A-Z_]+)`/gm)].map(([, code, outcome]) => [
      outcome,
      Number(code),
    ]);
    expect(Object.fromEntries(documented)).toEqual(OUTCOME_EXIT_CODES);
    expect(documentation).toMatch(new RegExp(`^\\| ${FAILED} \\| anything else`, 'm'));
    expect(documentation).toMatch(new RegExp(`^\\| ${USAGE} \\| the command line`, 'm'));
    expect(documentation).toMatch(new RegExp(`^\\| ${NOT_READY} \\| \`sidestep verify\``, 'm'));
    expect(documentation).toContain(`| ${Object.values(SIGNAL_EXIT_CODES).join(', ')} |`);
  });
});

describe('a demo', () => {
  const good = { expectedOutcome: 'SUCCESSFUL' } as const;
  const bad = { expectedOutcome: 'ROLLBACK_SUCCESSFUL' } as const;
  const lost = ['1 of 2 requests were lost'];

  it('ends with 0 if green serves and nothing is wrong', () => {
    expect(exitCodeOf({ scenario: good, outcome: 'SUCCESSFUL', problems: [] })).toBe(0);
  });

  it('ends with 1 if green serves but a request was lost', () => {
    expect(exitCodeOf({ scenario: good, outcome: 'SUCCESSFUL', problems: lost })).toBe(1);
  });

  it('ends with the code of a rollback, also if the rollback is what should have happened', () => {
    const outcome = 'ROLLBACK_SUCCESSFUL';
    expect(exitCodeOf({ scenario: bad, outcome, problems: [] })).toBe(10);
    expect(exitCodeOf({ scenario: good, outcome, problems: ['it should have succeeded'] })).toBe(10);
  });

  it('ends with 1 if a rollback that should have happened lost a request', () => {
    expect(exitCodeOf({ scenario: bad, outcome: 'ROLLBACK_SUCCESSFUL', problems: lost })).toBe(1);
  });
});
