/** Smithy's rpc-v2-cbor, which the newest botocore prefers for CloudWatch. */
import { cborReader, cborWriter, formatCbor, parseCbor } from './cbor-format.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import type { WireResponse } from './endpoint.ts';
import { errorMembers } from './failure.ts';
import { type Protocol, queryErrorHeader } from './protocol.ts';

export const cborProtocol: Protocol = {
  readInput: (request, operation) => decode(operation.input, parseCbor(request.body), cborReader),
  writeOutput: (output, operation, { requestId }) =>
    answer(200, encode(operation.output, output, cborWriter), requestId),
  writeFailure: (failure, { requestId }) => {
    const members = errorMembers(failure);
    const body = failure.shape
      ? encode({ name: failure.name, shape: failure.shape, traits: {} }, members, cborWriter)
      : members;
    const response = answer(failure.statusCode, { __type: failure.name, ...(body as object) }, requestId);
    Object.assign(response.headers, queryErrorHeader(failure));
    return response;
  },
};

function answer(statusCode: number, body: unknown, requestId: string): WireResponse {
  return {
    statusCode,
    headers: {
      'content-type': 'application/cbor',
      'smithy-protocol': 'rpc-v2-cbor',
      'x-amzn-requestid': requestId,
    },
    body: formatCbor(body),
  };
}
