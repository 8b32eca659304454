/** Loads a function's bundle as Lambda would: the module named by the handler string, from the code directory. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Runtime } from '../../lambdas/common/runtime.ts';
import type { Create } from '../../lambdas/common/step.ts';

/** A handler as Lambda calls it. */
export type ContextHandler = (event: unknown, context: object) => unknown;

/** What a bundle exports. */
export interface Bundle {
  readonly path: string;
  readonly handler: ContextHandler;
  /** Makes the handler for another runtime than Lambda's own. */
  readonly create: Create | undefined;
}

/** An error that Lambda's runtime itself reports, under its own name. */
class RuntimeFault extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * Imports the bundle. Modules are cached by Node: a second call for the same directory does no work.
 * @throws Error `Runtime.ImportModuleError` or `Runtime.HandlerNotFound`, or whatever the module throws.
 */
export async function loadBundle(codeDirectory: string, handlerName: string): Promise<Bundle> {
  const [file = '', exportName = ''] = handlerName.split('.');
  const path = ['.mjs', '.js', '.cjs']
    .map((extension) => join(codeDirectory, `${file}${extension}`))
    .find(existsSync);
  if (!path)
    throw new RuntimeFault('Runtime.ImportModuleError', `Cannot find module '${file}' in ${codeDirectory}`);
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const handler = module[exportName];
  if (typeof handler !== 'function') {
    throw new RuntimeFault('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  }
  const create = typeof module.create === 'function' ? (module.create as Create) : undefined;
  return { path, handler: handler as ContextHandler, create };
}

/**
 * What makes the bundle's handler for a runtime.
 * @throws Error at once if the bundle cannot be given a runtime.
 */
export function handlerMaker({ path, create }: Bundle): (runtime: Runtime) => ContextHandler {
  if (create) return create;
  throw new Error(`${path} exports no create(runtime), so it cannot run on a clock other than the real one`);
}

/**
 * The handler to call: the plain one without a runtime, else the one that the bundle makes for it.
 * @throws Error if the bundle cannot be given a runtime.
 */
export function handlerOf(bundle: Bundle, makeRuntime: (() => Runtime) | undefined): ContextHandler {
  return makeRuntime ? handlerMaker(bundle)(makeRuntime()) : bundle.handler;
}
