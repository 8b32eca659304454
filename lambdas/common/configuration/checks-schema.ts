/** The shape of `checks`: what green must pass. */
import * as z from 'zod/mini';
import { SHAPES } from './arn.ts';
import { HTTP_TIMEOUT } from './defaults.ts';
import { choice, count, duration, fineDuration, list, mapping, text } from './fields.ts';
import type { Vocabulary } from './words.ts';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'] as const;

export function checksSchema(words: Vocabulary) {
  return mapping('a mapping with http, network, lambda, task and alarms', {
    http: z._default(list('a list of at most 10 HTTP checks', httpCheckSchema(words), 0, 10), []),
    network: z.optional(networkSchema(words)),
    lambda: z._default(list('a list of at most 10 Lambda checks', lambdaCheckSchema(words), 0, 10), []),
    task: z._default(list('a list of at most 10 task checks', taskCheckSchema(words), 0, 10), []),
    alarms: z._default(alarmsSchema(words), []),
  });
}

function httpCheckSchema(words: Vocabulary) {
  return mapping('an HTTP check', {
    path: words.httpPath,
    method: z._default(choice(METHODS, 'The method of the request.'), 'GET'),
    host: z.optional(words.host),
    status: z._default(count('The status code that passes.', 200, 599), 200),
    contains: z.optional(text('a text of at most 1000 characters', 1000)),
    json: z.optional(jsonSchema()),
    inARow: z._default(count('How many answers in a row must pass.', 1, 20), 1),
    latency: z.optional(fineDuration('The slowest answer that passes.', '10ms', '20s')),
    timeout: z._default(duration('How long an answer may take.', '1s', '20s'), HTTP_TIMEOUT),
  });
}

function jsonSchema() {
  const allowed =
    "a mapping from one to 20 JSON pointers, such as '/status', to the texts, numbers or booleans that stand there";
  return z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.null()], {
        error: 'a text, a number, a boolean or null',
      }),
      { error: allowed },
    )
    .check(
      z.refine((pointers) => isFewPointers(Object.keys(pointers)), { error: allowed }),
      z.meta({
        propertyNames: { pattern: SHAPES.jsonPointer.source },
        minProperties: 1,
        maxProperties: 20,
        description: 'JSON pointers and the values that must stand there.',
      }),
    );
}

function isFewPointers(keys: readonly string[]): boolean {
  return keys.length >= 1 && keys.length <= 20 && keys.every((key) => SHAPES.jsonPointer.test(key));
}

function networkSchema(words: Vocabulary) {
  return mapping('a mapping with subnets and securityGroups', {
    subnets: list('one to 16 ids of subnets', words.subnet, 1, 16),
    securityGroups: list('one to five ids of security groups', words.securityGroup, 1, 5),
  });
}

function lambdaCheckSchema(words: Vocabulary) {
  return mapping('a Lambda check: a mapping with function and timeout', {
    function: words.lambda,
    timeout: z._default(duration('How long the function may take.', '1s', '15m'), '1m'),
  });
}

function taskCheckSchema(words: Vocabulary) {
  return mapping('a task check: a mapping with taskDefinition, cluster and timeout', {
    taskDefinition: words.taskDefinition,
    cluster: z.optional(words.cluster),
    timeout: z._default(duration('How long the task may take.', '10s', '6h'), '10m'),
  });
}

function alarmsSchema(words: Vocabulary) {
  const allowed = 'a list of at most 100 alarm names, or a mapping with service and sides';
  const names = list('a list of at most 100 alarm names', words.alarm, 0, 100);
  const mapped = mapping(allowed, {
    service: z._default(names, []),
    sides: z._default(
      z.record(z.string(), names, {
        error: "a mapping from the sides' ECS services or fleets to lists of alarm names",
      }),
      {},
    ),
  });
  return z.union([names, mapped], { error: allowed });
}
