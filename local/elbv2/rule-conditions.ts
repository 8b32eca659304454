/** Conditions of rules: checked and normalised on their way in, and compiled for the data plane. */
import type { PlaneCondition } from '../dataplane/data-plane.ts';
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';

type Condition = Elbv2Api.RuleCondition;

/** ALB's limit on values over all conditions of a rule. */
const VALUES_MAX = 5;

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

/**
 * Checks a rule's conditions and gives them as AWS shows them: path-pattern and host-header in both spellings.
 * @throws AwsError ValidationError, NotImplemented (regular expressions)
 */
export function normaliseConditions(given: readonly Condition[] = []): Condition[] {
  if (given.length === 0) throw invalid('A rule needs at least one condition');
  const conditions = given.map(normaliseCondition);
  const values = conditions.flatMap(valuesOf);
  if (values.length > VALUES_MAX)
    throw invalid(`A rule has ${values.length} condition values; allowed are ${VALUES_MAX}`);
  return conditions;
}

function normaliseCondition(condition: Condition): Condition {
  const { Field, Values, HostHeaderConfig, PathPatternConfig, HttpHeaderConfig } = condition;
  if (
    [condition, HostHeaderConfig, PathPatternConfig, HttpHeaderConfig].some(
      (part) => part?.RegexValues?.length,
    )
  ) {
    throw notImplemented(`RegexValues in a '${Field}' condition`);
  }
  if (valuesOf(condition).length === 0) throw invalid(`A '${Field}' condition needs at least one value`);
  if (Field === 'path-pattern')
    return bothSpellings(Field, 'PathPatternConfig', PathPatternConfig?.Values ?? Values);
  if (Field === 'host-header')
    return bothSpellings(Field, 'HostHeaderConfig', HostHeaderConfig?.Values ?? Values);
  return condition;
}

function bothSpellings(
  Field: string,
  member: 'PathPatternConfig' | 'HostHeaderConfig',
  Values: string[] = [],
): Condition {
  return { Field, Values, [member]: { Values } };
}

function valuesOf(condition: Condition): readonly unknown[] {
  switch (condition.Field) {
    case 'path-pattern':
      return condition.PathPatternConfig?.Values ?? condition.Values ?? [];
    case 'host-header':
      return condition.HostHeaderConfig?.Values ?? condition.Values ?? [];
    case 'http-header':
      return condition.HttpHeaderConfig?.Values ?? [];
    case 'http-request-method':
      return condition.HttpRequestMethodConfig?.Values ?? [];
    case 'query-string':
      return condition.QueryStringConfig?.Values ?? [];
    case 'source-ip':
      return condition.SourceIpConfig?.Values ?? [];
    default:
      throw invalid(
        `Condition field '${condition.Field}' must be one of path-pattern, host-header, http-header, http-request-method, query-string, source-ip`,
      );
  }
}

/** A checked condition for the data plane. */
export function compileCondition(condition: Condition): PlaneCondition {
  const values = valuesOf(condition) as string[];
  switch (condition.Field) {
    case 'http-header':
      return { field: 'http-header', name: condition.HttpHeaderConfig?.HttpHeaderName ?? '', values };
    case 'query-string':
      return {
        field: 'query-string',
        values: (condition.QueryStringConfig?.Values ?? []).map(({ Key, Value }) => ({
          key: Key,
          value: Value ?? '',
        })),
      };
    default:
      return {
        field: condition.Field as 'path-pattern' | 'host-header' | 'http-request-method' | 'source-ip',
        values,
      };
  }
}
