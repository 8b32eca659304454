/** Sends the requests of HTTP checks, one after the other. */
import type { HttpAnswer, HttpRequest, Runtime } from './runtime.ts';

/** What became of one request. */
export type Asked =
  | { readonly answer: HttpAnswer }
  /** There was none: why. */
  | { readonly failed: string };

/** What the function inside a network is called with, and what it answers. */
export interface HttpOrder {
  readonly requests: readonly HttpRequest[];
}
export interface HttpReport {
  readonly asked: readonly Asked[];
}

export async function askInTurn(
  requests: readonly HttpRequest[],
  { request: send }: Pick<Runtime, 'request'>,
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (const request of requests) asked.push(await askOnce(request, send));
  return asked;
}

async function askOnce(request: HttpRequest, send: Runtime['request']): Promise<Asked> {
  try {
    return { answer: await send(request) };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
