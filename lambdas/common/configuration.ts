/** Turns a configuration document into complete services, or says everything that is wrong with it. Used when deploying, never in a handler. */
import { inconsistencies } from './configuration/consistency.ts';
import { durationSeconds } from './configuration/duration.ts';
import {
  allowedWords,
  ConfigurationInvalid,
  type Path,
  type Problem,
  problemAt,
} from './configuration/problems.ts';
import { configurationSchema, type IsKnownLater, type ServiceDocument } from './configuration/schema.ts';
import type { HttpCheck, ServiceConfiguration, Side, TagPolicy, Traffic } from './service.ts';

export { ConfigurationInvalid, type Problem } from './configuration/problems.ts';

export interface ParseOptions {
  /** Where the document came from, for the error's first line. */
  readonly source?: string;
  /** Texts whose form cannot be checked yet (CDK tokens). */
  readonly isKnownLater?: IsKnownLater;
}

/**
 * Checks a document as sidestep.yaml has it, and fills in the defaults.
 * @returns services in the document's order; durations in seconds.
 * @throws ConfigurationInvalid with every problem at once.
 */
export function parseConfiguration(
  document: unknown,
  { source, isKnownLater }: ParseOptions = {},
): { services: ServiceConfiguration[] } {
  const parsed = configurationSchema(isKnownLater).safeParse(document);
  const problems = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => toProblems(document, issue)),
    ...inconsistencies(document),
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
}

function toProblems(document: unknown, { code, path, message, keys = [] }: Issue): Problem[] {
  if (code !== 'unrecognized_keys') return [problemAt(document, path, message)];
  const known = message.split(', ');
  return keys.map((key) =>
    problemAt(document, [...path, key], allowedWords(known, key), `the unknown key '${key}'`),
  );
}

/** A value that is wrong in itself needs no second complaint about how it fits the others. */
function onePerPath(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ path }, index) => problems.findIndex((other) => other.path === path) === index);
}

function complete(name: string, service: ServiceDocument): ServiceConfiguration {
  const { repository, registryId, container, tags } = service.image;
  return {
    name,
    image: { repository, ...(registryId && { registryId }), container, tags: tagPolicy(tags) },
    strategy: service.strategy,
    traffic: traffic(service.traffic),
    sides: bothSides(service.sides),
    roles: service.roles,
    checks: { http: service.checks.http.map(httpCheck), alarms: service.checks.alarms },
    bakeSeconds: seconds(service.bake),
    initialCount: service.initialCount,
    steadyStateTimeoutSeconds: seconds(service.steadyState.timeout),
    drainTimeoutSeconds: seconds(service.drain.timeout),
    propagationSeconds: seconds(service.propagation),
  };
}

function tagPolicy({ exact, glob }: ServiceDocument['image']['tags']): TagPolicy {
  if (exact !== undefined) return { exact };
  return { glob: checked(glob) };
}

function traffic({ rules, listener, testRule }: ServiceDocument['traffic']): Traffic {
  const test = testRule === undefined ? {} : { testRule };
  return rules === undefined ? { listener: checked(listener), ...test } : { rules, ...test };
}

function bothSides([one, other]: ServiceDocument['sides']): readonly [Side, Side] {
  return [checked(one), checked(other)];
}

function httpCheck({ path, status, timeout }: ServiceDocument['checks']['http'][number]): HttpCheck {
  return { path, status, timeoutSeconds: seconds(timeout) };
}

function seconds(duration: string): number {
  return checked(durationSeconds(duration));
}

/** What the checks have made sure of. */
function checked<Value>(value: Value | undefined): Value {
  if (value === undefined)
    throw new Error('a value is missing that the checks of the configuration let pass');
  return value;
}
