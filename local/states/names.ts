/** Names of state machines and executions. */
import { AwsError } from '../wire/aws-error.ts';

const NAME_MAX = 80;
// White space, brackets, wildcards, special and control characters, as the API reference lists them.
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;

/** @throws AwsError `InvalidName` */
export function checkName(name: string): void {
  if (name.length >= 1 && name.length <= NAME_MAX && !FORBIDDEN.test(name)) return;
  throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}
