/** Finds out who calls which operation of which service, in which protocol. */
import { AwsError } from './aws-error.ts';
import { cborProtocol } from './cbor-protocol.ts';
import type { WireRequest } from './endpoint.ts';
import { jsonProtocol } from './json-protocol.ts';
import type { Protocol } from './protocol.ts';
import { FORM_TYPE, formOf, queryProtocol } from './query-protocol.ts';
import { restProtocol } from './rest-protocol.ts';
import { findRestRoute } from './rest-route.ts';
import type { ServiceModel } from './service-model.ts';
import type { ProtocolName, ServiceDescription } from './services.ts';

const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  json: jsonProtocol,
  query: queryProtocol,
  rest: restProtocol,
  cbor: cborProtocol,
};

/** Who calls, and which service: from the credential scope that every signed request carries. */
export interface Credential {
  readonly caller: string;
  readonly scope: string;
}

/** @throws AwsError `MissingAuthenticationTokenException` if the request is not signed (signatures are not checked) */
export function credentialOf(request: WireRequest): Credential {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1];
  const text = header ?? new URLSearchParams(request.query).get('X-Amz-Credential') ?? '';
  const parts = text.split('/');
  const [caller, scope] = [parts.slice(0, -4).join('/'), parts.at(-2)];
  if (!caller || !scope) {
    throw new AwsError(
      'MissingAuthenticationTokenException',
      `found no credential scope in the authorization header (${text === '' ? 'none' : text}); allowed is AKID/date/region/service/aws4_request`,
      { statusCode: 403 },
    );
  }
  return { caller, scope };
}

/** @returns undefined if the request is not signed */
export function signedFor(request: WireRequest): Credential | undefined {
  try {
    return credentialOf(request);
  } catch {
    return undefined;
  }
}

export interface Spoken {
  readonly protocol: Protocol;
  /** The operation's name as the request gives it, or undefined if it gives none. */
  readonly operationName: string | undefined;
}

/**
 * The protocol of a request, by its own marks.
 * @throws AwsError `UnknownOperationException` if the service does not speak it
 */
export function spokenProtocol(
  request: WireRequest,
  service: ServiceDescription,
  model: ServiceModel,
): Spoken {
  const name = protocolName(request, service);
  if (!service.protocols.includes(name)) {
    throw new AwsError(
      'UnknownOperationException',
      `the request speaks ${name}; allowed here are ${service.protocols.join(', ')}`,
      { statusCode: 404 },
    );
  }
  return { protocol: PROTOCOLS[name], operationName: operationName(name, request, service, model) };
}

/** The protocol to answer in when not even the service is known. */
export function likelyProtocol(request: WireRequest): Protocol {
  return PROTOCOLS[markedProtocol(request) ?? 'rest'];
}

function protocolName(request: WireRequest, service: ServiceDescription): ProtocolName {
  return service.protocols.includes('rest') ? 'rest' : (markedProtocol(request) ?? 'query');
}

function markedProtocol({ headers }: WireRequest): ProtocolName | undefined {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return 'cbor';
  if (headers['x-amz-target'] !== undefined) return 'json';
  return headers['content-type']?.startsWith(FORM_TYPE) ? 'query' : undefined;
}

function operationName(
  name: ProtocolName,
  request: WireRequest,
  service: ServiceDescription,
  model: ServiceModel,
): string | undefined {
  switch (name) {
    case 'json':
      return afterTarget(request.headers['x-amz-target'] ?? '', service);
    case 'cbor': {
      const [, target, operation] = /^\/service\/([^/]+)\/operation\/([^/]+)$/.exec(request.path) ?? [];
      return target === service.target ? operation : undefined;
    }
    case 'query':
      return formOf(request).get('Action') ?? undefined;
    case 'rest':
      return findRestRoute(model.operations.values(), request.method, request.path, request.query)?.operation
        .name;
  }
}

function afterTarget(header: string, service: ServiceDescription): string | undefined {
  const dot = header.lastIndexOf('.');
  return header.slice(0, dot) === service.target ? header.slice(dot + 1) : undefined;
}
