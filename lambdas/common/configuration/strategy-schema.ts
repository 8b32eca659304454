/** The shape of `strategy`, and of what watches or holds a shift: analysis, approval, migration. */
import * as z from 'zod/mini';
import { GATES } from '../service.ts';
import { ANALYSIS, APPROVAL } from './defaults.ts';
import { choice, count, duration, list, mapping, orList, percentage, quantity, text } from './fields.ts';
import type { Vocabulary } from './words.ts';

/** The longest that one bake may be; ECS tasks and alarms do not get better with more. */
const BAKE_MAX = '7d';

export function strategySchema() {
  const options = [
    strategy('all-at-once', {}),
    strategy('canary', {
      percent: percentage(
        'a percentage from 0.1 to 99.9, with at most one decimal',
        'What green gets first; the rest follows in one step. With at most one decimal.',
        0.1,
        99.9,
      ),
      bake: duration('How long green has that share.', '0s', BAKE_MAX),
    }),
    strategy('linear', {
      percent: percentage(
        'a percentage from 1 to 100, with at most one decimal (below 1 there would be more than 100 steps)',
        'What green gets more with each step. With at most one decimal.',
        1,
        100,
      ),
      every: duration('How long each step lasts.', '0s', BAKE_MAX),
    }),
    strategy('steps', { steps: list('one to 100 steps', stepSchema(), 1, 100) }),
    strategy('rolling', {}),
    strategy('recreate', {}),
    strategy('native', {}),
  ] as const;
  const types = orList(options.map(({ shape }) => [...shape.type._zod.def.values].join()));
  return z.discriminatedUnion('type', options, {
    error: (issue) => (issue.code === 'invalid_union' ? types : 'a mapping with the key type'),
  });
}

function strategy<const Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) {
  return mapping('a mapping with the key type', { type: z.literal(type), ...shape });
}

function stepSchema() {
  return mapping('a step: a mapping with percent and bake', {
    percent: percentage(
      'a percentage from 0.1 to 100, with at most one decimal',
      'What green has in this step. With at most one decimal; the last step has 100.',
      0.1,
      100,
    ),
    bake: z.optional(
      duration("How long the step lasts. The last step's is the service's bake.", '0s', BAKE_MAX),
    ),
  });
}

export function analysisSchema() {
  const settings = mapping('true, or a mapping with the settings of the analysis', {
    minimumRequests: z._default(
      count('Requests that each side must have had before its figures count.', 1, 1_000_000),
      ANALYSIS.minimumRequests,
    ),
    tolerance: z._default(
      quantity("How many times blue's response time green's may be.", 1, 100),
      ANALYSIS.tolerance,
    ),
    period: z._default(
      duration('The period of the figures: 10s, 20s, 30s or whole minutes.', '10s', '1h'),
      ANALYSIS.period,
    ),
    lag: z._default(
      duration("How far behind the present CloudWatch's figures are complete.", '0s', '1h'),
      ANALYSIS.lag,
    ),
    otherwise: z._default(
      choice(['pause', 'pass', 'fail'], 'What a verdict becomes that the figures do not allow.'),
      ANALYSIS.otherwise,
    ),
  });
  return z.union([z.literal(true), settings], {
    error: 'true, or a mapping with the settings of the analysis',
  });
}

export function approvalSchema() {
  const allowed = `${orList(GATES)}, or a mapping with gates, timeout and otherwise`;
  const settings = mapping(allowed, {
    gates: list(`one or both of ${GATES.join(', ')}`, choice(GATES, 'A gate.'), 1, GATES.length),
    timeout: z._default(duration('How long a person has.', '1m', '14d'), APPROVAL.timeout),
    otherwise: z._default(choice(['reject', 'approve'], 'What silence means.'), APPROVAL.otherwise),
  });
  return z.union([z.enum(GATES), settings], { error: allowed });
}

export function migrationSchema(words: Vocabulary) {
  return mapping('a mapping with command, container and timeout', {
    container: z.optional(words.otherContainer),
    command: list('one to 50 words of a command', text('a word of a command, in quotes', 4096), 1, 50),
    timeout: z._default(duration('How long the task may take.', '10s', '24h'), '30m'),
  });
}
