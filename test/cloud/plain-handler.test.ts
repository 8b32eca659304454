/** The example's functions exactly as Lambda would run them: the plain `handler` of each bundle, on the real clock. */
import { describe, expect, it } from 'vitest';
import { exampleAssembly } from '../assembly.ts';
import { startCloud, type TestCloud } from './clouds.ts';

/** CDK's name of the function of a handler. */
function nameOf(cloud: TestCloud, handler: string): string {
  const names = cloud.lambda.functions().map(({ functionName }) => functionName);
  const found = names.find((name) => name.includes(`${handler}Function`));
  if (!found)
    throw new Error(`no function's name has ${handler}Function in it; there are ${names.join(', ')}`);
  return found;
}

describe('the plain handlers at factor 1', () => {
  it('read the table and the parameters of the local cloud, and fail by the names that the machine knows', async () => {
    const cloud = await startCloud('processes');
    await cloud.deploy(exampleAssembly());
    cloud.enforcePolicies();
    const execution = {
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:sidestep-deploy:by-hand',
    };

    const swept = await cloud.lambda.invoke(nameOf(cloud, 'Sweep'), {});
    const refused = await cloud.lambda.invoke(nameOf(cloud, 'ResolveDeployment'), {
      ...execution,
      input: { service: 'unheard-of' },
      startedAt: new Date(cloud.clock.now()).toISOString(),
    });

    expect(swept).toEqual({ payload: { recovered: 0, called: 0 } });
    expect(refused).toMatchObject({ error: { errorType: 'UnknownService' } });
    expect(cloud.faults).toEqual([]);
  });
});
