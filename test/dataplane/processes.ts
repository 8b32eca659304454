/** Real things for the proxy's tests: a bundled proxy process, and HTTP applications that can be stopped and killed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createScaledClock } from '../../local/clock/scaled-clock.ts';
import type {
  DataPlane,
  PlaneAction,
  PlaneConfiguration,
  PlaneTarget,
} from '../../local/dataplane/data-plane.ts';
import { createProxyPlane } from '../../local/dataplane/proxy-plane.ts';
import { freePorts } from '../../local/demo/free-ports.ts';

/** Bundles and starts a proxy process. */
export async function startProxy(): Promise<{ plane: DataPlane; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'sidestep-proxy-'));
  const entry = join(directory, 'proxy.mjs');
  await build({
    entryPoints: [new URL('../../local/dataplane/proxy/main.ts', import.meta.url).pathname],
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  const plane = createProxyPlane({ clock: createScaledClock(), entry });
  return {
    plane,
    close: async () => {
      await plane.close();
      await rm(directory, { recursive: true });
    },
  };
}

export interface App {
  server: Server;
  port: number;
  /** Closes the port and every connection, as a killed process does. */
  kill(): void;
}

/** An application on a free port; by default it answers 200 with its version. */
export async function startApp(version: string, listener?: RequestListener): Promise<App> {
  const server = createServer(listener ?? ((_request, response) => void response.end(version)));
  server.prependListener('request', (_request, response) => void response.setHeader('x-version', version));
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kill = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { server, port: (server.address() as AddressInfo).port, kill };
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts([0]);
  return port;
}

export const target = (
  { port }: { port: number },
  condition: PlaneTarget['condition'] = 'healthy',
): PlaneTarget => ({
  host: '127.0.0.1',
  port,
  condition,
});

/** One load balancer, one listener, one rule, groups by name. */
export function planeConfiguration(
  port: number,
  action: PlaneAction,
  groups: Record<string, PlaneTarget[]>,
): PlaneConfiguration {
  return {
    loadBalancerArn: 'lb',
    idleTimeoutSeconds: 60,
    listeners: [{ arn: 'listener', port, rules: [{ arn: 'default', conditions: [], action }] }],
    targetGroups: Object.entries(groups).map(([arn, targets]) => ({ arn, targets })),
  };
}

export const weights = (byGroup: Record<string, number>, stickinessSeconds?: number): PlaneAction => ({
  type: 'forward',
  targetGroups: Object.entries(byGroup).map(([arn, weight]) => ({ arn, weight })),
  stickinessSeconds,
});

export interface Got {
  statusCode: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** One request; rejects if the answer breaks off or there is none. */
export function get(
  port: number,
  options: { path?: string; method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Got> {
  const { path = '/', method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ statusCode: answer.statusCode ?? 0, headers: answer.headers, body: text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Asks until `holds`, at most 500 times, 10 ms apart. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the condition did not come true: ${holds}`);
}
