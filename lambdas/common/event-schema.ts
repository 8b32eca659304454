/** The shape of the events that Sidestep puts on the bus: what is published as JSON Schema. */
import * as z from 'zod/mini';
import { OUTCOMES } from './deployment.ts';
import { SERVICE_TRANSITIONS, TRANSITIONS } from './transition-words.ts';

const text = (description: string) => z.string().check(z.minLength(1), z.meta({ description }));
const time = (description: string) =>
  z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/), z.meta({ description }));
const percent = z.number().check(z.gte(0), z.lte(100));

const common = {
  version: z.literal('1').check(z.meta({ description: 'Of this shape. Members may be added to it.' })),
  service: text("The service's name in the configuration."),
  sequence: z.string().check(
    z.regex(/^\d{40}-\d{2}$/),
    z.meta({
      description:
        'The same for the same transition told twice, another for every other; later ones of one deployment have greater ones, compared as text.',
    }),
  ),
  at: time('When it came about: ISO 8601, UTC.'),
};

const spoken = z.strictObject({
  name: text('The word.'),
  by: text('Who said it: an ARN.'),
  session: z.optional(text("The caller's own name for the session.")),
  reason: z.optional(z.string()),
});

/** Detail of `Sidestep Deployment State Change`. */
export const deploymentEvent = z.strictObject({
  ...common,
  transition: z.enum([...TRANSITIONS, ...OUTCOMES]),
  deploymentId: text('orders-20261121t034211z-1f2e3d'),
  strategy: z.optional(text('all-at-once, canary, linear, steps, rolling, recreate or native.')),
  startedBy: z.optional(z.enum(['push', 'person', 'schedule'])),
  digest: z.optional(text('What is deployed: sha256:…, or fleet:… back to a fleet.')),
  tag: z.optional(z.string()),
  image: z.optional(z.string()),
  reason: z.optional(text('Why, in words.')),
  stage: z.optional(text('Of STAGE_STARTED and STAGE_COMPLETED: the state of the machine.')),
  greenPercent: z.optional(percent.check(z.meta({ description: "Green's share of the users' traffic." }))),
  trafficStep: z.optional(z.int()),
  weights: z.optional(
    z
      .array(z.strictObject({ arn: z.string(), weights: z.record(z.string(), z.number()) }))
      .check(z.meta({ description: 'By rule or listener: target group ARN to weight.' })),
  ),
  gate: z.optional(text('The approval that is asked for.')),
  expiresAt: z.optional(time('Until when it can be given.')),
  signal: z.optional(spoken),
  startedAt: z.optional(time('When the deployment began.')),
  endedAt: z.optional(time('When it ended.')),
  successor: z.optional(z.string()),
});

/** Detail of `Sidestep Service State Change`. */
export const serviceEvent = z.strictObject({
  ...common,
  transition: z.enum(SERVICE_TRANSITIONS),
  by: text('Who said it: an ARN.'),
  session: z.optional(z.string()),
  reason: z.optional(z.string()),
  until: z.optional(time('Of FROZEN.')),
  deploymentId: z.optional(z.string()),
});

export type DeploymentEvent = z.output<typeof deploymentEvent>;
export type ServiceEvent = z.output<typeof serviceEvent>;
