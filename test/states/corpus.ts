/** Executions recorded on AWS: reads them, replays their tasks, compares with wildcards. */
import { existsSync, readFileSync } from 'node:fs';
import type { CallResult, HistoryEvent, Integrations } from '../../local/states/index.ts';
import { isObject, type Json, type JsonObject } from '../../local/states/json.ts';
import { createFakeStates } from './simulator.ts';

/** Beside the repository, not in it. */
const CORPUS = new URL('../../../shared/asl-corpus/corpus.json', import.meta.url);

export interface RecordedEvent extends JsonObject {
  type: string;
}

export interface RecordedCase {
  id: string;
  lang: 'JSONata' | 'JSONPath';
  definition: JsonObject;
  input: Json;
  events: RecordedEvent[];
  term: string;
}

/** The JSONata cases; undefined if the corpus is not there. */
export function readCorpus(): RecordedCase[] | undefined {
  if (!existsSync(CORPUS)) return undefined;
  const all = JSON.parse(readFileSync(CORPUS, 'utf8')) as RecordedCase[];
  return all.filter(({ lang }) => lang === 'JSONata');
}

const JSONPATH_FIELDS = ['InputPath', 'Parameters', 'ResultSelector', 'ResultPath', 'OutputPath', 'Result'];

/** Whether a state runs in JSONPath and says something that only JSONPath understands. */
export function needsJsonPath({ definition }: RecordedCase): boolean {
  const states = Object.values(definition.States as JsonObject) as JsonObject[];
  return states.some((state) => {
    if ((state.QueryLanguage ?? definition.QueryLanguage) === 'JSONata') return false;
    return JSONPATH_FIELDS.some((field) => field in state) || /\.\$":/.test(JSON.stringify(state));
  });
}

/** States that mean the same in both languages may stand in a JSONPath machine; here the whole machine is JSONata. */
function inJsonata(definition: JsonObject): JsonObject {
  const states = Object.entries(definition.States as JsonObject).map(([name, state]) => {
    const { QueryLanguage: _, ...others } = state as JsonObject;
    return [name, others];
  });
  return { ...definition, QueryLanguage: 'JSONata', States: Object.fromEntries(states) };
}

export interface Replay {
  output: Json | undefined;
  error: string | undefined;
  cause: string | undefined;
  history: HistoryEvent[];
}

/** Runs a case's definition with its input; tasks give what they gave on AWS. */
export async function replay(recorded: RecordedCase): Promise<Replay> {
  const states = createFakeStates(replayedCalls(recorded));
  const result = await states.run(inJsonata(recorded.definition), recorded.input);
  if (states.faults.length > 0) throw states.faults[0];
  const output = result.output === undefined ? undefined : (JSON.parse(result.output) as Json);
  return { output, error: result.error, cause: result.cause, history: result.history };
}

function replayedCalls({ events }: RecordedCase): Parameters<typeof createFakeStates>[0] {
  const results = events.flatMap((event): CallResult[] => {
    const details = detailsOf(event);
    if (/^(Task|LambdaFunction)Succeeded$/.test(event.type))
      return [{ output: recordedJson(details.output) }];
    if (/^(Task|LambdaFunction)Failed$/.test(event.type))
      return [{ error: String(details.error), cause: textOf(details.cause) }];
    return [];
  });
  const next = (): CallResult =>
    results.shift() ?? { error: 'NothingRecorded', cause: 'the corpus has no further task result' };
  const integrations: Integrations = { 'lambda:invoke': async () => next() };
  return { integrations, functions: { lambda_function_name: () => outputOf(next()) } };
}

function outputOf(result: CallResult): Json {
  if ('output' in result) return result.output;
  throw Object.assign(new Error(result.cause), { name: result.error });
}

/** The corpus shows JSON texts of objects as objects, and of anything else as text. */
export function recordedJson(value: Json | undefined): Json {
  return typeof value === 'string' ? (JSON.parse(value) as Json) : (value ?? null);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** An event of ours as the corpus would show it: JSON texts of objects as objects, the time stamp as a wildcard. */
export function asShown({ timestamp: _, ...event }: HistoryEvent): unknown {
  const shown = JSON.parse(JSON.stringify(event), (_key, value: unknown) =>
    typeof value === 'string' ? shownText(value) : value,
  ) as object;
  return { ...shown, timestamp: 'timestamp' };
}

function shownText(text: string): unknown {
  if (!text.startsWith('{')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function detailsOf(event: RecordedEvent): JsonObject {
  const details = Object.entries(event).find(([name]) => name.endsWith('EventDetails'))?.[1];
  return isObject(details) ? details : {};
}

/** Whole texts that stand for a value that changes from run to run. */
const WILDCARDS = [
  'timestamp',
  'date',
  'snf_role_arn',
  'lambda_function_name',
  'RequestId',
  'x-amzn-RequestId',
  'X-Amzn-Trace-Id',
];

/** Whether a value is the recorded one, up to what changes from run to run. */
export function isAsRecorded(recorded: unknown, value: unknown): boolean {
  if (typeof recorded === 'string') return typeof value === 'string' && isTextAsRecorded(recorded, value);
  if (Array.isArray(recorded)) {
    return (
      Array.isArray(value) &&
      value.length === recorded.length &&
      recorded.every((item, index) => isAsRecorded(item, value[index]))
    );
  }
  if (isObject(recorded)) {
    if (!isObject(value) || Object.keys(recorded).sort().join() !== Object.keys(value).sort().join())
      return false;
    return Object.entries(recorded).every(([key, member]) => isAsRecorded(member, value[key]));
  }
  return recorded === value;
}

function isTextAsRecorded(recorded: string, text: string): boolean {
  if (recorded === text || WILDCARDS.includes(recorded)) return true;
  const parts = recorded.split(/<[^<>]+>/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
