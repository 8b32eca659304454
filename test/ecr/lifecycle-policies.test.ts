/** Lifecycle policies are kept as they were put; nothing expires by them. */
import { expect, it } from 'vitest';
import { createEcr } from '../../local/ecr/index.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const named = { repositoryName: 'orders' };
const lifecyclePolicyText = JSON.stringify({ rules: [{ rulePriority: 1 }] });

it('gives back the policy of a repository until it is deleted', async () => {
  const ecr = clientOf(createEcr(testPlatform()).operations);
  await ecr.CreateRepository(named);
  await expect(ecr.GetLifecyclePolicy(named)).rejects.toMatchObject({
    code: 'LifecyclePolicyNotFoundException',
  });
  await ecr.PutLifecyclePolicy({ ...named, lifecyclePolicyText });
  expect(await ecr.GetLifecyclePolicy(named)).toMatchObject({ ...named, lifecyclePolicyText });
  await ecr.DeleteLifecyclePolicy(named);
  await expect(ecr.GetLifecyclePolicy(named)).rejects.toMatchObject({
    code: 'LifecyclePolicyNotFoundException',
  });
});

it.each(['', '{', '{}', '{"rules":[]}'])('refuses %j, which is no policy', async (text) => {
  const ecr = clientOf(createEcr(testPlatform()).operations);
  await ecr.CreateRepository(named);
  const put = ecr.PutLifecyclePolicy({ ...named, lifecyclePolicyText: text });
  await expect(put).rejects.toMatchObject({ code: 'InvalidParameterException' });
});
