/** Length constraints of the API's own members. */
import { AwsError } from '../wire/aws-error.ts';
import { byteLength } from './json.ts';

/** @throws AwsError `ValidationException` if the text has more than `max` bytes */
export function checkLength(member: string, text: string, max: number): void {
  if (byteLength(text) <= max) return;
  const constraint = `Member must have length less than or equal to ${max}`;
  const message = `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`;
  throw new AwsError('ValidationException', message);
}
