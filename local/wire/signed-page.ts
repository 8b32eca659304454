/** Addresses of the endpoint that are no AWS operation: signed like one, logged and judged like one, answered by whoever has them. */
import type { WireRequest, WireResponse } from './endpoint.ts';
import type { Call } from './operations.ts';

export interface SignedPage {
  /** The beginning of its paths. */
  readonly prefix: string;
  /** The credential scope that requests must be signed for. */
  readonly scope: string;
  /** The name under which a request stands in the log of calls, and is judged by. */
  readonly operation: string;
  /** What the log of calls keeps of a request, and enforcement judges it by. */
  describe(request: WireRequest): Readonly<Record<string, unknown>>;
  answer(request: WireRequest, call: Call): Promise<WireResponse>;
  /** The answer to whoever may not, or did not sign. */
  refuse(): WireResponse;
}

/** @returns the page of a request, if it is one's */
export function pageOf(request: WireRequest, pages: readonly SignedPage[]): SignedPage | undefined {
  return pages.find(({ prefix }) => request.path.startsWith(prefix));
}
