/** Least privilege, from the running machine: what the functions' roles grant is what deployments use, and no more. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

/** What changes the user's services and listeners; reads, and the table's own rows, have paths that few deployments take. */
const MUTATING = /^(ecs|elasticloadbalancing|iam|ecr|ssm):(?!Describe|List|Get)/;

describe('roles', () => {
  it('grant no change of a service or a listener that the function does not make', async () => {
    bed = await makeBed();
    // Good; never healthy; stopped while it bakes and recovered; one that waits for its turn; the sweep in between.
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.push('v3', { EXIT_CODE: '1', EXIT_AFTER_MS: '500' });
    await bed.until(
      async () => (await bed.deployments()).some(({ outcome }) => outcome === 'ROLLBACK_SUCCESSFUL'),
      'v3',
    );
    await bed.untilEnded(3);
    await bed.push('v4');
    await bed.stopIn('Bake');
    await bed.untilEnded(5);

    const { unused = () => ['roles are not enforced'] } = bed.enforcement ?? {};
    const functions = new Set(
      bed.cloud.endpoint.calls.map(({ caller }) => caller).filter((caller) => /Function/.test(caller)),
    );
    const found = [...functions].flatMap((name) => unused(name).filter((action) => MUTATING.test(action)));
    expect(functions.size).toBeGreaterThan(15);
    expect(found).toEqual([]);
  });
});
