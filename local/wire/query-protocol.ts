/** awsQuery: the operation in the form's `Action`, input as form fields, output as XML. */
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import type { WireRequest, WireResponse } from './endpoint.ts';
import { errorMembers, type Failure } from './failure.ts';
import { formReader, formTree, xmlNameOf } from './form-format.ts';
import { type Exchange, type Protocol, utf8 } from './protocol.ts';
import { element, escapeXml, xmlWriter } from './xml-format.ts';

export const queryProtocol: Protocol = {
  readInput: (request, operation) => decode(operation.input, formTree(formOf(request)), formReader),
  writeOutput: (output, operation, exchange) => {
    const result = encode(operation.output, output, xmlWriter)(`${operation.name}Result`);
    const metadata = element('ResponseMetadata', element('RequestId', exchange.requestId));
    return answer(200, `${operation.name}Response`, result + metadata, exchange);
  },
  writeFailure: (failure, exchange) => {
    const content = element('Error', errorContent(failure)) + element('RequestId', exchange.requestId);
    return answer(failure.statusCode, 'ErrorResponse', content, exchange);
  },
};

export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The form of a request: its query string and its body. */
export function formOf(request: WireRequest): URLSearchParams {
  const isForm = request.headers['content-type']?.startsWith(FORM_TYPE);
  const body = isForm ? Buffer.from(request.body).toString('utf8') : '';
  return new URLSearchParams([...new URLSearchParams(request.query), ...new URLSearchParams(body)]);
}

function errorContent(failure: Failure): string {
  const type = element('Type', failure.statusCode < 500 ? 'Sender' : 'Receiver');
  const code = element('Code', escapeXml(failure.queryCode));
  const message = element('Message', escapeXml(failure.message));
  return type + code + message + errorFields(failure);
}

/** The members of the error's shape beside its message, which has its own place. */
function errorFields(failure: Failure): string {
  const { shape } = failure;
  if (!shape) return '';
  // Written whole, so that it is checked; then only the parts that are not the message are kept.
  const members = errorMembers(failure);
  encode({ name: failure.name, shape, traits: {} }, members, xmlWriter);
  const fields = shape.members.filter((member) => Object.hasOwn(failure.fields, member.name));
  return fields
    .map((member) => encode(member, failure.fields[member.name], xmlWriter)(xmlNameOf(member)))
    .join('');
}

function answer(
  statusCode: number,
  root: string,
  content: string,
  { service, requestId }: Exchange,
): WireResponse {
  const namespace = service.xmlNamespace ? ` xmlns="${service.xmlNamespace}"` : '';
  return {
    statusCode,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: utf8(`<${root}${namespace}>${content}</${root}>`),
  };
}
