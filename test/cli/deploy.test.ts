/** `sidestep deploy` and a person's words, against a local cloud of real processes: what they end with, and what they leave. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeployOptions, deployCommand } from '../../cli/deploy.ts';
import type { LocalCloudFile } from '../../cli/endpoint.ts';
import { signalCommands } from '../../cli/signals.ts';
import type { SignalName } from '../../lambdas/common/deployment.ts';
import { createScaledClock } from '../../local/clock/scaled-clock.ts';
import { exampleConfiguration } from '../../local/demo/example-configuration.ts';
import { waitUntil } from '../../local/demo/wait-until.ts';
import { clientConfiguration } from '../../local/wire/in-process-handler.ts';
import { createClients, pushImage } from '../../local/world/index.ts';
import { type Ran, run, start } from './command.ts';

/** Nothing starts by itself, and each deployment waits where a person can be in time. */
const SERVICE = {
  image: { tags: { glob: 'release-*' } },
  approval: { gates: ['before-traffic'], timeout: '10h' },
  bake: '10s',
};

let directory: string;
let cloud: ChildProcess;
const resultFile = (): string => join(directory, 'deployed.json');
let endpoint: string;
/** In this process: what has to be a process of its own is begun. */
const sidestep = (...words: string[]): Promise<Ran> => run(...words, '--endpoint-url', endpoint);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sidestep-deploy-'));
  writeFileSync(join(directory, 'sidestep.yaml'), JSON.stringify(exampleConfiguration(SERVICE)));
  cloud = start(['local', '--json', '--factor', '20'], directory);
  const lines = createInterface({ input: cloud.stdout as NonNullable<ChildProcess['stdout']> });
  const [line] = (await once(lines, 'line')) as [string];
  const file = JSON.parse(line) as LocalCloudFile;
  endpoint = file.endpoint;
  const clients = createClients(clientConfiguration(endpoint, 'person'));
  for (const tag of ['v2', 'v3', 'v4']) await pushImage(clients, { repository: 'orders', tag });
  clients.close();
  const serves = async (): Promise<boolean> => (await fetch(file.loadBalancer)).status === 200;
  await waitUntil(createScaledClock(), serves, { everyMs: 100, limitMs: 20_000, what: 'v1 serves' });
}, 60_000);

afterAll(async () => {
  const ended = once(cloud, 'exit');
  cloud.kill('SIGTERM');
  await ended;
  rmSync(directory, { recursive: true });
});

/** A command that goes on beside the test. */
function begin(...words: string[]) {
  const process = start(words, directory);
  let said = '';
  let result = '';
  process.stderr?.on('data', (text) => {
    said += text;
  });
  process.stdout?.on('data', (text) => {
    result += text;
  });
  const exited = once(process, 'exit') as Promise<[number | null]>;
  const until = (text: () => string, pattern: RegExp) =>
    waitUntil(createScaledClock(), async () => pattern.test(text()), {
      everyMs: 50,
      limitMs: 40_000,
      what: `'sidestep ${words.join(' ')}' says ${pattern}; it said: ${text()}`,
    });
  return {
    interrupt: () => process.kill('SIGINT'),
    /** On stderr. */
    says: (pattern: RegExp) => until(() => said, pattern),
    /** On stdout. */
    tells: (pattern: RegExp) => until(() => result, pattern),
    said: () => said,
    exited: () => exited,
    async ended(): Promise<{ exitCode: number | null; end: Record<string, string> }> {
      const [exitCode] = await exited;
      return { exitCode, end: JSON.parse(result || '{}') };
    },
  };
}

describe('sidestep deploy', () => {
  it('is left, come back to and approved; the one behind it is followed to its own end', async () => {
    writeFileSync(resultFile(), '{"outcome": "SUCCESSFUL", "of": "an earlier deployment"}');
    const first = begin('deploy', 'orders', '--tag', 'v2', '--result-file', resultFile(), '--json');
    await first.says(/orders-\S+ WaitForApproval/);
    expect(existsSync(resultFile())).toBe(false);
    const second = begin('deploy', 'orders', '--tag', 'v3', '--wait', '--json');
    await second.says(/orders-\S+ waits for its turn/);

    const watched = begin('status', 'orders', '--watch');
    await watched.tells(/orders-a: blue, 100 %.*orders-\S+: WaitForApproval/s);
    watched.interrupt();
    expect((await watched.exited())[0]).toBe(130);
    expect(watched.said()).toMatch(
      /come back to it: {3}sidestep status orders --watch\n {2}stop a deployment: sidestep abort orders\n$/,
    );
    const lines = begin('logs', 'orders', '--follow', '--json');
    await lines.tells(/"function":"wait-for-approval".*"message":"wait stays open"/);
    lines.interrupt();
    expect((await lines.exited())[0]).toBe(130);
    expect(lines.said()).toMatch(/come back to it: sidestep logs orders-\S+ --follow\n/);

    first.interrupt();
    expect(await first.ended()).toEqual({ exitCode: 130, end: {} });
    expect(first.said()).toMatch(/the deployment goes on without this command/);
    const [, back = ''] = /come back to it: sidestep (.*)\n/.exec(first.said()) ?? [];
    expect(back).toMatch(/^deploy orders --follow arn:\S+ --result-file /);
    expect(existsSync(resultFile())).toBe(false);

    const again = begin(...back.split(' '), '--json');
    await again.says(/orders-\S+ WaitForApproval/);
    expect(await sidestep('approve', 'orders', '--reason', 'as agreed')).toMatchObject({ exitCode: 0 });
    const { exitCode, end } = await again.ended();
    expect({ exitCode, outcome: end.outcome }).toEqual({ exitCode: 0, outcome: 'SUCCESSFUL' });
    expect(JSON.parse(readFileSync(resultFile(), 'utf8'))).toEqual(end);
    expect(end).toMatchObject({
      deploymentId: expect.stringMatching(/^orders-/),
      digest: expect.stringMatching(/^sha256:/),
      revisionArn: expect.stringContaining(':task-definition/orders:'),
    });

    await second.says(/goes on as orders-\S+/);
    await second.says(/WaitForApproval/);
    expect(await sidestep('reject', 'orders', '--reason', 'not today')).toMatchObject({ exitCode: 0 });
    const rejected = await second.ended();
    expect(rejected).toMatchObject({
      exitCode: 10,
      end: { outcome: 'ROLLBACK_SUCCESSFUL', reason: expect.stringContaining('not today') },
    });
  }, 120_000);

  it('that was asked for what serves already has succeeded', async () => {
    const { exitCode, stdout } = await sidestep(
      'deploy',
      'orders',
      '--tag',
      'v2',
      '--result-file',
      resultFile(),
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/NOTHING_TO_DEPLOY: sha256:[0-9a-f]{64} already serves\n$/);
    expect(JSON.parse(readFileSync(resultFile(), 'utf8'))).toMatchObject({ outcome: 'NOTHING_TO_DEPLOY' });
  });

  it.each([
    [['orders', '--tag', 'nope'], /^REFUSED: ImageNotFound: /],
    [['ordres', '--tag', 'v2'], /^REFUSED: UnknownService: .*known are: orders/],
    [['orders', '--to', 'vms'], /^REFUSED: BadInput: to is 'vms'/],
    [['orders', '--tag', 'v3', '--started-at', 'today'], /^REFUSED: BadInput: startedAt is 'today'/],
  ])('of %j is refused, with its own exit code and without a file', async (words, reason) => {
    writeFileSync(resultFile(), '{}');
    const { exitCode, stdout } = await sidestep('deploy', ...words, '--result-file', resultFile());
    expect(exitCode).toBe(14);
    expect(stdout.split('\n').at(-2)).toMatch(reason);
    expect(existsSync(resultFile())).toBe(false);
  });

  it('that a person aborts ends STOPPED, without a file', async () => {
    const { exitCode, stdout } = await sidestep('deploy', 'orders', '--tag', 'v4', '--json');
    expect(exitCode).toBe(0);
    const { executionArn } = JSON.parse(stdout) as { executionArn: string };
    const followed = begin(
      'deploy',
      'orders',
      '--follow',
      executionArn,
      '--result-file',
      resultFile(),
      '--json',
    );
    await followed.says(/WaitForApproval/);
    const told = await sidestep('abort', 'orders', '--reason', 'the wrong ticket', '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({ signal: 'abort' });
    expect(await followed.ended()).toMatchObject({ exitCode: 13, end: { outcome: 'STOPPED' } });
    expect(existsSync(resultFile())).toBe(false);
  }, 60_000);

  it.each([
    [['--result-file', '/nowhere/at/all.json'], /--result-file is '\/nowhere\/at\/all\.json', which cannot/],
    [['--result-file', '/tmp'], /--result-file is '\/tmp', which cannot be written: \/tmp is a directory/],
    [['--follow', 'mailer-20261121t034211z-1f2e3d'], /allowed are the id of a deployment of orders/],
    [
      ['--follow', 'orders-20261121t034211z-1f2e3d', '--tag', 'v2'],
      /--follow starts nothing; found --tag beside it/,
    ],
  ])('with %j is a usage error, and starts nothing', async (words, complaint) => {
    const { exitCode, stdout, stderr } = await sidestep('deploy', 'orders', ...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(complaint);
  });

  it('cannot follow what is not there', async () => {
    const { exitCode, stderr } = await sidestep(
      'deploy',
      'orders',
      '--follow',
      'orders-20261121t034211z-1f2e3d',
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/there is no deployment orders-20261121t034211z-1f2e3d in the history/);
  });
});

describe('a word to no deployment', () => {
  it.each(['approve', 'reject', 'promote', 'pause', 'resume', 'abort'])(
    '%s is refused, with the exit code of a refusal',
    async (signal) => {
      const { exitCode, stdout, stderr } = await sidestep(signal, 'orders');
      expect({ exitCode, stdout }).toEqual({ exitCode: 14, stdout: '' });
      const also = signal === 'resume' ? 'orders is not suspended, and ' : '';
      expect(stderr).toBe(`${signal} was refused: ${also}no deployment of orders is under way\n`);
    },
  );
});

describe('the arguments', () => {
  /** Parses words as the command line does. */
  async function parse(...words: string[]): Promise<unknown> {
    let parsed: unknown;
    const keep = async (...asked: unknown[]): Promise<number> => {
      parsed = asked;
      return 0;
    };
    const [name = ''] = words;
    const command =
      name === 'deploy'
        ? deployCommand(() => {}, keep as (service: string, options: DeployOptions) => Promise<number>)
        : signalCommands(() => {}, keep).find((one) => one.name() === name);
    await command?.parseAsync(words.slice(1), { from: 'user' });
    return parsed;
  }

  it('of deploy name what is deployed, and since when', async () => {
    const startedAt = '2026-11-21T13:00:00Z';
    expect(await parse('deploy', 'orders', '--to', 'orders-vm', '--started-at', startedAt, '--wait')).toEqual(
      ['orders', { to: 'orders-vm', startedAt, wait: true }],
    );
    expect(await parse('deploy', 'orders', '--task-definition', 'orders:41', '--despite', 'repair')).toEqual([
      'orders',
      { taskDefinition: 'orders:41', despite: 'repair' },
    ]);
  });

  it.each<[SignalName, string[], object]>([
    ['approve', ['--digest', 'sha256:1', '--reason', 'ok'], { digest: 'sha256:1', reason: 'ok' }],
    ['promote', ['--all'], { all: true }],
    ['abort', ['--force'], { force: true }],
    ['rollback', ['--prefix', 'other'], { prefix: 'other' }],
  ])('of %s say more where it means something', async (name, words, options) => {
    expect(await parse(name, 'orders', ...words)).toEqual([name, 'orders', options]);
  });
});
