/** The simulation itself: a few seeds hold every invariant, a seed is one run, and broken copies are caught. */
import { afterEach, describe, expect, it } from 'vitest';
import { assemblyOf, exampleAssembly } from '../assembly.ts';
import { FALSE_SUCCESS, type Mutant, makeMutant, NO_HEALTH_CHECK, NO_PROPAGATION_HOLD } from './mutants.ts';
import { scenario } from './scenarios.ts';
import { simulate } from './simulate.ts';

/** Drawn once: between them they have every kind of push, of fault and of meddling. */
const SEEDS = ['1', '4', '23', '58', '83'];

describe('whole deployments', () => {
  it.each(SEEDS)('hold every invariant with seed %s', async (seed) => {
    const { violations } = await simulate(seed, { assembly: await assemblyOf() });
    expect(violations, `npm run simulate -- --seed ${seed}`).toEqual([]);
  });

  it('of one seed are one run: the same calls and events, in the same order', async () => {
    const run = async () => simulate('3', { assembly: await assemblyOf() });
    const [first, second] = [await run(), await run()];
    expect(second.hash).toBe(first.hash);
  });
});

describe('a broken copy', () => {
  let mutant: Mutant | undefined;
  afterEach(() => mutant?.remove());

  it.each([
    { mutation: NO_PROPAGATION_HOLD, invariant: 'S4', kind: 'failing' as const },
    { mutation: NO_HEALTH_CHECK, invariant: 'S3', kind: 'good' as const },
    { mutation: FALSE_SUCCESS, invariant: 'S17', kind: 'exits' as const },
  ])('that $mutation.name is caught by $invariant', async ({ mutation, invariant, kind }) => {
    const change = scenario({
      pushes: [{ kind, atMs: 1_000 }],
      latencies: { propagationMs: 4_000, taskProvisioningMs: 15_000 },
    });
    const whole = await simulate('mutant', { assembly: await assemblyOf(), change });
    expect(whole.violations).toEqual([]);

    mutant = makeMutant(exampleAssembly(), mutation);
    const { violations } = await simulate('mutant', { assembly: mutant.assembly, change });
    expect(violations.map((violation) => violation.invariant)).toContain(invariant);
  });
});
