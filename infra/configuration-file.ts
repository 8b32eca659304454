/** Reads sidestep.yaml: YAML, then the checks of the configuration. */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { ConfigurationInvalid, parseConfiguration } from '../lambdas/common/configuration.ts';
import type { ServiceConfiguration } from '../lambdas/common/service.ts';

/**
 * @throws ConfigurationInvalid with every problem at once; for bad YAML each with its line.
 */
export function readConfigurationFile(path: string): { services: ServiceConfiguration[] } {
  return parseConfiguration(parseYaml(readFile(path), path), { source: path });
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const allowed = 'a readable configuration file (set SIDESTEP_CONFIG, or -c config=PATH, to another one)';
    throw new ConfigurationInvalid([{ path: '', found: String(cause), allowed }], path);
  }
}

function parseYaml(text: string, path: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const problems = document.errors.map(({ message, pos }) => {
    const { line, col } = lineCounter.linePos(pos[0]);
    return { path: `line ${line}, column ${col}`, found: message, allowed: 'valid YAML' };
  });
  if (problems.length > 0) throw new ConfigurationInvalid(problems, path);
  return document.toJS();
}
