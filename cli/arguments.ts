/** Reads values from the command line; what is wrong is said with the name, what was found and what is allowed. */
import { InvalidArgumentError } from 'commander';

/** For commander: a number within bounds. */
export function numberBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`found '${text}', allowed are numbers from ${min} to ${max}.`);
  };
}

/** For commander: a TCP port. */
export function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 65_535) return value;
  throw new InvalidArgumentError(`found '${text}', allowed are ports from 1 to 65535.`);
}

/** For commander: collects repeated `KEY=VALUE` into one object; the last of a key wins. */
export function pair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, key, value = ''] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (key !== undefined) return { ...before, [key]: value };
  throw new InvalidArgumentError(
    `found '${text}', allowed is KEY=VALUE with a KEY of letters, digits and _.`,
  );
}

export interface TaggedImage {
  readonly repository: string;
  readonly tag: string;
}

/** For commander: `repository:tag`. */
export function taggedImage(text: string): TaggedImage {
  const [, repository, tag] =
    /^((?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*):(\w[\w.-]{0,127})$/.exec(text) ?? [];
  if (repository !== undefined && tag !== undefined) return { repository, tag };
  throw new InvalidArgumentError(`found '${text}', allowed is repository:tag, such as orders:v3.`);
}

/** For commander: the words of a command, separated by spaces. */
export function words(text: string): string[] {
  const found = text.split(/\s+/).filter(Boolean);
  if (found.length > 0) return found;
  throw new InvalidArgumentError('found nothing, allowed is a program and its arguments.');
}
