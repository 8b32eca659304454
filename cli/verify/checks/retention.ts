/** ECR lifecycle policies: none may expire a digest that serves, or that a rollback would need. */
import type { DescribedImage } from '../../../lambdas/aws/ecr.ts';
import { spellSeconds } from '../../plan/spell.ts';
import type { KeptDigest, RetentionFacts, ServiceFacts } from '../facts.ts';
import { type Finding, judged, ng, ok, skip, warn } from '../finding.ts';
import { fateOf, rulesIn } from '../lifecycle-policy.ts';

const RESTORE = 'push it again, or deploy an image that is there: tasks that start anew cannot pull it';

type Facts = Pick<ServiceFacts, 'retentions' | 'configuration' | 'nowMs'>;

export function judgeRetention(facts: Facts): Finding[] {
  return facts.retentions.flatMap((retention) => judgeRepository(retention, facts));
}

function judgeRepository(
  { kept, images, policy, repository }: RetentionFacts,
  { configuration, nowMs }: Facts,
): Finding[] {
  if (kept.length === 0) return [skip(`${repository}: no digest is known to serve yet`)];
  return judged(
    images,
    { what: `repository ${repository}`, todo: 'correct image in sidestep.yaml' },
    (all) => {
      const found = kept.map((one) => ({ one, image: all.find(({ digest }) => digest === one.digest) }));
      const gone = found.flatMap(({ one, image }) =>
        image ? [] : [ng(`${one.digest} (${one.because}) is no longer in ${repository}`, RESTORE)],
      );
      const there = found.flatMap(({ one, image }) => (image ? [{ one, image }] : []));
      const judgedPolicy = judged(
        policy,
        { what: `lifecycle policy of ${repository}`, todo: '' },
        ([text]) =>
          text === undefined
            ? there.map(({ one }) =>
                ok(`${one.digest} (${one.because}) is kept: ${repository} has no lifecycle policy`),
              )
            : there.map((pair) =>
                judgeExpiry(pair, { text, all, nowMs, keepTag: configuration.image.keepTag }),
              ),
      );
      return [...gone, ...judgedPolicy];
    },
  );
}

interface Policy {
  readonly text: string;
  /** Everything in the repository. */
  readonly all: readonly DescribedImage[];
  readonly nowMs: number;
  readonly keepTag: string | undefined;
}

function judgeExpiry(
  { one, image }: { one: KeptDigest; image: DescribedImage },
  { text, all, nowMs, keepTag }: Policy,
): Finding {
  const fate = fateOf(image, all, rulesIn(text), keepTag);
  const label = `${one.digest} (${one.because})`;
  if (fate.expires === 'never') return ok(`${label}: no rule of the lifecycle policy can expire it`);
  const when =
    fate.expires === 'at'
      ? fate.atMs > nowMs
        ? `in ${spellSeconds((fate.atMs - nowMs) / 1000)}`
        : 'at any moment'
      : fate.pushes > 0
        ? `after ${fate.pushes} more pushes`
        : 'at any moment';
  return warn(
    `${label}: rule ${fate.priority} of the lifecycle policy expires it ${when}`,
    adviceOf(keepTag),
  );
}

/** An image that a rule selects by its tag is not touched by rules of a lower priority. */
function adviceOf(keepTag: string | undefined): string {
  const tag = keepTag ?? 'in-use';
  const first = keepTag ? '' : `set image.keepTag: ${tag}, and `;
  return `${first}put a rule before the others that selects tagPrefixList ["${tag}"] with imageCountMoreThan 1000`;
}
