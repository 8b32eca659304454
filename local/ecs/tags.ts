/** Tags of clusters, services, task definitions and tasks. */
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';

const TAGS_MAX = 50;

export interface TagStore {
  of(arn: string): EcsApi.Tag[];
  /** Adds tags, replacing those of the same key. @throws AwsError `InvalidParameterException` beyond 50 */
  add(arn: string, tags: readonly EcsApi.Tag[] | undefined): void;
  remove(arn: string, keys: readonly string[]): void;
}

export function createTagStore(): TagStore {
  const byArn = new Map<string, Map<string, string>>();
  return {
    of: (arn) => [...(byArn.get(arn) ?? [])].map(([key, value]) => ({ key, value })),
    add(arn, tags = []) {
      const merged = new Map(byArn.get(arn));
      for (const { key = '', value = '' } of tags) merged.set(key, value);
      if (merged.size > TAGS_MAX) {
        throw new AwsError(
          'InvalidParameterException',
          `Too many tags: ${merged.size}; allowed are ${TAGS_MAX}`,
        );
      }
      byArn.set(arn, merged);
    },
    remove(arn, keys) {
      for (const key of keys) byArn.get(arn)?.delete(key);
    },
  };
}

/** `requireResource` throws what the service itself would throw for an ARN that names nothing. */
export function tagOperations(
  tags: TagStore,
  requireResource: (arn: string) => void,
): Pick<Operations<typeof EcsApi>, 'ListTagsForResource' | 'TagResource' | 'UntagResource'> {
  const required = (arn: string | undefined): string => {
    requireResource(arn ?? '');
    return arn ?? '';
  };
  return {
    ListTagsForResource: ({ resourceArn }) => ({ tags: tags.of(required(resourceArn)) }),
    TagResource: ({ resourceArn, tags: added }) => {
      tags.add(required(resourceArn), added);
      return {};
    },
    UntagResource: ({ resourceArn, tagKeys }) => {
      tags.remove(required(resourceArn), tagKeys ?? []);
      return {};
    },
  };
}
