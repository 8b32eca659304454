/** Honest refusals: what a simulator does not do, it says, by name, with 501. */
import { AwsError } from './wire/aws-error.ts';

/** The error of something that AWS offers and the local cloud does not. */
export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `the local cloud does not implement ${what}`, { statusCode: 501 });
}

/**
 * Refuses the members of an input that would change the outcome but are not emulated.
 * @throws AwsError `NotImplemented`, naming operation and member.
 */
export function refuseMembers<Input extends object>(
  operation: string,
  input: Input,
  members: readonly (keyof Input & string)[],
): void {
  for (const member of members) {
    if (input[member] !== undefined) throw notImplemented(`${operation} with ${member}`);
  }
}
