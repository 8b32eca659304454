/** Puts a CDK cloud assembly into a running local cloud: what runs here is what would be deployed. */
import { createHash } from 'node:crypto';
import { type Assembly, readAssembly } from './assembly.ts';
import { type CreatedResource, isTrue, resolve, type Scope } from './intrinsics.ts';
import { creationOrder } from './order.ts';
import type { ResourceIdentity } from './resource-kind.ts';
import { kindOf } from './resources/index.ts';
import type { WiringTarget } from './target.ts';
import type { TemplateResource } from './template.ts';

export interface DeployedAssembly {
  readonly stackName: string;
  /** The template's outputs, by their logical ids. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Every resource by its logical id, in the order of creation. */
  readonly resources: ReadonlyMap<string, CreatedResource>;
}

/**
 * Creates every resource of the assembly in `directory` (a `cdk.out` with one stack).
 * @throws Error that names logical id, type and what of it the local cloud does not know.
 */
export async function deployAssembly(target: WiringTarget, directory: string): Promise<DeployedAssembly> {
  const assembly = readAssembly(directory);
  const { stackName, template } = assembly;
  const created = new Map<string, CreatedResource>();
  const scope: Scope = { stackName, template, created };
  for (const logicalId of creationOrder(template.Resources)) {
    const resource = template.Resources[logicalId] as TemplateResource;
    const path = `${logicalId} (${resource.Type})`;
    if (resource.Condition && !isTrue(resource.Condition, scope, path)) continue;
    created.set(logicalId, await createResource(logicalId, resource, { assembly, scope, target, path }));
  }
  return { stackName, outputs: resolveOutputs(scope), resources: created };
}

interface Creation {
  assembly: Assembly;
  scope: Scope;
  target: WiringTarget;
  path: string;
}

async function createResource(
  logicalId: string,
  { Type, Properties }: TemplateResource,
  { assembly, scope, target, path }: Creation,
): Promise<CreatedResource> {
  const properties = resolve(Properties, scope, path) as Record<string, unknown>;
  try {
    const { ref, attributes = {} } = await kindOf(Type).create(
      properties,
      identityOf(logicalId, assembly),
      target,
    );
    return { type: Type, ref, attributes };
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function identityOf(logicalId: string, { stackName, assets }: Assembly): ResourceIdentity {
  return {
    logicalId,
    stackName,
    physicalName: (max) => physicalName(`${stackName}-${logicalId}`, max),
    assetPath(objectKey) {
      const path = assets.get(objectKey);
      if (path === undefined) throw new Error(`the assembly has no asset ${objectKey}`);
      return path;
    },
  };
}

/** Stack and logical id, as CloudFormation has it, but without its random end: the same template gives the same names. */
function physicalName(name: string, max: number): string {
  if (name.length <= max) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${name.slice(0, max - digest.length - 1)}-${digest}`;
}

function resolveOutputs(scope: Scope): Record<string, string> {
  const outputs = Object.entries(scope.template.Outputs).filter(
    ([name, { Condition }]) => !Condition || isTrue(Condition, scope, `output ${name}`),
  );
  return Object.fromEntries(
    outputs.map(([name, { Value }]) => [name, String(resolve(Value, scope, `output ${name}`))]),
  );
}
