/** awsJson 1.0 and 1.1: the operation in `x-amz-target`, input and output as JSON bodies. */
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import type { WireResponse } from './endpoint.ts';
import { errorMembers } from './failure.ts';
import { jsonReader, jsonWriter, parseJson, plainName } from './json-format.ts';
import { type Exchange, type Protocol, queryErrorHeader, utf8 } from './protocol.ts';

const reader = jsonReader(plainName);
const writer = jsonWriter(plainName);

export const jsonProtocol: Protocol = {
  readInput: (request, operation) => decode(operation.input, parseJson(request.body), reader),
  writeOutput: (output, operation, exchange) =>
    answer(200, encode(operation.output, output, writer), exchange),
  writeFailure: (failure, exchange) => {
    const members = errorMembers(failure);
    const body = failure.shape
      ? encode({ name: failure.name, shape: failure.shape, traits: {} }, members, writer)
      : members;
    const response = answer(failure.statusCode, { __type: failure.name, ...(body as object) }, exchange);
    Object.assign(response.headers, { 'x-amzn-errortype': failure.name }, queryErrorHeader(failure));
    return response;
  },
};

function answer(statusCode: number, body: unknown, { service, requestId }: Exchange): WireResponse {
  return {
    statusCode,
    headers: {
      'content-type': `application/x-amz-json-${service.jsonVersion ?? '1.1'}`,
      'x-amzn-requestid': requestId,
    },
    body: utf8(JSON.stringify(body)),
  };
}
