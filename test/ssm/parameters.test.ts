/** Parameters: versions, tiers, paths. */
import { describe, expect, it } from 'vitest';
import { createSsm } from '../../local/ssm/index.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const parameters = () => clientOf(createSsm(testPlatform()).operations);

describe('a parameter', () => {
  it('is read back with its version and ARN', async () => {
    const ssm = parameters();
    await ssm.PutParameter({ Name: '/sidestep/services/orders', Value: 'one', Type: 'String' });
    const { Parameter } = await ssm.GetParameter({ Name: '/sidestep/services/orders' });
    expect(Parameter).toMatchObject({
      Name: '/sidestep/services/orders',
      Value: 'one',
      Version: 1,
      ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/sidestep/services/orders',
    });
    expect((await ssm.GetParameter({ Name: Parameter?.ARN })).Parameter?.Value).toBe('one');
  });

  it('is overwritten only on purpose, and keeps its older versions', async () => {
    const ssm = parameters();
    await ssm.PutParameter({ Name: 'a', Value: 'one', Type: 'String' });
    await expect(ssm.PutParameter({ Name: 'a', Value: 'two', Type: 'String' })).rejects.toMatchObject({
      code: 'ParameterAlreadyExists',
    });
    expect(await ssm.PutParameter({ Name: 'a', Value: 'two', Overwrite: true })).toEqual({
      Version: 2,
      Tier: 'Standard',
    });
    expect((await ssm.GetParameter({ Name: 'a' })).Parameter?.Value).toBe('two');
    expect((await ssm.GetParameter({ Name: 'a:1' })).Parameter).toMatchObject({
      Value: 'one',
      Selector: ':1',
    });
  });

  it('holds 4 KB in the standard tier and 8 KB in the advanced one', async () => {
    const ssm = parameters();
    const put = (size: number, Tier?: 'Advanced' | 'Intelligent-Tiering') =>
      ssm.PutParameter({ Name: 'a', Value: 'x'.repeat(size), Type: 'String', Tier, Overwrite: true });
    expect((await put(4096)).Tier).toBe('Standard');
    await expect(put(4097)).rejects.toThrow(
      /^Standard tier parameters support a maximum parameter value of 4096/,
    );
    expect((await put(4097, 'Intelligent-Tiering')).Tier).toBe('Advanced');
    expect((await put(8192)).Tier).toBe('Advanced');
    await expect(put(8193, 'Advanced')).rejects.toThrow(/^Advanced tier/);
  });

  it('is not a secret', async () => {
    const put = parameters().PutParameter({ Name: 'a', Value: 'x', Type: 'SecureString' });
    await expect(put).rejects.toMatchObject({ code: 'NotImplemented', statusCode: 501 });
  });

  it.each(['a/b', '/a//b', 'aws-x', 'a b', ''])('may not be called %j', async (Name) => {
    await expect(parameters().PutParameter({ Name, Value: 'x', Type: 'String' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });
});

describe('paths', () => {
  it('list what lies under them, ten at a time', async () => {
    const ssm = parameters();
    for (let n = 0; n < 12; n += 1) await ssm.PutParameter({ Name: `/s/p${n}`, Value: 'x', Type: 'String' });
    await ssm.PutParameter({ Name: '/s/deep/er', Value: 'x', Type: 'String' });
    await ssm.PutParameter({ Name: '/sother', Value: 'x', Type: 'String' });

    const first = await ssm.GetParametersByPath({ Path: '/s' });
    const second = await ssm.GetParametersByPath({ Path: '/s', NextToken: first.NextToken });
    const all = await ssm.GetParametersByPath({ Path: '/s/', Recursive: true, NextToken: first.NextToken });

    expect([first.Parameters?.length, second.Parameters?.length, second.NextToken]).toEqual([
      10,
      2,
      undefined,
    ]);
    expect(all.Parameters).toHaveLength(3);
    await expect(ssm.GetParametersByPath({ Path: '/s', MaxResults: 11 })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    await expect(ssm.GetParametersByPath({ Path: '/s', NextToken: 'x' })).rejects.toMatchObject({
      code: 'InvalidNextToken',
    });
  });
});

describe('several names', () => {
  it('are answered, deleted and described, and those that are not there are named', async () => {
    const ssm = parameters();
    await ssm.PutParameter({ Name: 'a', Value: 'x', Type: 'String', Description: 'first' });
    expect(await ssm.GetParameters({ Names: ['a', 'b'] })).toMatchObject({
      Parameters: [{ Name: 'a' }],
      InvalidParameters: ['b'],
    });
    const filters = [{ Key: 'Name', Option: 'BeginsWith', Values: ['a'] }];
    const { Parameters } = await ssm.DescribeParameters({ ParameterFilters: filters });
    expect(Parameters).toMatchObject([{ Name: 'a', Tier: 'Standard', Description: 'first' }]);
    expect(await ssm.DeleteParameters({ Names: ['a', 'b'] })).toEqual({
      DeletedParameters: ['a'],
      InvalidParameters: ['b'],
    });
    await expect(ssm.GetParameter({ Name: 'a' })).rejects.toMatchObject({ code: 'ParameterNotFound' });
    await expect(ssm.DeleteParameter({ Name: 'a' })).rejects.toMatchObject({ code: 'ParameterNotFound' });
  });
});
