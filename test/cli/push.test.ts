/** What `sidestep push` understands, and where it dares to push. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaggedImage } from '../../cli/arguments.ts';
import { findEndpoint, readLocalCloudFile, writeLocalCloudFile } from '../../cli/endpoint.ts';
import { type PushOptions, pushCommand } from '../../cli/push.ts';

/** Parses words as the command line does, and gives what would be pushed, or what is wrong. */
async function parse(...words: string[]): Promise<[TaggedImage, PushOptions] | string> {
  let parsed: [TaggedImage, PushOptions] | undefined;
  let complaint = '';
  const command = pushCommand(
    () => {},
    async (image, options) => {
      parsed = [image, options];
      return 0;
    },
  );
  command.exitOverride().configureOutput({
    writeErr: (text) => {
      complaint += text;
    },
  });
  await command.parseAsync(words, { from: 'user' }).catch(() => {});
  return parsed ?? complaint;
}

describe('the arguments of push', () => {
  it('are an image with its tag, environment and command', async () => {
    const words = ['team/orders:v3.1', '--env', 'A=1', '--env', 'B=x=y', '--command', 'node server.js'];
    expect(await parse(...words)).toEqual([
      { repository: 'team/orders', tag: 'v3.1' },
      { env: { A: '1', B: 'x=y' }, command: ['node', 'server.js'] },
    ]);
  });

  it.each(['orders', 'orders:', ':v3', 'Orders:v3', 'orders:v3:v4', 'host:5000/orders:v3'])(
    'refuse %s, and say what is allowed',
    async (image) => {
      expect(await parse(image)).toMatch(/found '.*', allowed is repository:tag/);
    },
  );

  it.each(['A', '=1', '1A=2', 'A B=1'])('refuse --env %s', async (variable) => {
    expect(await parse('orders:v3', '--env', variable)).toMatch(/allowed is KEY=VALUE/);
  });

  it('take an empty value', async () => {
    expect(await parse('orders:v3', '--env', 'A=')).toMatchObject([{}, { env: { A: '' } }]);
  });
});

describe('the endpoint of push', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sidestep-endpoint-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const file = { endpoint: 'http://127.0.0.1:1003', pid: process.pid, loadBalancer: 'http://127.0.0.1:1004' };

  it('is the option, then the environment, then the cloud that runs in this directory', () => {
    writeLocalCloudFile(directory, file);
    const env = { AWS_ENDPOINT_URL: 'http://localhost:1002' };
    expect(findEndpoint('http://[::1]:1001', { directory, env })).toBe('http://[::1]:1001');
    expect(findEndpoint(undefined, { directory, env })).toBe('http://localhost:1002');
    expect(findEndpoint(undefined, { directory, env: {} })).toBe('http://127.0.0.1:1003');
  });

  it.each([
    'https://api.ecr.us-east-1.amazonaws.com',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1:4588',
    'http://localhost@example.com',
    'nonsense',
  ])('is never %s', (url) => {
    expect(() => findEndpoint(url, { directory, env: {} })).toThrow(/allowed are addresses of this machine/);
    expect(() => findEndpoint(undefined, { directory, env: { AWS_ENDPOINT_URL: url } })).toThrow(/allowed/);
  });

  it('is not that of a cloud whose process has gone', () => {
    // No process has the highest id that the systems allow.
    writeLocalCloudFile(directory, { ...file, pid: 2 ** 22 + 1 });
    expect(() => findEndpoint(undefined, { directory, env: {} })).toThrow(
      /no local cloud runs in this directory/,
    );
  });

  it('is forgotten when its cloud ends, unless another has taken the place', () => {
    const remove = writeLocalCloudFile(directory, file);
    writeLocalCloudFile(directory, { ...file, pid: 1 });
    remove();
    expect(readLocalCloudFile(directory)?.pid).toBe(1);
    writeLocalCloudFile(directory, file);
    remove();
    expect(readLocalCloudFile(directory)).toBeUndefined();
  });
});
