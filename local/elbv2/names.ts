/** Names of load balancers and target groups. */
import { AwsError } from '../wire/aws-error.ts';

/** @throws AwsError ValidationError */
export function checkName(noun: string, name = ''): string {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/.test(name)) return name;
  throw new AwsError(
    'ValidationError',
    `${noun} name '${name}' must be 1 to 32 letters, digits or hyphens, with no hyphen at either end`,
  );
}

/** Whether two inputs ask for the same resource, tags aside: creating it again is then no error. */
export function isSameRequest(a: { Tags?: unknown }, b: { Tags?: unknown }): boolean {
  const withoutTags = ({ Tags: _tags, ...rest }: { Tags?: unknown }): string =>
    JSON.stringify(
      Object.entries(rest)
        .filter(([, value]) => value !== undefined)
        .sort(([x], [y]) => (x < y ? -1 : 1)),
    );
  return withoutTags(a) === withoutTags(b);
}
