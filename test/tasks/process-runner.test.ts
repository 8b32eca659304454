/** The process runner with real processes: ports, output, signals, exit codes, and nothing left behind. */
import { spawn } from 'node:child_process';
import { get, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createScaledClock } from '../../local/clock/scaled-clock.ts';
import { createProcessRunner } from '../../local/tasks/process-runner.ts';
import type { ContainerSpec, TaskRunner } from '../../local/tasks/task-runner.ts';
import { containerSpec, type Observed, observe } from './containers.ts';

const script = (code: string): string[] => ['node', '-e', code];
const IDLE = 'setInterval(() => {}, 1000); console.log("ready");';

const runners: TaskRunner[] = [];
function createRunner(): TaskRunner {
  const runner = createProcessRunner(createScaledClock());
  runners.push(runner);
  return runner;
}
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.close()));
});

const until = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 8_000, interval: 10 });
const exitCodeOf = (observed: Observed): Promise<number> =>
  until(() => {
    expect(observed.exitCode).toBeDefined();
    return observed.exitCode as number;
  });
const lineOf = (observed: Observed, text: string): Promise<void> =>
  until(() => expect(observed.lines.join('\n')).toContain(text));

async function startReady(overrides: Partial<ContainerSpec>) {
  const observed = observe();
  const container = createRunner().start(containerSpec(overrides), observed);
  await lineOf(observed, 'ready');
  return { observed, container };
}

async function startSampleApp(environment: Record<string, string>) {
  const observed = observe();
  const container = createRunner().start(containerSpec({ environment }), observed);
  await lineOf(observed, 'listens on');
  return { observed, container, port: observed.hostPorts?.get(8080) as number };
}

const statusOf = async (port: number, path: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).status;

describe('a container as a process', () => {
  it('gets a free host port for each container port, the first of them as PORT', async () => {
    const { observed } = await startReady({
      command: script('console.log("PORT", process.env.PORT); console.log("ready")'),
      containerPorts: [8080, 9090],
    });

    const [first, second] = [...(observed.hostPorts?.values() ?? [])];
    expect([...(observed.hostPorts?.keys() ?? [])]).toEqual([8080, 9090]);
    expect(first).not.toBe(second);
    expect(observed.lines).toContain(`PORT ${first}`);
  });

  it('sees its own environment and nothing of the runner’s but PATH', async () => {
    vi.stubEnv('SECRET_OF_THE_RUNNER', 'x');
    const { observed } = await startReady({
      command: script('console.log(Object.keys(process.env).sort().join()); console.log("ready")'),
      environment: { GREETING: 'hello' },
      containerPorts: [],
    });
    vi.unstubAllEnvs();

    expect(observed.lines).toContain('GREETING,PATH,SIDESTEP_STDIN');
  });

  it('has both its output streams logged line by line', async () => {
    const { observed } = await startReady({
      command: script('process.stderr.write("bad\\nworse"); console.log("ready")'),
    });

    await exitCodeOf(observed);
    expect(observed.lines.sort()).toEqual(['bad', 'ready', 'worse']);
  });

  it('keeps the exit code that the process chose', async () => {
    const { observed } = await startReady({ command: script('console.log("ready"); process.exitCode = 7') });

    expect(await exitCodeOf(observed)).toBe(7);
  });

  it('exits 143 when it does not handle the stop signal', async () => {
    const { observed, container } = await startReady({ command: script(IDLE) });

    container.stop();

    expect(await exitCodeOf(observed)).toBe(143);
  });

  it('exits 0 when it handles the stop signal', async () => {
    const { observed, container } = await startReady({
      command: script(`process.on("SIGTERM", () => process.exit(0)); ${IDLE}`),
    });

    container.stop();

    expect(await exitCodeOf(observed)).toBe(0);
  });

  it('is killed with 137 when it ignores the stop signal beyond its stop time-out', async () => {
    const { observed, container } = await startReady({
      command: script(`process.on("SIGTERM", () => console.log("no")); ${IDLE}`),
      stopTimeoutSeconds: 0.3,
    });

    container.stop();

    await lineOf(observed, 'no');
    expect(await exitCodeOf(observed)).toBe(137);
  });

  it('is killed with 137 at once by a kill', async () => {
    const { observed, container } = await startReady({ command: script(IDLE), stopTimeoutSeconds: 3_600 });

    container.kill();

    expect(await exitCodeOf(observed)).toBe(137);
  });

  it('counts as gone when only a grandchild still holds its output open', async () => {
    const { observed } = await startReady({
      command: script(
        'const child = require("node:child_process").spawn("sleep", ["60"], { stdio: "inherit", detached: true });' +
          'child.unref(); console.log("grandchild", child.pid); console.log("ready")',
      ),
    });

    expect(await exitCodeOf(observed)).toBe(0);
    process.kill(Number(/grandchild (\d+)/.exec(observed.lines.join('\n'))?.[1]));
  });

  it('still stops when the stop comes before the process is there', async () => {
    const observed = observe();
    const container = createRunner().start(containerSpec({ command: script(IDLE) }), observed);

    container.stop();

    expect(await exitCodeOf(observed)).toBe(143);
    expect(observed.hostPorts).toBeUndefined();
  });

  it.each([
    [['no-such-program-here'], 'ENOENT'],
    [['sidestep:no-such-app'], 'sidestep:no-such-app'],
    [[], 'no command'],
  ])('says why %j cannot be started', async (command, reason) => {
    const observed = observe();
    createRunner().start(containerSpec({ command }), observed);

    await until(() => expect(observed.failure).toContain(reason));
    expect(observed.exitCode).toBeUndefined();
  });
});

describe('the end of the runner', () => {
  it('kills everything that still runs, and waits until it is gone', async () => {
    const runner = createRunner();
    const observed = [observe(), observe()];
    for (const one of observed) runner.start(containerSpec({ command: script(IDLE) }), one);
    await Promise.all(observed.map((one) => lineOf(one, 'ready')));

    await runner.close();

    expect(observed.map((one) => one.exitCode)).toEqual([137, 137]);
  });

  it('starts nothing any more', async () => {
    const runner = createRunner();
    await runner.close();
    const observed = observe();

    runner.start(containerSpec({ command: script(IDLE) }), observed);

    expect(await exitCodeOf(observed)).toBe(137);
    expect(observed.hostPorts).toBeUndefined();
  });

  it.each([
    ['exits', 'SIGTERM'],
    ['is killed', 'SIGKILL'],
  ] as const)(
    'leaves no sample application behind when the process that holds the runner %s',
    async (_, signal) => {
      const { holder, output } = holdRunner(['sidestep:sample-app']);
      const port = await until(() => numberIn(output(), /listens on 127\.0\.0\.1:(\d+)/));
      expect(await statusOf(port, '/')).toBe(200);

      holder.kill(signal);

      await until(() => expect(statusOf(port, '/')).rejects.toThrow());
    },
  );

  it('leaves no other program behind either when the process that holds the runner exits', async () => {
    const { holder, output } = holdRunner(script(`console.log("pid", process.pid); ${IDLE}`));
    const pid = await until(() => numberIn(output(), /pid (\d+)/));

    holder.kill('SIGTERM');

    await until(() => expect(() => process.kill(pid, 0)).toThrow());
  });
});

/** Starts a process that holds a runner with one container. */
function holdRunner(command: string[]) {
  const file = fileURLToPath(new URL('./runner-holder.ts', import.meta.url));
  const holder = spawn(process.execPath, ['--import', 'tsx', file, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  holder.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { holder, output: () => text };
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  expect(found, text).toBeDefined();
  return Number(found);
}

describe('the sample application', () => {
  it('answers with its version, and with the statuses it was told', async () => {
    const { port } = await startSampleApp({
      VERSION: 'v2',
      HEALTH_STATUS: '503',
      REQUEST_STATUS: '500',
      REQUEST_FAILURE_RATE: '0.5',
    });

    const answer = await fetch(`http://127.0.0.1:${port}/health`);
    expect([answer.status, answer.headers.get('x-version')]).toEqual([503, 'v2']);
    expect([await statusOf(port, '/a'), await statusOf(port, '/a'), await statusOf(port, '/a')]).toEqual([
      200, 500, 200,
    ]);
  });

  it('finishes the request in flight after SIGTERM, refuses new ones, and exits 0', async () => {
    const { observed, container, port } = await startSampleApp({ RESPONSE_MS: '400' });
    const inFlight = fetch(`http://127.0.0.1:${port}/slow`);
    await until(async () => expect(await openRequests(port)).toBe(true));

    container.stop();
    await lineOf(observed, 'SIGTERM');

    await until(() => expect(statusOf(port, '/health')).rejects.toThrow());
    expect((await inFlight).status).toBe(200);
    expect(await exitCodeOf(observed)).toBe(0);
  });

  it('closes connections that wait idle for a next request, so that stopping does not hang on them', async () => {
    const { observed, container, port } = await startSampleApp({});
    await new Promise<void>((resolve) => {
      request({ port, host: '127.0.0.1', path: '/', headers: { connection: 'keep-alive' } }, (answer) => {
        answer.resume().on('end', resolve);
      }).end();
    });

    container.stop();

    expect(await exitCodeOf(observed)).toBe(0);
  });

  it('dies with the words and the code it was told', async () => {
    const observed = observe();
    createRunner().start(containerSpec({ environment: { EXIT_CODE: '3' } }), observed);

    expect(await exitCodeOf(observed)).toBe(3);
    expect(observed.lines).toContain('FATAL: cannot read DATABASE_URL');
  });

  it('goes on after SIGTERM if told to ignore it', async () => {
    const { observed, container, port } = await startSampleApp({ IGNORE_SIGTERM: '1' });

    container.stop();
    await lineOf(observed, 'SIGTERM ignored');

    expect(await statusOf(port, '/')).toBe(200);
  });
});

/** Whether the slow request has certainly arrived: a probe sent after it has been answered. */
function openRequests(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/health' }, (answer) =>
      answer.resume().on('end', () => resolve(true)),
    ).on('error', reject);
  });
}
