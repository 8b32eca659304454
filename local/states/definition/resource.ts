/** Reads a Task's Resource, and refuses by name what the local cloud cannot call. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Checker } from './checker.ts';
import type { Resource } from './machine.ts';

const FUNCTION_ARN = /^arn:[a-z-]+:lambda:[^:]*:\d{12}:function:[^:]+(:[^:]+)?$/;
const INTEGRATION_ARN = /^arn:[a-z-]+:states:[^:]*:[^:]*:(.+)$/;
const CALLBACK = '.waitForTaskToken';
const INVOKE_ARGUMENTS = ['FunctionName', 'Payload', 'Qualifier'];

export function readResource(checker: Checker, raw: JsonObject, at: string): Resource {
  const resource = typeof raw.Resource === 'string' ? parseResource(raw.Resource) : undefined;
  if (!resource) {
    checker.report(
      `Resource must be the ARN of a function or of an integration, but is ${JSON.stringify(raw.Resource)}`,
      `${at}/Resource`,
    );
    return { kind: 'function', functionArn: '' };
  }
  if (resource.kind === 'integration') checkIntegration(checker, resource, raw, at);
  return resource;
}

function parseResource(arn: string): Resource | undefined {
  if (FUNCTION_ARN.test(arn)) return { kind: 'function', functionArn: arn };
  const name = INTEGRATION_ARN.exec(arn)?.[1];
  if (name === undefined) return undefined;
  const waitsForTaskToken = name.endsWith(CALLBACK);
  return {
    kind: 'integration',
    integration: waitsForTaskToken ? name.slice(0, -CALLBACK.length) : name,
    waitsForTaskToken,
  };
}

function checkIntegration(
  checker: Checker,
  resource: Extract<Resource, { kind: 'integration' }>,
  raw: JsonObject,
  at: string,
): void {
  if (!checker.knowsIntegration(resource.integration)) {
    checker.report(
      `the local cloud has no integration '${resource.integration}' for a Task`,
      `${at}/Resource`,
    );
  }
  if (resource.integration === 'lambda:invoke')
    checkInvokeArguments(checker, raw.Arguments, `${at}/Arguments`);
}

function checkInvokeArguments(checker: Checker, raw: Json | undefined, at: string): void {
  if (!isObject(raw)) return;
  if (raw.FunctionName === undefined) checker.report('lambda:invoke needs FunctionName', at);
  for (const name of Object.keys(raw)) {
    if (!INVOKE_ARGUMENTS.includes(name))
      checker.report(`lambda:invoke: the local cloud does not know the argument '${name}'`, at);
  }
}
