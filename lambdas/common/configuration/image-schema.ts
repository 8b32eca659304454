/** The shape of `image`: which images a service takes, for which containers, and what they must have passed. */
import validRange from 'semver/ranges/valid.js';
import * as z from 'zod/mini';
import { SEVERITIES } from '../service.ts';
import { choice, duration, list, mapping, text } from './fields.ts';
import type { Vocabulary } from './words.ts';

export function imageSchema(words: Vocabulary) {
  return mapping('a mapping that says which image is deployed', {
    ...sourceShape(words),
    base: z._default(
      choice(
        ['running', 'family-latest'],
        'The task definition that the new revision is made of: the running one, or the newest of its family.',
      ),
      'running',
    ),
    minimumAge: z._default(
      duration('How long ago an image must have arrived in ECR before automation deploys it.', '0s', '90d'),
      '0s',
    ),
    scan: z.optional(scanSchema()),
    signature: z.optional(
      mapping('a mapping with the key timeout', {
        timeout: z._default(duration("How long ECR's signatures are waited for.", '1m', '24h'), '10m'),
      }),
    ),
    keepTag: z.optional(words.tag),
    sidecars: z._default(
      list(
        'at most nine sidecars',
        mapping('a sidecar: a mapping with repository, container and tags', sourceShape(words)),
        0,
        9,
      ),
      [],
    ),
  });
}

function sourceShape(words: Vocabulary) {
  const containers = list('one to ten names of containers', words.otherContainer, 1, 10);
  return {
    repository: words.repository,
    registryId: z.optional(words.account),
    container: z.union([words.container, containers], {
      error: 'the name of a container, or a list of one to ten names',
    }),
    tags: tagsSchema(words),
  };
}

function tagsSchema(words: Vocabulary) {
  const allowed = "a range of versions, such as '>=1.0.0' or '^2.3.0'";
  const range = text(allowed, 128).check(
    z.refine((range) => validRange(range) !== null, { error: allowed }),
    z.meta({ description: 'A range of versions as npm writes them; prereleases only if it names one.' }),
  );
  return mapping('a mapping with semver, glob, newest or exact', {
    semver: z.optional(range),
    glob: z.optional(words.glob),
    newest: z.optional(z.literal(true, { error: 'true' })),
    exact: z.optional(words.tag),
  }).check(z.meta({ minProperties: 1, maxProperties: 1 }));
}

function scanSchema() {
  return mapping('a mapping with atMost and timeout', {
    atMost: choice(SEVERITIES, "The worst finding of ECR's scan that passes."),
    timeout: z._default(duration('How long the scan is waited for.', '1m', '24h'), '30m'),
  });
}
