/** One HTTP request without redirects, for the checks of handlers that run on a scaled clock. */
import { type IncomingMessage, request } from 'node:http';
import type { HttpAnswer, HttpRequest } from '../../lambdas/common/runtime.ts';
import type { Clock } from '../clock/clock.ts';

const BODY_CHARACTERS_MAX = 65_536;

/** Rejects if there is no whole answer within `timeoutMs` of wall time. Plain HTTP only: nothing local speaks TLS. */
export function sendHttp(
  clock: Clock,
  { origin: { host, port }, method, path, headers, timeoutMs }: HttpRequest,
): Promise<HttpAnswer> {
  const outgoing = request({ host, port, method, path, headers, agent: false });
  const startedAtMs = clock.now();
  const timer = clock.setWallTimer(timeoutMs, () =>
    outgoing.destroy(new Error(`no answer from ${host}:${port}${path} within ${timeoutMs} ms`)),
  );
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    outgoing.on('response', (incoming) => {
      // The work of an application takes wall time, so that is what its answer is measured in.
      const durationMs = () => (clock.now() - startedAtMs) / clock.factor;
      collect(incoming).then((body) => {
        resolve({ statusCode: incoming.statusCode ?? 0, body, durationMs: durationMs() });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
  return answer.finally(() => timer.cancel());
}

async function collect(incoming: IncomingMessage): Promise<string> {
  let body = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) {
    if (body.length < BODY_CHARACTERS_MAX) body += chunk;
  }
  return body;
}
