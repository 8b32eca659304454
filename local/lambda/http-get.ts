/** One HTTP GET without redirects, for the smoke checks of handlers that run on a scaled clock. */
import { type IncomingMessage, request } from 'node:http';
import type { HttpAnswer, HttpRequest } from '../../lambdas/common/runtime.ts';
import type { Clock } from '../clock/clock.ts';

const BODY_CHARACTERS_MAX = 65_536;

/** Rejects if there is no whole answer within `timeoutMs` of wall time. Plain HTTP only: nothing local speaks TLS. */
export function httpGet(clock: Clock, { url, headers, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  const outgoing = request(url, { method: 'GET', headers });
  const timer = clock.setWallTimer(timeoutMs, () =>
    outgoing.destroy(new Error(`no answer from ${url} within ${timeoutMs} ms`)),
  );
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    outgoing.on('response', (incoming) => collect(incoming).then(resolve, reject));
    outgoing.on('error', reject);
    outgoing.end();
  });
  return answer.finally(() => timer.cancel());
}

async function collect(incoming: IncomingMessage): Promise<HttpAnswer> {
  let body = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) {
    if (body.length < BODY_CHARACTERS_MAX) body += chunk;
  }
  return { statusCode: incoming.statusCode ?? 0, body };
}
