/** What a target is given: the event, a part of it, a constant, or a template filled from it. */
import { AwsError } from '../wire/aws-error.ts';
import type { EventBridgeApi } from '../wire/models.ts';
import type { EventEnvelope } from './envelope.ts';

/** The rule that a template may speak of. */
export interface RuleIdentity {
  name: string;
  arn: string;
}

const PLACEHOLDER = /<([\w.-]+)>/g;

/** The payload for a target. */
export function targetPayload(
  target: EventBridgeApi.Target,
  event: EventEnvelope,
  rule: RuleIdentity,
): unknown {
  if (target.Input !== undefined) return JSON.parse(target.Input);
  if (target.InputPath !== undefined) return valueAtPath(event, target.InputPath) ?? null;
  if (target.InputTransformer) return transformed(target.InputTransformer, event, rule);
  return event;
}

/** @throws AwsError `ValidationException` for more than one kind of input, bad JSON, paths or placeholders. */
export function requireTargetInput(target: EventBridgeApi.Target): void {
  const { Id, Input, InputPath, InputTransformer } = target;
  if ([Input, InputPath, InputTransformer].filter((one) => one !== undefined).length > 1) {
    throw validation(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  }
  if (Input !== undefined && !isJson(Input)) throw validation(`JSON syntax error in input for target ${Id}`);
  if (InputPath !== undefined) requirePath(`InputPath for target ${Id}`, InputPath);
  if (InputTransformer) requireTransformer(Id, InputTransformer);
}

function requireTransformer(
  id: string | undefined,
  { InputPathsMap = {}, InputTemplate = '' }: EventBridgeApi.InputTransformer,
): void {
  for (const [name, path] of Object.entries(InputPathsMap))
    requirePath(`InputPathsMap.${name} for target ${id}`, path);
  const undefinedName = [...InputTemplate.matchAll(PLACEHOLDER)]
    .map(([, name = '']) => name)
    .find((name) => !Object.hasOwn(InputPathsMap, name) && !name.startsWith('aws.events.'));
  if (undefinedName === undefined) return;
  throw validation(
    `Invalid InputTemplate for target ${id} : Placeholder <${undefinedName}> is not defined in InputPathsMap.`,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function requirePath(what: string, path: string): void {
  if (!stepsOf(path))
    throw validation(`${what} is ${JSON.stringify(path)}; allowed are $, .name, ['name'] and [0]`);
}

function stepsOf(path: string): (string | number)[] | undefined {
  if (!/^\$(\.[\w-]+|\['[^']+'\]|\["[^"]+"\]|\[\d+\])*$/.test(path)) return undefined;
  const steps = path.matchAll(/\.([\w-]+)|\[['"]([^'"]+)['"]\]|\[(\d+)\]/g);
  return [...steps].map(([, name, quoted, index]) =>
    index === undefined ? (name ?? quoted ?? '') : Number(index),
  );
}

function valueAtPath(event: unknown, path: string): unknown {
  let value = event;
  for (const step of stepsOf(path) ?? []) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** A template that comes out as JSON is delivered as that value, any other as text. */
function transformed(
  { InputPathsMap = {}, InputTemplate = '' }: EventBridgeApi.InputTransformer,
  event: EventEnvelope,
  rule: RuleIdentity,
): unknown {
  const lookUp = (name: string): unknown =>
    Object.hasOwn(InputPathsMap, name)
      ? valueAtPath(event, InputPathsMap[name] ?? '$')
      : reserved(name, event, rule);
  const text = filled(InputTemplate, lookUp);
  return isJson(text) ? JSON.parse(text) : text;
}

function reserved(name: string, event: EventEnvelope, rule: RuleIdentity): unknown {
  switch (name) {
    case 'aws.events.rule-name':
      return rule.name;
    case 'aws.events.rule-arn':
      return rule.arn;
    case 'aws.events.event.ingestion-time':
      return event.time;
    case 'aws.events.event.json':
      return event;
    case 'aws.events.event': {
      const { detail: _, ...withoutDetail } = event;
      return withoutDetail;
    }
    default:
      return undefined;
  }
}

/** Inside a JSON string a value is spliced into the text; outside it stands as JSON of its own. */
function filled(template: string, value: (name: string) => unknown): string {
  let isInString = false;
  return template.replace(/\\.|"|<([\w.-]+)>/gs, (token, name: string | undefined) => {
    if (token === '"') isInString = !isInString;
    if (name === undefined) return token;
    return isInString ? spliced(value(name)) : (JSON.stringify(value(name)) ?? 'null');
  });
}

function spliced(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
