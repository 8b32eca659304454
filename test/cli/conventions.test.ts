/** What every command keeps to: JSON, colours, terminals, times, and errors that say what to do. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explained } from '../../cli/explain.ts';
import { CannotDo, UsageError } from '../../cli/failures.ts';
import { logDocument, logText } from '../../cli/logs/line.ts';
import { createMerge } from '../../cli/logs/merge.ts';
import { createProgram } from '../../cli/main.ts';
import { isAnimated, paintFor } from '../../cli/output.ts';
import { cutTo, screenOn } from '../../cli/screen.ts';
import { momentAfter, momentBefore } from '../../cli/times.ts';
import { closest, describeUnknown } from '../../lambdas/decisions/closest.ts';
import { packageRoot } from '../../local/paths.ts';
import { run, runBundle } from './command.ts';

const commands = createProgram(() => {}).commands;
const names = commands.map((command) => command.name());
const documentation = readFileSync(join(packageRoot(), 'docs/cli.md'), 'utf8');

describe('every command', () => {
  it.each(names)(
    '%s has --json, help that begins with examples, and a section in docs/cli.md',
    async (name) => {
      const command = commands.find((one) => one.name() === name);
      expect(command?.options.map(({ long }) => long)).toContain('--json');
      expect((await run(name, '--help')).stdout).toMatch(/^Examples:\n {2}sidestep .*Usage: sidestep/s);
      const headings = documentation.match(/^## .*`sidestep .*$/gm) ?? [];
      expect(
        headings.some((heading) => new RegExp(`\\b${name}\\b`).test(heading)),
        name,
      ).toBe(true);
    },
  );
});

describe('colours and drawing', () => {
  const tty = { isTTY: true };
  it.each([
    ['a terminal', tty, {}, true, true],
    ['a terminal with NO_COLOR', tty, { NO_COLOR: '1' }, false, true],
    ['a terminal with an empty NO_COLOR', tty, { NO_COLOR: '' }, true, true],
    ['a dumb terminal', tty, { TERM: 'dumb' }, false, false],
    ['a file or a pipe', { isTTY: false }, {}, false, false],
  ] as const)('on %s', (_, stream, env, isColoured, isDrawnOver) => {
    expect(paintFor(stream, env)('red', 'x') !== 'x').toBe(isColoured);
    expect(isAnimated(stream, env)).toBe(isDrawnOver);
    expect(screenOn({ ...stream, columns: 80, rows: 24, write: () => true }, env) !== undefined).toBe(
      isDrawnOver,
    );
  });

  it('takes the place of what was drawn before, and stays within the terminal', () => {
    const written: string[] = [];
    const screen = screenOn({ ...tty, columns: 10, rows: 4, write: (text) => written.push(text) }, {});
    screen?.draw(['a line that is too long', 'b']);
    screen?.draw(['1', '2', '3', '4', '5']);
    expect(written[0]).toBe('\ra line tha\u001b[K\nb\u001b[K\n\u001b[J');
    expect(written[1]).toBe('\u001b[2A\r1\u001b[K\n2\u001b[K\n… the term\u001b[K\n\u001b[J');
  });

  it('counts letters, not styles, and ends a style that it cuts', () => {
    expect(cutTo('\u001b[31mabc\u001b[39m', 3)).toBe('\u001b[31mabc\u001b[39m');
    expect(cutTo('\u001b[31mabcd\u001b[39m', 3)).toBe('\u001b[31mabc\u001b[0m');
  });
});

describe('times', () => {
  it('are durations from now, or moments with their offset', () => {
    expect(momentAfter('--until', '1h30m', 0)).toBe(5_400_000);
    expect(momentBefore('--since', '30d', 30 * 86_400_000)).toBe(0);
    expect(momentAfter('--until', '2026-11-21T13:00:00+01:00', 0)).toBe(Date.parse('2026-11-21T12:00:00Z'));
  });
  it.each(['tomorrow', '2026-11-21T13:00:00', '3', '-3h', ''])('are not %j', (text) => {
    expect(() => momentAfter('--until', text, 0)).toThrow(UsageError);
    expect(() => momentAfter('--until', text, 0)).toThrow(
      /--until is '.*'; allowed are durations, such as 3h/,
    );
  });
});

describe('a name that is not known', () => {
  it.each([
    ['ordres', 'orders'],
    ['Orders', 'orders'],
    ['order', 'orders'],
    ['mailr', 'mailer'],
    ['billing', undefined],
    ['x', undefined],
  ])('%s was meant to be %s', (name, meant) => expect(closest(name, ['orders', 'mailer'])).toBe(meant));

  it('is told with what is known', () => {
    expect(describeUnknown('ordres', ['orders'])).toBe("'ordres' (did you mean orders?); known are: orders");
    expect(describeUnknown('orders', [])).toBe("'orders'; none is known");
  });
});

describe('log lines', () => {
  const line = (eventId: string, timestampMs: number, logGroup = '/s/functions/bake') => ({
    eventId,
    logGroup,
    timestampMs,
    message:
      '{"level":"WARN","message":"wait stays open","timestamp":"…","deploymentId":"orders-1","state":"Bake"}',
  });

  it('come in order of time, each once, also those that arrive late', () => {
    const merge = createMerge(0);
    expect(merge.add([line('2', 2_000), line('1', 1_000)]).map(({ eventId }) => eventId)).toEqual(['1', '2']);
    expect(
      merge.add([line('2', 2_000), line('late', 1_500), line('3', 90_000)]).map(({ eventId }) => eventId),
    ).toEqual(['late', '3']);
    expect(merge.fromMs()).toBe(60_000);
    expect(merge.add([line('3', 90_000), line('3', 90_000, '/s/functions/sweep')])).toHaveLength(1);
  });

  it('are told by function, without what every line says; text that is no JSON stays as it is', () => {
    const plain = (_: string, text: string): string => text;
    expect(logText(logDocument(line('1', 0)), plain)).toBe(
      '1970-01-01T00:00:00Z  bake                       wait stays open  state=Bake',
    );
    expect(logDocument({ ...line('1', 0), message: 'Task timed out' })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      function: 'bake',
      level: '',
      message: 'Task timed out',
      keys: {},
    });
  });
});

const failure = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

describe('what AWS says no to', () => {
  it.each<[string, Error, RegExp]>([
    [
      'no credentials',
      failure('CredentialsProviderError', 'Could not load credentials from any providers'),
      /^there are no AWS credentials .*aws sso login/,
    ],
    [
      'expired credentials',
      failure('ExpiredTokenException', 'The security token included in the request is expired'),
      /^the AWS credentials have expired/,
    ],
    [
      'an expired SSO session',
      failure('CredentialsProviderError', 'The SSO session associated with this profile has expired'),
      /^the AWS credentials have expired/,
    ],
    [
      'unknown credentials',
      failure('UnrecognizedClientException', 'The security token included in the request is invalid.'),
      /^AWS does not know these credentials .*get-caller-identity/,
    ],
    [
      'a wrong clock',
      failure('InvalidSignatureException', 'Signature expired: 20261121T1200Z'),
      /^AWS finds this machine's clock wrong/,
    ],
    [
      'a missing permission',
      failure(
        'AccessDeniedException',
        'User: arn:aws:sts::1:assumed-role/dev/ada is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-west-1:1:parameter/sidestep/stack because no identity-based policy allows the ssm:GetParameter action',
      ),
      /^access denied: arn:aws:sts::1:assumed-role\/dev\/ada may not ssm:GetParameter on arn:aws:ssm:\S+ because .*; allow ssm:GetParameter, or use another role$/,
    ],
    [
      'a permission that is told otherwise',
      failure('AccessDenied', 'no'),
      /^access denied: no; ask for the permission/,
    ],
    ['no Region', failure('Error', 'Region is missing'), /^there is no Region; set AWS_REGION/],
    [
      'a Region that is none',
      failure('Error', 'getaddrinfo ENOTFOUND sts.us-esat-1.amazonaws.com', {
        code: 'ENOTFOUND',
        hostname: 'sts.us-esat-1.amazonaws.com',
      }),
      /^there is no host sts\.us-esat-1\.amazonaws\.com; check the Region/,
    ],
    [
      'a closed port',
      failure('Error', 'connect ECONNREFUSED 127.0.0.1:4588', {
        code: 'ECONNREFUSED',
        address: '127.0.0.1',
        port: 4588,
      }),
      /^nothing answers at http:\/\/127\.0\.0\.1:4588; is `sidestep local` still running\?$/,
    ],
    [
      'no answer',
      failure('TimeoutError', 'socket hang up'),
      /^no answer \(socket hang up\); check this machine's network/,
    ],
    ['throttling', failure('ThrottlingException', 'Rate exceeded'), /try again in a minute$/],
  ])('%s, is told in a sentence with what to do', (_, error, text) => {
    const told = explained(error);
    expect(told).toBeInstanceOf(CannotDo);
    expect((told as Error).message).toMatch(text);
  });

  it('a bug is none of these', () => {
    const bug = new TypeError('x is undefined');
    expect(explained(bug)).toBe(bug);
  });

  it('no credentials at all, on AWS itself, are told before anything is asked', async () => {
    const env = {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_PROFILE: '',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
    const { exitCode, stdout, stderr } = await runBundle(['status'], { cwd: '/', env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^error: there are no AWS credentials \(.*\); sign in with `aws sso login`/);
    expect(stderr).not.toMatch(/\n +at /);
  });

  it('a refusal of AWS names the action, whichever command met it', async () => {
    const message =
      'User: arn:aws:iam::1:user/ada is not authorized to perform: sts:GetCallerIdentity with an explicit deny';
    const server = createServer((_, response) => {
      response.writeHead(403, { 'content-type': 'text/xml' });
      response.end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const words of [['status'], ['show', 'orders'], ['deploy', 'orders'], ['abort', 'orders']]) {
      const { exitCode, stderr } = await run(...words, '--endpoint-url', url);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^error: access denied: arn:aws:iam::1:user\/ada may not sts:GetCallerIdentity/);
    }
    server.close();
    server.closeAllConnections();
  });
});
