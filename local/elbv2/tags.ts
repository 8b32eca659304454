/** Tags of load balancers, listeners, rules and target groups. */
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { findListener, findLoadBalancer, findRule, findTargetGroup, type Records } from './records.ts';

type TagOperations = Pick<Operations<typeof Elbv2Api>, 'AddTags' | 'RemoveTags' | 'DescribeTags'>;

export function tagOperations(records: Records): TagOperations {
  const { tags } = records;
  return {
    AddTags: ({ ResourceArns = [], Tags }) => {
      for (const arn of ResourceArns) requireResource(records, arn);
      for (const arn of ResourceArns) putTags(records, arn, Tags);
      return {};
    },
    RemoveTags: ({ ResourceArns = [], TagKeys = [] }) => {
      for (const arn of ResourceArns) requireResource(records, arn);
      for (const arn of ResourceArns) {
        tags.set(
          arn,
          (tags.get(arn) ?? []).filter(({ Key }) => !TagKeys.includes(Key ?? '')),
        );
      }
      return {};
    },
    DescribeTags: ({ ResourceArns = [] }) => {
      for (const arn of ResourceArns) requireResource(records, arn);
      return {
        TagDescriptions: ResourceArns.map((ResourceArn) => ({
          ResourceArn,
          Tags: tags.get(ResourceArn) ?? [],
        })),
      };
    },
  };
}

/** Adds tags to a resource; those of the same key are replaced. */
export function putTags({ tags }: Records, arn: string, added: Elbv2Api.Tag[] = []): void {
  const keys = new Set(added.map(({ Key }) => Key));
  if (keys.size < added.length)
    throw new AwsError('DuplicateTagKeysException', 'A tag key was specified more than once');
  tags.set(arn, [...(tags.get(arn) ?? []).filter(({ Key }) => !keys.has(Key)), ...added]);
}

function requireResource(records: Records, arn: string): void {
  if (arn.includes(':targetgroup/')) findTargetGroup(records, arn);
  else if (arn.includes(':listener-rule/')) findRule(records, arn);
  else if (arn.includes(':listener/')) findListener(records, arn);
  else findLoadBalancer(records, arn);
}
