/** The list of what the local cloud emulates and what it does not, made from the simulators themselves. */
import { SERVICES, type ServiceScope } from './services.ts';

/** A simulator as the list sees it; `limits` says in Markdown what it does not do, or does otherwise than AWS. */
export interface Supported {
  readonly operations: object;
  readonly limits?: string;
}

const HEADING = `# What the local cloud supports

Generated from the simulators; a test keeps it true. An operation that is not listed answers 501 \`NotImplemented\` with its
name, and so does a listed one when it is asked for something that it does not do.
`;

/** Renders \`local/supported.md\`: services by title, their operations by name, then their limits. */
export function renderSupported(services: { readonly [scope in ServiceScope]?: Supported }): string {
  const sections = Object.entries(services).map(([scope, supported]) => ({
    title: SERVICES[scope as ServiceScope].title,
    text: renderService(scope, supported),
  }));
  sections.sort((a, b) => (a.title < b.title ? -1 : 1));
  return [HEADING, ...sections.map(({ title, text }) => `## ${title}\n\n${text}`)].join('\n');
}

function renderService(scope: string, { operations, limits }: Supported): string {
  const names = Object.keys(operations).sort();
  const list = `Credential scope \`${scope}\`. Operations (${names.length}): ${names.map((name) => `\`${name}\``).join(', ')}.\n`;
  return limits === undefined ? list : `${list}\nLimits: ${limits.trim()}\n`;
}
