/** The parameters themselves: names, versions, tiers and their limits. */
import { localArn } from '../arns.ts';
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { SsmApi } from '../wire/models.ts';

/** The largest value of each tier, in bytes. */
const VALUE_SIZE_MAX = { Standard: 4096, Advanced: 8192 };
const NAME_MAX = 1011;
/** The number of versions that are kept; the oldest goes first. */
const VERSIONS_MAX = 100;

type Tier = keyof typeof VALUE_SIZE_MAX;

/** One version of a parameter. */
export interface StoredParameter {
  name: string;
  type: 'String' | 'StringList';
  value: string;
  tier: Tier;
  version: number;
  modifiedAtMs: number;
  description: string | undefined;
  allowedPattern: string | undefined;
}

export interface ParameterStore {
  /** @throws AwsError `ParameterAlreadyExists`, `ValidationException`, `NotImplemented` */
  put(input: SsmApi.PutParameterCommandInput, nowMs: number): StoredParameter;
  /** The newest version, or the one of `name:version`; the name may be an ARN. */
  find(selector: string): StoredParameter | undefined;
  /** The newest version of each, in the order of their names. */
  list(): StoredParameter[];
  /** @returns whether there was one. */
  remove(name: string): boolean;
}

export function createParameterStore(): ParameterStore {
  const versions = new Map<string, StoredParameter[]>();
  return {
    put: (input, nowMs) => {
      const name = requireName(plainName(input.Name));
      const kept = versions.get(name) ?? [];
      const next = nextVersion(name, input, kept.at(-1), nowMs);
      versions.set(name, [...kept, next].slice(-VERSIONS_MAX));
      return next;
    },
    find: (selector) => {
      const [name = '', version] = plainName(selector).split(':');
      const kept = versions.get(name);
      return version === undefined ? kept?.at(-1) : kept?.find((one) => String(one.version) === version);
    },
    list: () => [...versions.keys()].sort().flatMap((name) => versions.get(name)?.at(-1) ?? []),
    remove: (name) => versions.delete(plainName(name)),
  };
}

/** `arn:aws:ssm:…:parameter/a/b` → `/a/b`. */
function plainName(nameOrArn = ''): string {
  return nameOrArn.replace(/^arn:aws:ssm:[^:]*:[^:]*:parameter/, '');
}

export function parameterArn(name: string): string {
  return localArn('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);
}

function nextVersion(
  name: string,
  input: SsmApi.PutParameterCommandInput,
  last: StoredParameter | undefined,
  nowMs: number,
): StoredParameter {
  if (last && !input.Overwrite) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const value = requireValue(input);
  return {
    name,
    type: typeFor(input, last),
    value,
    tier: tierFor(value, input.Tier, last?.tier),
    version: (last?.version ?? 0) + 1,
    modifiedAtMs: nowMs,
    description: input.Description ?? last?.description,
    allowedPattern: input.AllowedPattern,
  };
}

function typeFor(
  { Type }: SsmApi.PutParameterCommandInput,
  last: StoredParameter | undefined,
): StoredParameter['type'] {
  if (Type === 'SecureString') throw notImplemented('PutParameter with Type SecureString');
  const type = Type ?? last?.type;
  if (type === 'String' || type === 'StringList') return type;
  throw validation('A parameter type is required when you create a parameter.');
}

function tierFor(value: string, asked: string | undefined, before: Tier | undefined): Tier {
  const size = Buffer.byteLength(value);
  if (before === 'Advanced' && asked === 'Standard') {
    throw validation(
      'An advanced parameter cannot go back to the standard tier: delete it and create it again',
    );
  }
  const tier: Tier =
    asked === 'Advanced' || before === 'Advanced' || needsAdvanced(asked, size) ? 'Advanced' : 'Standard';
  if (size <= VALUE_SIZE_MAX[tier]) return tier;
  throw validation(
    tier === 'Standard'
      ? `Standard tier parameters support a maximum parameter value of ${VALUE_SIZE_MAX.Standard} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`
      : `Advanced tier parameters support a maximum parameter value of ${VALUE_SIZE_MAX.Advanced} characters.`,
  );
}

const needsAdvanced = (asked: string | undefined, size: number): boolean =>
  asked === 'Intelligent-Tiering' && size > VALUE_SIZE_MAX.Standard;

function requireValue({ Value = '', AllowedPattern }: SsmApi.PutParameterCommandInput): string {
  if (Value === '') throw validation('A parameter value of at least one character is required.');
  if (AllowedPattern !== undefined && !new RegExp(AllowedPattern).test(Value)) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${AllowedPattern}`,
    );
  }
  return Value;
}

function requireName(name: string): string {
  const isWellFormed =
    /^[\w./-]+$/.test(name) && (!name.includes('/') || name.startsWith('/')) && !name.includes('//');
  if (isWellFormed && name.length <= NAME_MAX && !/^\/?(aws|ssm)/i.test(name)) return name;
  throw validation(
    `Parameter name ${JSON.stringify(name)} is not allowed: a path starts with /, and has letters, digits and .-_ only; it may not begin with aws or ssm`,
  );
}

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);
