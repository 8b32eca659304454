/** CloudFormation's intrinsic functions: a value of a template becomes the value that a service gets. */
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../platform.ts';
import type { Template } from './template.ts';

/** A resource that exists: what `Ref` and `Fn::GetAtt` give of it. */
export interface CreatedResource {
  readonly type: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Scope {
  readonly stackName: string;
  readonly template: Template;
  readonly created: ReadonlyMap<string, CreatedResource>;
}

/** Marks a value that is to be left out, as `AWS::NoValue` does. */
const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope, path: string) => unknown;

/**
 * Resolves a value, at any depth.
 * @param path where it stands, for errors: `Queue (AWS::SQS::Queue): QueueName`.
 * @throws Error that names path and function, if the function or what it refers to is not known.
 */
export function resolve(value: unknown, scope: Scope, path: string): unknown {
  const resolved = resolveAny(value, scope, path);
  return resolved === NO_VALUE ? undefined : resolved;
}

/** Whether a named condition holds. */
export function isTrue(conditionName: string, scope: Scope, path: string): boolean {
  const expression = scope.template.Conditions[conditionName];
  if (expression === undefined) throw new Error(`${path}: there is no condition ${conditionName}`);
  return resolveCondition(expression, scope, `condition ${conditionName}`);
}

function resolveAny(value: unknown, scope: Scope, path: string): unknown {
  if (Array.isArray(value)) {
    return value
      .map((each, index) => resolveAny(each, scope, `${path}[${index}]`))
      .filter((each) => each !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const call = intrinsicCall(value, path);
  if (call) return call.intrinsic(call.argument, scope, `${path}: ${call.name}`);
  const entries = Object.entries(value).map(
    ([key, each]) => [key, resolveAny(each, scope, `${path}.${key}`)] as const,
  );
  return Object.fromEntries(entries.filter(([, each]) => each !== NO_VALUE));
}

function intrinsicCall(value: object, path: string) {
  const [entry, ...others] = Object.entries(value);
  if (!entry || others.length > 0) return undefined;
  const [name, argument] = entry;
  if (name !== 'Ref' && !name.startsWith('Fn::')) return undefined;
  const intrinsic = INTRINSICS[name];
  if (intrinsic) return { name, argument, intrinsic };
  throw new Error(
    `${path}: the local cloud does not know ${name}; it knows ${Object.keys(INTRINSICS).join(', ')}`,
  );
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope, path) => reference(String(argument), scope, path),
  'Fn::GetAtt': (argument, scope, path) => {
    const [logicalId = '', ...rest] = Array.isArray(argument)
      ? argument.map(String)
      : String(argument).split('.');
    return attribute(logicalId, rest.join('.'), scope, path);
  },
  'Fn::Join': (argument, scope, path) => {
    const [separator, parts] = pair(argument, path);
    return list(resolveAny(parts, scope, path), path)
      .map(String)
      .join(String(separator));
  },
  'Fn::Split': (argument, scope, path) => {
    const [separator, text] = pair(argument, path);
    return String(resolveAny(text, scope, path)).split(String(separator));
  },
  'Fn::Select': (argument, scope, path) => {
    const [index, choices] = pair(argument, path);
    const given = list(resolveAny(choices, scope, path), path);
    const chosen = given[Number(resolveAny(index, scope, path))];
    if (chosen === undefined) throw new Error(`${path}: there is no element ${index} among ${given.length}`);
    return chosen;
  },
  'Fn::Sub': (argument, scope, path) => {
    const [text, variables] = Array.isArray(argument) ? pair(argument, path) : [argument, {}];
    return substitute(
      String(text),
      resolveAny(variables, scope, path) as Record<string, unknown>,
      scope,
      path,
    );
  },
  'Fn::If': (argument, scope, path) => {
    const [condition, then, otherwise] = list(argument, path);
    return resolveAny(isTrue(String(condition), scope, path) ? then : otherwise, scope, path);
  },
};

/** `${Name}`, `${Id.Attribute}`; `${!literal}` stays, without its mark. */
function substitute(text: string, variables: Record<string, unknown>, scope: Scope, path: string): string {
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return String(variables[name]);
    const [logicalId = '', ...rest] = name.split('.');
    return rest.length > 0
      ? attribute(logicalId, rest.join('.'), scope, path)
      : String(reference(name, scope, path));
  });
}

function reference(name: string, scope: Scope, path: string): unknown {
  if (Object.hasOwn(PSEUDO_PARAMETERS, name)) return PSEUDO_PARAMETERS[name];
  if (name === 'AWS::StackName') return scope.stackName;
  if (name === 'AWS::StackId') {
    return `arn:aws:cloudformation:${LOCAL_REGION}:${LOCAL_ACCOUNT}:stack/${scope.stackName}/local`;
  }
  const created = scope.created.get(name);
  if (created) return created.ref;
  return parameter(name, scope, path);
}

const PSEUDO_PARAMETERS: Readonly<Record<string, unknown>> = {
  'AWS::AccountId': LOCAL_ACCOUNT,
  'AWS::Region': LOCAL_REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::NotificationARNs': [],
  'AWS::NoValue': NO_VALUE,
};

function parameter(name: string, { template }: Scope, path: string): unknown {
  const found = template.Parameters[name];
  if (!found) throw new Error(`${path}: there is no resource or parameter ${name}`);
  // CDK's own parameter: the local cloud needs no bootstrap stack, so any version will do.
  if (String(found.Default).startsWith('/cdk-bootstrap/')) return '999';
  if (found.Type.startsWith('AWS::SSM::')) {
    throw new Error(
      `${path}: parameter ${name} takes its value from SSM at deployment, which the local cloud does not do`,
    );
  }
  if (found.Default === undefined) throw new Error(`${path}: parameter ${name} has no default`);
  return found.Type.startsWith('List<') || found.Type === 'CommaDelimitedList'
    ? String(found.Default).split(',')
    : String(found.Default);
}

function attribute(logicalId: string, name: string, { created }: Scope, path: string): string {
  const resource = created.get(logicalId);
  if (!resource) throw new Error(`${path}: there is no resource ${logicalId}`);
  const value = resource.attributes[name];
  if (value !== undefined) return value;
  const known = Object.keys(resource.attributes).join(', ') || 'none';
  throw new Error(`${path}: ${logicalId} (${resource.type}) has no attribute ${name} here; it has ${known}`);
}

function resolveCondition(expression: unknown, scope: Scope, path: string): boolean {
  const [name, argument] = Object.entries(expression as object)[0] ?? [];
  const each = () => list(argument, path).map((one) => resolveCondition(one, scope, path));
  switch (name) {
    case 'Fn::Equals': {
      const [left, right] = pair(argument, path);
      return String(resolveAny(left, scope, path)) === String(resolveAny(right, scope, path));
    }
    case 'Fn::Not':
      return !each()[0];
    case 'Fn::And':
      return each().every(Boolean);
    case 'Fn::Or':
      return each().some(Boolean);
    case 'Condition':
      return isTrue(String(argument), scope, path);
    default:
      throw new Error(`${path}: the local cloud does not know the condition function ${name}`);
  }
}

function list(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${path} takes a list; found ${JSON.stringify(value)}`);
  return value;
}

function pair(value: unknown, path: string): [unknown, unknown] {
  const [first, second, ...others] = list(value, path);
  if (second === undefined || others.length > 0)
    throw new Error(`${path} takes two arguments; found ${JSON.stringify(value)}`);
  return [first, second];
}
