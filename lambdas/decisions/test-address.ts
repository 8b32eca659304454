/** How a check must ask so that the test rule takes it: a request that misses the rule would be answered by production. */

export interface ConditionFacts {
  Field?: string;
  Values?: string[];
  HostHeaderConfig?: { Values?: string[] };
  HttpHeaderConfig?: { HttpHeaderName?: string; Values?: string[] };
  PathPatternConfig?: { Values?: string[] };
  HttpRequestMethodConfig?: { Values?: string[] };
}

export type TestAddressVerdict =
  | { readonly reachable: true; readonly headers: Readonly<Record<string, string>> }
  | { readonly reachable: false; readonly reason: string };

/** @param paths of the checks; @param isTls whether the listener's certificate has to match the host */
export function judgeTestAddress(
  conditions: readonly ConditionFacts[],
  { paths, isTls }: { paths: readonly string[]; isTls: boolean },
): TestAddressVerdict {
  const headers: Record<string, string> = {};
  for (const condition of conditions) {
    const problem = meet(condition, paths, headers);
    if (problem) return { reachable: false, reason: problem };
  }
  if (isTls && !headers.host) {
    return {
      reachable: false,
      reason: 'an HTTPS test listener needs a host-header condition, which its certificate matches',
    };
  }
  return { reachable: true, headers };
}

/** Adds the headers that meet a condition. @returns why it cannot be met, or undefined */
function meet(
  condition: ConditionFacts,
  paths: readonly string[],
  headers: Record<string, string>,
): string | undefined {
  switch (condition.Field) {
    case 'host-header':
      return meetHeader('host', condition.HostHeaderConfig?.Values ?? condition.Values ?? [], headers);
    case 'http-header': {
      const { HttpHeaderName = '', Values = [] } = condition.HttpHeaderConfig ?? {};
      return meetHeader(HttpHeaderName.toLowerCase(), Values, headers);
    }
    case 'path-pattern': {
      const patterns = condition.PathPatternConfig?.Values ?? condition.Values ?? [];
      const missed = paths.find((path) => !patterns.some((pattern) => matches(pattern, path)));
      return missed && `path ${missed} of a check is not of the test rule's ${patterns.join(', ')}`;
    }
    case 'http-request-method':
      return condition.HttpRequestMethodConfig?.Values?.includes('GET')
        ? undefined
        : 'the test rule takes no GET';
    default:
      return `a check cannot meet the test rule's condition on ${condition.Field}`;
  }
}

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
