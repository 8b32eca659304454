/** SSM Parameter Store: plain parameters in both tiers. Weaker than AWS: no SecureString, labels, policies or tags. */
import { pageOf } from '../page.ts';
import type { Platform } from '../platform.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { SsmApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { createParameterStore, parameterArn, type StoredParameter, validation } from './parameter-store.ts';

const PATH_PAGE_MAX = 10;
const DESCRIBE_PAGE_MAX = 50;
const NAMES_MAX = 10;

export interface SsmSimulator {
  readonly operations: Operations<typeof SsmApi>;
}

export function createSsm(platform: Platform): SsmSimulator {
  const store = createParameterStore();
  return {
    operations: {
      PutParameter: (input) => {
        refuseMembers('PutParameter', input, ['KeyId', 'Policies', 'Tags']);
        if (input.DataType !== undefined && input.DataType !== 'text')
          throw notImplemented(`PutParameter with DataType ${input.DataType}`);
        const { version, tier } = store.put(input, platform.clock.now());
        return { Version: version, Tier: tier };
      },
      GetParameter: ({ Name = '' }) => {
        const parameter = store.find(Name);
        if (!parameter) throw notFound(Name);
        return { Parameter: shown(parameter, Name) };
      },
      GetParameters: ({ Names = [] }) => {
        requireNames(Names);
        const found = Names.map((name) => ({ name, parameter: store.find(name) }));
        return {
          Parameters: found.flatMap(({ name, parameter }) => (parameter ? [shown(parameter, name)] : [])),
          InvalidParameters: found.flatMap(({ name, parameter }) => (parameter ? [] : [name])),
        };
      },
      GetParametersByPath: (input) => {
        refuseMembers('GetParametersByPath', input, ['ParameterFilters']);
        const under = store.list().filter(isUnder(requirePath(input.Path), input.Recursive ?? false));
        const page = pageOf(under, pageSize(input.MaxResults, PATH_PAGE_MAX), input.NextToken, invalidToken);
        return { Parameters: page.elements.map((parameter) => shown(parameter)), NextToken: page.nextToken };
      },
      DescribeParameters: (input) => {
        refuseMembers('DescribeParameters', input, ['Filters', 'Shared']);
        const listed = store
          .list()
          .filter((parameter) => (input.ParameterFilters ?? []).every((filter) => meets(filter, parameter)));
        const page = pageOf(
          listed,
          pageSize(input.MaxResults, DESCRIBE_PAGE_MAX),
          input.NextToken,
          invalidToken,
        );
        return { Parameters: page.elements.map(described), NextToken: page.nextToken };
      },
      DeleteParameter: ({ Name = '' }) => {
        if (!store.remove(Name)) throw notFound(Name);
        return {};
      },
      DeleteParameters: ({ Names = [] }) => {
        requireNames(Names);
        const removed = Names.map((name) => ({ name, existed: store.remove(name) }));
        return {
          DeletedParameters: removed.filter(({ existed }) => existed).map(({ name }) => name),
          InvalidParameters: removed.filter(({ existed }) => !existed).map(({ name }) => name),
        };
      },
    },
  };
}

function shown(parameter: StoredParameter, asked?: string): SsmApi.Parameter {
  const selector = /:\d+$/.exec(asked ?? '')?.[0];
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: parameter.value,
    Version: parameter.version,
    LastModifiedDate: new Date(parameter.modifiedAtMs),
    ARN: parameterArn(parameter.name),
    DataType: 'text',
    ...(selector && { Selector: selector }),
  };
}

function described(parameter: StoredParameter): SsmApi.ParameterMetadata {
  const { Value: _, ...rest } = shown(parameter);
  return {
    ...rest,
    Tier: parameter.tier,
    Description: parameter.description,
    AllowedPattern: parameter.allowedPattern,
  };
}

/** Below the path at any depth, or directly below it. */
function isUnder(path: string, recursive: boolean): (parameter: StoredParameter) => boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return ({ name }) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/'));
}

function meets(
  { Key = '', Option = 'Equals', Values = [] }: SsmApi.ParameterStringFilter,
  { name, type, tier }: StoredParameter,
): boolean {
  const value = { Name: name, Type: type, Tier: tier }[Key];
  if (value === undefined) throw notImplemented(`DescribeParameters with a filter by ${Key}`);
  switch (Option) {
    case 'Equals':
      return Values.includes(value);
    case 'BeginsWith':
      return Values.some((start) => value.startsWith(start));
    case 'Contains':
      return Values.some((part) => value.includes(part));
    default:
      throw notImplemented(`DescribeParameters with the filter option ${Option}`);
  }
}

function requirePath(path = ''): string {
  if (path.startsWith('/')) return path;
  throw validation(`The parameter path ${JSON.stringify(path)} must begin with /`);
}

function pageSize(asked: number | undefined, max: number): number {
  if (asked === undefined) return max;
  if (asked >= 1 && asked <= max) return asked;
  throw validation(
    `Value '${asked}' at 'maxResults' failed to satisfy constraint: it must be between 1 and ${max}`,
  );
}

function requireNames(names: readonly string[]): void {
  if (names.length >= 1 && names.length <= NAMES_MAX) return;
  throw validation(`Value at 'names' has ${names.length} members; 1 to ${NAMES_MAX} are allowed`);
}

const invalidToken = (): AwsError => new AwsError('InvalidNextToken', 'The specified token is not valid.');
const notFound = (name: string): AwsError =>
  new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
