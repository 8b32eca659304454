/** REST-JSON: the operation in method and path, members in path, query string, headers and body. */
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import type { WireRequest } from './endpoint.ts';
import { errorMembers, type Failure } from './failure.ts';
import { jsonName, jsonReader, jsonWriter, parseJson } from './json-format.ts';
import { missing, type Path, unknownMember, wrongType } from './mismatch.ts';
import { type Protocol, utf8 } from './protocol.ts';
import { bindingOf, partOf, type RestBinding } from './rest-binding.ts';
import { findRestRoute, literalQuery } from './rest-route.ts';
import type { Operation } from './service-model.ts';
import type { Leaf, Member, Structure, TimestampFormat } from './shape.ts';
import { readText, writeText } from './text-leaf.ts';

const reader = jsonReader(jsonName);
const writer = jsonWriter(jsonName);

export const restProtocol: Protocol = {
  readInput: (request, operation) => {
    const binding = bindingOf(operation.input);
    const path: Path = { parent: undefined, key: operation.name };
    const input = {
      ...readLabels(request, operation, binding, path),
      ...readQuery(request, operation, binding, path),
      ...readHeaders(request, binding, path),
      ...readBody(request, operation, binding),
    };
    return requireAll(operation.input.shape as Structure, input, path);
  },
  writeOutput: (output, operation, { requestId }) => {
    const shape = operation.output.shape as Structure;
    const fields = (output ?? {}) as Readonly<Record<string, unknown>>;
    // Checked as a whole first: parts alone would not show a member that belongs nowhere.
    encode(operation.output, fields, writer);
    const binding = bindingOf(operation.output);
    const status = binding.statusCode && fields[binding.statusCode.name];
    const { body, contentType } = writeBody(shape, fields, binding);
    return {
      statusCode: Number(status ?? operation.traits.http?.[2] ?? 200),
      headers: {
        ...writeHeaders(fields, binding),
        'content-type': contentType,
        'x-amzn-requestid': requestId,
      },
      body,
    };
  },
  writeFailure: (failure, { requestId }) => ({
    statusCode: failure.statusCode,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': failure.name,
    },
    body: utf8(JSON.stringify(failureBody(failure))),
  }),
};

function failureBody(failure: Failure): unknown {
  const members = errorMembers(failure);
  const { shape } = failure;
  return shape ? encode({ name: failure.name, shape, traits: {} }, members, writer) : members;
}

type Input = Record<string, unknown>;

function readLabels(request: WireRequest, operation: Operation, binding: RestBinding, path: Path): Input {
  const labels = findRestRoute([operation], request.method, request.path, request.query)?.labels ?? {};
  const given = binding.labels.filter((member) => labels[member.name] !== undefined);
  return fromTexts(given, (member) => [labels[member.name] ?? ''], path, 'date-time');
}

function readQuery(request: WireRequest, operation: Operation, binding: RestBinding, path: Path): Input {
  const query = new URLSearchParams(request.query);
  const literal = literalQuery(operation.traits.http?.[1] ?? '');
  const known = binding.query.map((member) => member.traits.httpQuery ?? member.name);
  const rest = [...new Set(query.keys())].filter(
    (name) => !known.includes(name) && !literal.has(name) && !name.startsWith('X-Amz-'),
  );
  const [unknown] = rest;
  if (unknown !== undefined && !binding.queryParams)
    throw unknownMember(path, unknown, 'the query string', known);
  const given = binding.query.filter((member) => query.has(member.traits.httpQuery ?? ''));
  const bound = fromTexts(given, (member) => query.getAll(member.traits.httpQuery ?? ''), path, 'date-time');
  if (!binding.queryParams || rest.length === 0) return bound;
  return {
    ...bound,
    [binding.queryParams.name]: Object.fromEntries(rest.map((name) => [name, query.get(name)])),
  };
}

function readHeaders({ headers }: WireRequest, binding: RestBinding, path: Path): Input {
  const textOf = (member: Member): string | undefined =>
    headers[member.traits.httpHeader?.toLowerCase() ?? ''];
  const given = binding.headers.filter((member) => textOf(member) !== undefined);
  const texts = (member: Member): string[] =>
    member.shape.kind === 'list' ? (textOf(member) ?? '').split(/\s*,\s*/) : [textOf(member) ?? ''];
  return fromTexts(given, texts, path, 'http-date');
}

function fromTexts(
  members: readonly Member[],
  textsOf: (member: Member) => readonly string[],
  path: Path,
  timestamps: TimestampFormat,
): Input {
  const read = (member: Member, shape: Member['shape'], text: string): unknown => {
    const value = readText(text, shape as Leaf, timestamps);
    if (value === undefined) throw wrongType({ parent: path, key: member.name }, text, `a ${shape.kind}`);
    return value;
  };
  return Object.fromEntries(
    members.map((member) => {
      const { shape } = member;
      const texts = textsOf(member);
      if (shape.kind !== 'list') return [member.name, read(member, shape, texts[0] ?? '')];
      return [member.name, texts.map((text) => read(member, shape.element.shape, text))];
    }),
  );
}

function readBody(request: WireRequest, operation: Operation, { payload, body }: RestBinding): Input {
  if (!payload) {
    const member: Member = { name: operation.name, shape: body, traits: {} };
    return decode(member, parseJson(request.body), reader) as Input;
  }
  if (request.body.length === 0) return {};
  if (payload.shape.kind === 'blob') return { [payload.name]: new Uint8Array(request.body) };
  if (payload.shape.kind === 'string') return { [payload.name]: Buffer.from(request.body).toString('utf8') };
  return { [payload.name]: decode(payload, parseJson(request.body), reader) };
}

function requireAll(shape: Structure, input: Input, path: Path): Input {
  const absent = [...shape.required].find((name) => input[name] === undefined);
  if (absent !== undefined) throw missing(path, absent, shape.name);
  return input;
}

function writeHeaders(fields: Readonly<Input>, binding: RestBinding): Record<string, string> {
  const given = binding.headers.filter((member) => fields[member.name] !== undefined);
  return Object.fromEntries(
    given.map((member) => {
      const { shape } = member;
      const value = fields[member.name];
      const text =
        shape.kind === 'list'
          ? (value as unknown[])
              .map((item) => writeText(item, shape.element.shape as Leaf, 'http-date'))
              .join(', ')
          : writeText(value, shape as Leaf, 'http-date');
      return [member.traits.httpHeader?.toLowerCase() ?? '', text];
    }),
  );
}

function writeBody(
  shape: Structure,
  fields: Readonly<Input>,
  { payload, body }: RestBinding,
): { body: Uint8Array; contentType: string } {
  if (!payload) {
    const names = new Set(body.members.map((member) => member.name));
    const part = Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name)));
    const member: Member = { name: shape.name, shape: partOf(shape, body.members), traits: {} };
    return { body: utf8(JSON.stringify(encode(member, part, writer))), contentType: 'application/json' };
  }
  const value = fields[payload.name];
  if (value === undefined) return { body: new Uint8Array(), contentType: 'application/json' };
  if (payload.shape.kind === 'blob')
    return { body: value as Uint8Array, contentType: 'application/octet-stream' };
  return { body: utf8(JSON.stringify(encode(payload, value, writer))), contentType: 'application/json' };
}
