/** How a check must ask so that the test rule takes it: a request that misses the rule would be answered by production. */

export interface ConditionFacts {
  Field?: string;
  Values?: string[];
  HostHeaderConfig?: { Values?: string[] };
  HttpHeaderConfig?: { HttpHeaderName?: string; Values?: string[] };
  PathPatternConfig?: { Values?: string[] };
  HttpRequestMethodConfig?: { Values?: string[] };
}

/** One request as its check asks for it. */
export interface AskedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** In place of the host that the rule asks for. */
  readonly host?: string;
}

export type TestAddressVerdict =
  /** The headers of each request, in their order; names in small letters. */
  | { readonly reachable: true; readonly headers: readonly Readonly<Record<string, string>>[] }
  | { readonly reachable: false; readonly reason: string };

/** @param isTls whether the listener's certificate has to match the host */
export function judgeTestAddress(
  conditions: readonly ConditionFacts[],
  { requests, isTls }: { requests: readonly AskedRequest[]; isTls: boolean },
): TestAddressVerdict {
  const headers: Record<string, string>[] = [];
  for (const request of requests) {
    const met = meetAll(conditions, request);
    if (typeof met === 'string') return { reachable: false, reason: met };
    if (isTls && !met.host) {
      const reason = `an HTTPS test listener needs a host-header condition, or a host in the check of ${request.path}, which its certificate matches`;
      return { reachable: false, reason };
    }
    headers.push(met);
  }
  return { reachable: true, headers };
}

/** The headers with which a request meets all conditions, or why it cannot. */
function meetAll(
  conditions: readonly ConditionFacts[],
  request: AskedRequest,
): Record<string, string> | string {
  const headers: Record<string, string> = request.host === undefined ? {} : { host: request.host };
  for (const condition of conditions) {
    const problem = meet(condition, request, headers);
    if (problem) return problem;
  }
  return headers;
}

/** Adds the headers that meet a condition. @returns why it cannot be met, or undefined */
function meet(
  condition: ConditionFacts,
  { method, path, host }: AskedRequest,
  headers: Record<string, string>,
): string | undefined {
  switch (condition.Field) {
    case 'host-header': {
      const patterns = condition.HostHeaderConfig?.Values ?? condition.Values ?? [];
      if (host === undefined) return meetHeader('host', patterns, headers);
      const isMet = patterns.some((pattern) => matches(pattern.toLowerCase(), host.toLowerCase()));
      return isMet ? undefined : `host ${host} of a check is not of the test rule's ${patterns.join(', ')}`;
    }
    case 'http-header': {
      const { HttpHeaderName = '', Values = [] } = condition.HttpHeaderConfig ?? {};
      const name = HttpHeaderName.toLowerCase();
      if (FRAMING.test(name))
        return `a check cannot set the header ${HttpHeaderName} that the test rule asks for`;
      return meetHeader(name, Values, headers);
    }
    case 'path-pattern': {
      const patterns = condition.PathPatternConfig?.Values ?? condition.Values ?? [];
      const [withoutQuery = ''] = path.split('?');
      const isMet = patterns.some((pattern) => matches(pattern, withoutQuery));
      return isMet ? undefined : `path ${path} of a check is not of the test rule's ${patterns.join(', ')}`;
    }
    case 'http-request-method':
      return condition.HttpRequestMethodConfig?.Values?.includes(method)
        ? undefined
        : `the test rule takes no ${method}`;
    default:
      return `a check cannot meet the test rule's condition on ${condition.Field}`;
  }
}

/** Headers that say where a message ends and who it is for: with them one request could become another. */
const FRAMING =
  /^(host|connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*)$/;

function meetHeader(
  name: string,
  values: readonly string[],
  headers: Record<string, string>,
): string | undefined {
  const value = values.find((one) => !/[*?]/.test(one));
  if (value === undefined)
    return `the test rule's ${name} has wildcards only (${values.join(', ')}); give it one plain value`;
  headers[name] = value;
  return undefined;
}

/** ELB's patterns: `*` for any run of characters, `?` for one. */
function matches(pattern: string, path: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`).test(path);
}
