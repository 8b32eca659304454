/** The data plane of real processes: starts the proxy's process and calls it by messages. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock/clock.ts';
import type { DataPlane } from './data-plane.ts';
import type { CallMessage, PlaneCall, ProxySettings, ReplyMessage } from './proxy/protocol.ts';

/** Where the build puts the proxy's bundle, seen from the sources. */
const BUILT_ENTRY = fileURLToPath(new URL('../../dist/local/proxy.js', import.meta.url));

/** How long the proxy may take to end by itself, in wall time. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface ProxyPlaneOptions {
  clock: Clock;
  /** The bundle of `proxy/main.ts`; the build's own if absent. */
  entry?: string;
  /** Seeds the draws by weight. */
  seed?: string;
}

/** Starts a proxy process. Its calls reject once that process has ended; `probe` never does. */
export function createProxyPlane({
  clock,
  entry = BUILT_ENTRY,
  seed = 'proxy',
}: ProxyPlaneOptions): DataPlane {
  const settings: ProxySettings = { factor: clock.factor, seed };
  const child = fork(entry, [JSON.stringify(settings)], {
    execArgv: [],
    // JSON would turn an absent argument into null.
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const caller = createCaller(child);
  const call = async <Result>(name: PlaneCall, ...args: unknown[]): Promise<Result> =>
    (await caller(name, args)) as Result;
  return {
    apply: (configuration) => call('apply', configuration),
    remove: (loadBalancerArn) => call('remove', loadBalancerArn),
    probe: async (probe) => {
      try {
        return await call('probe', probe);
      } catch {
        return { reason: 'Elb.InternalError' };
      }
    },
    inFlight: (target, targetGroupArn) => call('inFlight', target, targetGroupArn),
    cut: (target, targetGroupArn) => call('cut', target, targetGroupArn),
    closeConnections: (listenerArn, targetGroupArn) => call('closeConnections', listenerArn, targetGroupArn),
    takeMetrics: () => call('takeMetrics'),
    takeFlows: () => call('takeFlows'),
    close: () => end(child, clock),
  };
}

type Caller = (call: PlaneCall, args: unknown[]) => Promise<unknown>;

function createCaller(child: ChildProcess): Caller {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let ended: Error | undefined;
  const endAll = (reason: string): void => {
    ended ??= new Error(reason);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  child.on('message', (message) => {
    const reply = message as ReplyMessage;
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) call?.reject(new Error(reply.error));
    else call?.resolve(reply.result);
  });
  child.on('error', (error) => endAll(`the proxy process could not run: ${error.message}`));
  child.on('exit', (code, signal) =>
    endAll(`the proxy process has ended (${signal ?? `exit code ${code}`})`),
  );
  return (call, args) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      const message: CallMessage = { id: lastId, call, arguments: args };
      child.send(message, (error) => {
        if (error) endAll(`the proxy process cannot be reached: ${error.message}`);
      });
    });
}

/** Disconnecting is the proxy's sign to end, as it is when the control process dies. */
function end(child: ChildProcess, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const limit = clock.setWallTimer(CLOSE_TIMEOUT_MS, () => child.kill('SIGKILL'));
    child.once('exit', () => {
      limit.cancel();
      resolve();
    });
    if (child.connected) child.disconnect();
  });
}
