/** One line of a function's log: as JSON, and for people. Pure. */
import type { LogLine } from '../../lambdas/aws/logs.ts';
import { clock, type Paint } from '../status/text.ts';

/** As --json gives it. */
export interface LogDocument {
  /** ISO 8601. */
  readonly at: string;
  /** `verify-targets` */
  readonly function: string;
  /** `INFO`, `WARN`, `ERROR`; empty of a line that is no JSON. */
  readonly level: string;
  readonly message: string;
  /** What else the line says. */
  readonly keys: Readonly<Record<string, unknown>>;
}

/** Said by every line, or by the line's own place. */
const DULL = new Set([
  'level',
  'message',
  'timestamp',
  'service',
  'deploymentId',
  'step',
  'sampling_rate',
  'xray_trace_id',
  'cold_start',
]);

export function logDocument({ logGroup, timestampMs, message }: LogLine): LogDocument {
  const common = {
    at: new Date(timestampMs).toISOString(),
    function: logGroup.split('/').at(-1) ?? logGroup,
  };
  const members = membersOf(message);
  if (!members) return { ...common, level: '', message, keys: {} };
  const keys = Object.fromEntries(Object.entries(members).filter(([name]) => !DULL.has(name)));
  return { ...common, level: String(members.level ?? ''), message: String(members.message ?? ''), keys };
}

function membersOf(message: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(message);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const NAME_WIDTH = 'follow-service-deployment'.length;

export function logText(line: LogDocument, paint: Paint): string {
  const { at, function: name, level, message, keys } = line;
  const told = Object.entries(keys).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const colour = level === 'ERROR' ? 'red' : level === 'WARN' ? 'yellow' : undefined;
  const text = colour ? paint(colour, message) : message;
  return [`${clock(at)}  ${name.padEnd(NAME_WIDTH)}`, text, paint('dim', told.join(' '))]
    .filter((part) => part !== '')
    .join('  ');
}
