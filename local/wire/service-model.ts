/** A service as its SDK client package describes it: its operations and its errors, by name. */
import { type Member, memberOf, type Structure, shapeOf, type Traits, traitsOf } from './shape.ts';

export interface Operation {
  readonly name: string;
  readonly input: Member;
  readonly output: Member;
  readonly traits: Traits;
}

export interface ServiceModel {
  readonly operations: ReadonlyMap<string, Operation>;
  /** Error shapes, by shape name and by the code that the query protocol uses. */
  readonly errors: ReadonlyMap<string, Structure>;
}

const OPERATION = 9;
const ERROR = -3;

/** Reads every schema that the client package `namespace` exports (`DescribeServices$`, `ClientException$` …). */
export function readServiceModel(namespace: Readonly<Record<string, unknown>>): ServiceModel {
  const schemas = Object.values(namespace).filter(isSchema);
  const errors = schemas.filter(([tag]) => tag === ERROR).map((schema) => shapeOf(schema) as Structure);
  return {
    operations: new Map(
      schemas.filter(([tag]) => tag === OPERATION).map((s) => [String(s[2]), readOperation(s)]),
    ),
    errors: new Map([
      ...errors.map((error) => [error.traits.awsQueryError?.[0] ?? error.name, error] as const),
      ...errors.map((error) => [error.name, error] as const),
    ]),
  };
}

const isSchema = (exported: unknown): exported is readonly unknown[] =>
  Array.isArray(exported) && typeof exported[0] === 'number' && typeof exported[2] === 'string';

function readOperation(schema: readonly unknown[]): Operation {
  const [, , name, traits, input, output] = schema;
  return {
    name: String(name),
    traits: traitsOf(traits),
    input: memberOf(input, String(name)),
    output: memberOf(output, String(name)),
  };
}
