/** Whether a request meets a rule's conditions, with ALB's wildcards and its rules of case. */
import { BlockList } from 'node:net';
import type { PlaneCondition } from './data-plane.ts';

/** What routing needs to know of a request. */
export interface RouteRequest {
  method: string;
  /** Without the query string. */
  path: string;
  /** Raw, without `?`. */
  query: string;
  /** The Host header. */
  host: string;
  sourceIp: string;
  /** A header's value, by its lower-case name. */
  header(name: string): string | undefined;
}

export type Predicate = (request: RouteRequest) => boolean;

/** Compiles conditions: a request must meet all of them, each by any one of its values. */
export function compileConditions(conditions: readonly PlaneCondition[]): Predicate {
  const predicates = conditions.map(compileCondition);
  return (request) => predicates.every((meets) => meets(request));
}

function compileCondition(condition: PlaneCondition): Predicate {
  switch (condition.field) {
    case 'path-pattern':
      return anyPattern(condition.values, '', (request) => request.path);
    case 'host-header':
      return anyPattern(condition.values, 'i', (request) => request.host.replace(/:\d+$/, ''));
    case 'http-header': {
      const name = condition.name.toLowerCase();
      return anyPattern(condition.values, 'i', (request) => request.header(name));
    }
    case 'http-request-method':
      return (request) => condition.values.includes(request.method);
    case 'query-string':
      return anyQuery(condition.values);
    case 'source-ip':
      return anyCidr(condition.values);
  }
}

function anyPattern(
  values: readonly string[],
  flags: string,
  read: (request: RouteRequest) => string | undefined,
): Predicate {
  const patterns = values.map((value) => wildcard(value, flags));
  return (request) => {
    const text = read(request);
    return text !== undefined && patterns.some((pattern) => pattern.test(text));
  };
}

/** `*` stands for any characters or none, `?` for exactly one. */
function wildcard(value: string, flags: string): RegExp {
  const source = value
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}

function anyQuery(values: readonly { key?: string; value: string }[]): Predicate {
  const pairs = values.map(({ key, value }) => ({
    key: wildcard(key ?? '*', 'i'),
    value: wildcard(value, 'i'),
  }));
  return (request) =>
    [...new URLSearchParams(request.query)].some(([key, value]) =>
      pairs.some((pair) => pair.key.test(key) && pair.value.test(value)),
    );
}

function anyCidr(values: readonly string[]): Predicate {
  const ranges = new BlockList();
  for (const value of values) {
    const [network = '', bits] = value.split('/');
    ranges.addSubnet(network, Number(bits), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return ({ sourceIp }) => ranges.check(sourceIp, sourceIp.includes(':') ? 'ipv6' : 'ipv4');
}
