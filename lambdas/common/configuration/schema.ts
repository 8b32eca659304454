/** The shape of sidestep.yaml, as one zod schema: a message of the schema says what is allowed at its place. */
import * as z from 'zod/mini';
import { SHAPES } from './arn.ts';
import { calendarShape } from './calendar-schema.ts';
import { checksSchema } from './checks-schema.ts';
import { BAKE } from './defaults.ts';
import { count, duration, list, mapping } from './fields.ts';
import { historySchema } from './history-schema.ts';
import { imageSchema } from './image-schema.ts';
import { orderShape } from './order-schema.ts';
import { analysisSchema, approvalSchema, migrationSchema, strategySchema } from './strategy-schema.ts';
import { type IsKnownLater, type Vocabulary, vocabulary } from './words.ts';

export type ConfigurationDocument = z.output<ReturnType<typeof configurationSchema>>;
export type ServiceDocument = ConfigurationDocument['services'][string];

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
    traffic: z.optional(trafficSchema(words)),
    sides: list('one or two sides', sideSchema(words), 1, 2),
    roles: z._default(list('a list of at most 50 role ARNs', words.role, 0, 50), []),
    checks: z._default(checksSchema(words), { http: [], lambda: [], task: [], alarms: [] }),
    analysis: z.optional(analysisSchema()),
    approval: z.optional(approvalSchema()),
    approvers: z._default(
      list('a list of at most 50 ARNs of IAM roles and users', words.principal, 0, 50),
      [],
    ),
    migration: z.optional(migrationSchema(words)),
    bake: z
      .optional(duration('How long both sides run after the last shift.', '0s', '7d'))
      .check(z.meta({ default: BAKE })),
    keepBlue: z._default(duration('How long blue stays whole after success.', '0s', '7d'), '0s'),
    pause: z._default(
      mapping('a mapping with the key timeout', {
        timeout: z._default(
          duration('How long a pause may last before the deployment steps back.', '1m', '14d'),
          '24h',
        ),
      }),
      { timeout: '24h' },
    ),
    deadline: z.optional(
      duration('How long the deployment may take until green serves and has baked.', '1m', '24h'),
    ),
    initialCount: z._default(
      count('The count of a first deployment, when nothing runs that could be counted.', 1, 5000),
      1,
    ),
    steadyState: z._default(
      mapping('a mapping with the key timeout', {
        timeout: z._default(
          duration('How long green may take to become steady and healthy.', '1m', '24h'),
          '30m',
        ),
      }),
      { timeout: '30m' },
    ),
    ...calendarShape(),
    drain: z._default(drainSchema(), { timeout: '30m', sticky: '1h' }),
    ...orderShape(),
    history: historySchema(),
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

function trafficSchema(words: Vocabulary) {
  return mapping('a mapping with rules, listener or modules', {
    rules: z.optional(list('one to ten ARNs of listener rules', words.rule, 1, 10)),
    listener: z.optional(words.listener),
    modules: z.optional(list('one to 20 modules', moduleSchema(words), 1, 20)),
    testRule: z.optional(words.rule),
  }).check(
    z.meta({ oneOf: [{ required: ['rules'] }, { required: ['listener'] }, { required: ['modules'] }] }),
  );
}

function moduleSchema(words: Vocabulary) {
  return mapping('a module: a mapping with name, rule and address', {
    name: words.module,
    rule: words.rule,
    address: words.moduleAddress,
  });
}

function sideSchema(words: Vocabulary) {
  return mapping('a side: a mapping with cluster, service and targetGroup, or with fleet and targetGroup', {
    cluster: z.optional(words.cluster),
    service: z.optional(words.ecsService),
    fleet: z.optional(words.fleet),
    targetGroup: z.optional(words.targetGroup),
  }).check(z.meta({ oneOf: [{ required: ['cluster', 'service'] }, { required: ['fleet', 'targetGroup'] }] }));
}

function drainSchema() {
  return mapping('a mapping with timeout and sticky', {
    timeout: z._default(
      duration('How long blue may take to finish its last requests and stop.', '1m', '24h'),
      '30m',
    ),
    sticky: z._default(
      duration('How long sticky clients of blue are waited for before it is drained.', '0s', '7d'),
      '1h',
    ),
  });
}
