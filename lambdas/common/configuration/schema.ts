/** The shape of sidestep.yaml, as one zod schema: a message of the schema says what is allowed at its place. */
import * as z from 'zod/mini';
import { SHAPES } from './arn.ts';
import { DURATION, durationSeconds, HTTP_TIMEOUT } from './duration.ts';

/** True for a text whose value is not known yet (a CDK token); its form cannot be checked. */
export type IsKnownLater = (text: string) => boolean;

export type ConfigurationDocument = z.output<ReturnType<typeof configurationSchema>>;
export type ServiceDocument = ConfigurationDocument['services'][string];

const STRATEGIES_NOT_YET = 'canary, linear, steps, rolling, recreate and native are not supported yet';

export function configurationSchema(isKnownLater: IsKnownLater = () => false) {
  const words = vocabulary(isKnownLater);
  return mapping('a mapping with the key services', {
    services: z
      .record(z.string(), serviceSchema(words), { error: 'a mapping from service names to services' })
      .check(
        z.refine((services) => Object.keys(services).length > 0, { error: 'at least one service' }),
        z.meta({ propertyNames: { pattern: SHAPES.serviceName.source }, minProperties: 1 }),
      ),
  });
}

function serviceSchema(words: Vocabulary) {
  return mapping('a service', {
    image: imageSchema(words),
    strategy: z._default(strategySchema(), { type: 'all-at-once' }),
    traffic: trafficSchema(words),
    sides: list('exactly two sides', sideSchema(words), 2, 2),
    roles: z._default(list('a list of at most 50 role ARNs', words.role, 0, 50), []),
    checks: z._default(checksSchema(words), { http: [], alarms: [] }),
    bake: z._default(duration('How long both sides run after the shift.', '0s', '7d'), '10m'),
    initialCount: z._default(
      count('The count of a first deployment, when nothing runs that could be counted.', 1, 5000),
      1,
    ),
    steadyState: z._default(
      timeout('How long green may take to become steady and healthy.', '1m', '24h', '30m'),
      { timeout: '30m' },
    ),
    drain: z._default(
      timeout('How long blue may take to finish its last requests and stop.', '1m', '24h', '30m'),
      { timeout: '30m' },
    ),
    propagation: z._default(
      duration(
        'How long a written weight is given to take effect everywhere before anything is stopped.',
        '0s',
        '5m',
      ),
      '10s',
    ),
  });
}

function imageSchema(words: Vocabulary) {
  return mapping('a mapping that says which image is deployed', {
    repository: words.repository,
    registryId: z.optional(words.account),
    container: words.container,
    tags: mapping('a mapping with exact or glob', {
      exact: z.optional(words.tag),
      glob: z.optional(words.glob),
    }).check(z.meta({ minProperties: 1, maxProperties: 1 })),
  });
}

function strategySchema() {
  return mapping('a mapping with the key type', {
    type: z.literal('all-at-once', { error: `all-at-once (${STRATEGIES_NOT_YET})` }),
  });
}

function trafficSchema(words: Vocabulary) {
  return mapping('a mapping with rules or listener', {
    rules: z.optional(list('one to ten ARNs of listener rules', words.rule, 1, 10)),
    listener: z.optional(words.listener),
    testRule: z.optional(words.rule),
  }).check(z.meta({ oneOf: [{ required: ['rules'] }, { required: ['listener'] }] }));
}

function sideSchema(words: Vocabulary) {
  return mapping('a side: a mapping with cluster, service and targetGroup', {
    cluster: words.cluster,
    service: words.ecsService,
    targetGroup: words.targetGroup,
  });
}

function checksSchema(words: Vocabulary) {
  return mapping('a mapping with http and alarms', {
    http: z._default(list('a list of at most 10 HTTP checks', httpCheckSchema(words), 0, 10), []),
    alarms: z._default(list('a list of at most 100 alarm names', words.alarm, 0, 100), []),
  });
}

function httpCheckSchema(words: Vocabulary) {
  return mapping('an HTTP check', {
    path: words.httpPath,
    status: z._default(count('The status code that passes.', 200, 599), 200),
    timeout: z._default(duration('How long an answer may take.', '1s', '20s'), HTTP_TIMEOUT),
  });
}

type Vocabulary = ReturnType<typeof vocabulary>;

/** The words that stand at the leaves. */
function vocabulary(isKnownLater: IsKnownLater) {
  const word = (shape: RegExp, allowed: string) =>
    z.string({ error: allowed }).check(
      z.refine((text) => isKnownLater(text) || shape.test(text), { error: allowed }),
      z.meta({ pattern: shape.source, description: sentence(allowed) }),
    );
  return {
    repository: word(SHAPES.repository, "an ECR repository's name"),
    account: word(SHAPES.account, 'an AWS account: 12 digits in quotes'),
    container: word(SHAPES.container, "the name of the task definition's container that receives the image"),
    tag: word(SHAPES.tag, 'an image tag, in quotes if it looks like a number'),
    glob: word(SHAPES.glob, "a glob pattern of image tags, such as 'v*'"),
    cluster: word(SHAPES.cluster, 'the name or ARN of an ECS cluster'),
    ecsService: word(SHAPES.ecsService, 'the name or ARN of an ECS service'),
    targetGroup: word(SHAPES.targetGroup, 'the ARN of a target group'),
    listener: word(SHAPES.listener, "the ARN of an Application Load Balancer's listener"),
    rule: word(SHAPES.rule, "the ARN of an Application Load Balancer's listener rule"),
    role: word(SHAPES.role, 'the ARN of an IAM role'),
    httpPath: word(SHAPES.httpPath, 'a path that begins with /'),
    alarm: word(SHAPES.alarm, 'the name of a CloudWatch alarm'),
  };
}

/** A mapping in which every unknown key is an error. */
function mapping<Shape extends z.core.$ZodLooseShape>(allowed: string, shape: Shape) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys.join(', ') : allowed),
  });
}

function list<Item extends z.core.$ZodType>(allowed: string, item: Item, min: number, max: number) {
  return z
    .array(item, { error: allowed })
    .check(z.minLength(min, { error: allowed }), z.maxLength(max, { error: allowed }));
}

function duration(description: string, min: string, max: string) {
  const allowed = `a duration from ${min} to ${max}, such as 30s, 10m or 1h`;
  const isWithin = (seconds: number | undefined) =>
    seconds !== undefined && seconds >= (durationSeconds(min) ?? 0) && seconds <= (durationSeconds(max) ?? 0);
  return z.string({ error: allowed }).check(
    z.refine((text) => isWithin(durationSeconds(text)), { error: allowed }),
    z.meta({ pattern: DURATION.source, description: `${description} From ${min} to ${max}.` }),
  );
}

function timeout(description: string, min: string, max: string, otherwise: string) {
  return mapping('a mapping with the key timeout', {
    timeout: z._default(duration(description, min, max), otherwise),
  });
}

function count(description: string, min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max}`;
  return z
    .int({ error: allowed })
    .check(z.gte(min, { error: allowed }), z.lte(max, { error: allowed }), z.meta({ description }));
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
