/** Other configurations than the example's, for tests and scenarios. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigurationInvalid } from '../../lambdas/common/configuration.ts';
import { exampleConfiguration } from '../../local/demo/example-configuration.ts';
import { readAssembly } from '../../local/wiring/assembly.ts';
import { assemblyOf } from '../assembly.ts';

const serviceOf = (changes: Record<string, unknown>) =>
  exampleConfiguration(changes).services.orders as Record<string, Record<string, unknown>>;

it('merges changes at every depth, replaces lists and removes what is undefined', () => {
  const service = serviceOf({
    image: { container: 'web' },
    checks: { http: [] },
    roles: undefined,
    traffic: { testRule: undefined },
  });

  expect(service.image).toEqual({ repository: 'orders', container: 'web', tags: { glob: 'v*' } });
  expect(service.checks).toEqual({ http: [], alarms: ['orders-5xx'] });
  expect(service).not.toHaveProperty('roles');
  expect(Object.keys(service.traffic ?? {})).toEqual(['rules']);
});

it('is synthesized once into an assembly that shares its code with the others', async () => {
  const [one, same, other] = await Promise.all([
    assemblyOf({ bake: '61s' }),
    assemblyOf({ bake: '61s' }),
    assemblyOf({ bake: '62s' }),
  ]);

  expect(one).toBe(same);
  expect(one).not.toBe(other);
  expect(parameterOf(one)).toContain('"bakeSeconds":61');
  expect(parameterOf(other)).toContain('"bakeSeconds":62');
  const code = [...readAssembly(one).assets].filter(([name]) => name.endsWith('.zip'));
  expect(code.map(([name]) => name)).toEqual(codeOf(other));
  expect(code.filter(([, path]) => !existsSync(join(path, 'index.mjs')))).toEqual([]);
});

it('is refused if the merged document is wrong', async () => {
  await expect(assemblyOf({ bake: 'soon' })).rejects.toThrow(ConfigurationInvalid);
});

const codeOf = (directory: string): string[] =>
  [...readAssembly(directory).assets.keys()].filter((name) => name.endsWith('.zip'));

function parameterOf(directory: string): string {
  const { template } = readAssembly(directory);
  const parameter = Object.values(template.Resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::SSM::Parameter' && Properties?.Name === '/sidestep/services/orders',
  );
  return String(parameter?.Properties?.Value);
}
