/** The list of supported operations is made from the simulators' own tables. */
import { expect, it } from 'vitest';
import { renderSupported } from '../../local/wire/supported.ts';

it('lists services by title, with their operations by name and what they do not do', () => {
  const text = renderSupported({
    sts: { operations: { GetCallerIdentity: () => ({}) } },
    ecs: {
      operations: { UpdateService: () => ({}), DescribeServices: () => ({}) },
      limits: 'no EC2 capacity.\n',
    },
  });

  expect(text).toContain(
    '## ECS\n\nCredential scope `ecs`. Operations (2): `DescribeServices`, `UpdateService`.\n\nLimits: no EC2 capacity.\n\n' +
      '## STS\n\nCredential scope `sts`. Operations (1): `GetCallerIdentity`.\n',
  );
});
