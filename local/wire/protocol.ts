/** What a wire protocol does for one call: read the input, write the output, write a failure. */
import type { WireRequest, WireResponse } from './endpoint.ts';
import type { Failure } from './failure.ts';
import type { Operation } from './service-model.ts';
import type { ServiceDescription } from './services.ts';

export interface Protocol {
  /** @throws ShapeMismatch */
  readInput(request: WireRequest, operation: Operation): unknown;
  /** @throws ShapeMismatch: the operation's output does not fit its shape */
  writeOutput(output: unknown, operation: Operation, exchange: Exchange): WireResponse;
  /** @throws ShapeMismatch: the error's fields do not fit its shape */
  writeFailure(failure: Failure, exchange: Exchange): WireResponse;
}

/** What an answer says beside its content. */
export interface Exchange {
  readonly service: Pick<ServiceDescription, 'jsonVersion' | 'xmlNamespace'>;
  readonly requestId: string;
}

export const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** Services that once spoke forms still tell their old clients the old code. */
export function queryErrorHeader({ shape, queryCode, statusCode }: Failure): Record<string, string> {
  if (!shape?.traits.awsQueryError) return {};
  return { 'x-amzn-query-error': `${queryCode};${statusCode < 500 ? 'Sender' : 'Receiver'}` };
}
