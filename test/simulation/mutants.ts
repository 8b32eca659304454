/** Broken copies of Sidestep: what is deployed, with one safety check taken out of the bundles or of the machine. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Mutation {
  readonly name: string;
  /** Files of the assembly, by the end of their name, and the text in them that is replaced. */
  readonly edits: readonly { readonly files: RegExp; readonly find: RegExp; readonly by: string }[];
}

export interface Mutant {
  readonly assembly: string;
  remove(): void;
}

/** Sides are stopped without waiting until their weight is gone everywhere. */
export const NO_PROPAGATION_HOLD: Mutation = {
  name: 'stops a side at once after its weight was written',
  edits: [{ files: /\.mjs$/, find: /if\(\w+\(\)<\w+\)(\{let \w+=Math\.ceil\()/g, by: 'if(!1)$1' }],
};

/** Green gets the traffic as soon as its service was updated, and nobody looks at its targets. */
export const NO_HEALTH_CHECK: Mutation = {
  name: 'shifts without looking at green',
  edits: [
    {
      files: /\.mjs$/,
      find: /(\.commit\(\{shift:\w+,trafficStep:\w+,gatesPassed:\w+\}\),)await \w+\(\w+\.deployment,\w+\),/g,
      by: '$1',
    },
    {
      files: /\.json$/,
      find: /"Next":\s*"WaitForSteadyState"/g,
      // The states in between must stay reachable, or the definition would be refused.
      by: '"Assign": {"trafficStep": 0, "bakeSeconds": 60}, "Catch": [{"ErrorEquals": ["BadInput"], "Next": "WaitForSteadyState"}], "Next": "ModifyListener"',
    },
  ],
};

/** A rollback says that it deployed. */
export const FALSE_SUCCESS: Mutation = {
  name: 'calls a rollback a success',
  edits: [
    {
      files: /\.json$/,
      find: /"outcome":\s*"ROLLBACK_SUCCESSFUL"/g,
      by: '"outcome": "SUCCESSFUL"',
    },
  ],
};

/** @throws Error if one of the edits finds nothing: the mutant would be no mutant */
export function makeMutant(assembly: string, { name, edits }: Mutation): Mutant {
  const directory = mkdtempSync(join(tmpdir(), 'sidestep-mutant-'));
  cpSync(assembly, directory, { recursive: true, dereference: true });
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /asset\./.test(join(entry.parentPath, entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const { files: which, find, by } of edits) {
    const changed = files.filter((file) => which.test(file) && edit(file, find, by));
    if (changed.length === 0) throw new Error(`mutant "${name}": no file has ${find}`);
  }
  return { assembly: directory, remove: () => rmSync(directory, { recursive: true }) };
}

function edit(file: string, find: RegExp, by: string): boolean {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(find, by);
  if (after === before) return false;
  writeFileSync(file, after);
  return true;
}
