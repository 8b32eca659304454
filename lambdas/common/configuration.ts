/** Turns a configuration document into complete services, or says everything that is wrong with it. Used when deploying, never in a handler. */
import { complete } from './configuration/complete.ts';
import { inconsistencies } from './configuration/consistency.ts';
import {
  allowedWords,
  ConfigurationInvalid,
  type Path,
  type Problem,
  problemAt,
} from './configuration/problems.ts';
import { configurationSchema } from './configuration/schema.ts';
import type { IsKnownLater } from './configuration/words.ts';
import type { ServiceConfiguration } from './service.ts';

export { ConfigurationInvalid, type Problem } from './configuration/problems.ts';

export interface ParseOptions {
  /** Where the document came from, for the error's first line. */
  readonly source?: string;
  /** Texts whose form cannot be checked yet (CDK tokens). */
  readonly isKnownLater?: IsKnownLater;
  /** False while services are still being added: what they say of each other is not asked yet. */
  readonly isWhole?: boolean;
}

/**
 * Checks a document as sidestep.yaml has it, and fills in the defaults.
 * @returns services in the document's order; durations in seconds.
 * @throws ConfigurationInvalid with every problem at once.
 */
export function parseConfiguration(
  document: unknown,
  { source, isKnownLater, isWhole }: ParseOptions = {},
): { services: ServiceConfiguration[] } {
  const parsed = configurationSchema(isKnownLater).safeParse(document);
  const problems = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => toProblems(document, issue)),
    ...inconsistencies(document, isWhole),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigurationInvalid(onePerPath(problems), source);
  const services = Object.entries(parsed.data.services);
  return { services: services.map(([name, service]) => complete(name, service)) };
}

interface Issue {
  readonly code?: string;
  readonly path: Path;
  readonly message: string;
  readonly keys?: readonly string[];
  /** What each alternative of a union had against the value; paths begin at the value. */
  readonly errors?: readonly (readonly Issue[])[];
}

function toProblems(document: unknown, issue: Issue): Problem[] {
  const { code, path, message, keys = [], errors = [] } = issue;
  if (code === 'invalid_union') {
    const meant = errors.find((issues) => issues.length > 0 && !issues.some(isOtherKind));
    if (meant) return meant.flatMap((one) => toProblems(document, { ...one, path: [...path, ...one.path] }));
  }
  if (code !== 'unrecognized_keys') return [problemAt(document, path, message)];
  const known = message.split(', ');
  return keys.map((key) =>
    problemAt(document, [...path, key], allowedWords(known, key), `the unknown key '${key}'`),
  );
}

/** An alternative for a value of another kind (a word, a list, a mapping) is not the one that was meant. */
function isOtherKind({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

/** A value that is wrong in itself needs no second complaint about how it fits the others. */
function onePerPath(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ path }, index) => problems.findIndex((other) => other.path === path) === index);
}
