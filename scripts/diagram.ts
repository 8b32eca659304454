/** Draws the state machine as a Mermaid diagram and keeps the copy in README.md up to date. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GeneratedPart, writeWhenRun } from './generated-part.ts';

interface State {
  Type: string;
  Next?: string;
  End?: boolean;
  Default?: string;
  Choices?: { Condition: string; Next: string }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Branches?: Machine[];
}
interface Machine {
  StartAt: string;
  States: Record<string, State>;
}

const DEFINITION = join(import.meta.dirname, '../statemachine/deploy.asl.json');

export const DIAGRAM_PART: GeneratedPart = {
  page: 'README.md',
  thing: 'state machine',
  script: 'diagram',
  render: drawStateMachine,
};

/** The Mermaid text of `statemachine/deploy.asl.json`. */
function drawStateMachine(): string {
  const machine = JSON.parse(readFileSync(DEFINITION, 'utf8')) as Machine;
  return ['```mermaid', 'stateDiagram-v2', ...drawStates(machine, '  '), '```'].join('\n');
}

function drawStates({ StartAt, States }: Machine, indent: string): string[] {
  const lines = [`${indent}[*] --> ${id(StartAt)}`];
  for (const [name, state] of Object.entries(States)) lines.push(...drawState(name, state, indent));
  return lines;
}

function drawState(name: string, state: State, indent: string): string[] {
  const lines: string[] = [];
  if (state.Type === 'Choice') lines.push(`${indent}state "${name}" as ${id(name)}`);
  for (const branch of state.Branches ?? []) {
    lines.push(`${indent}state ${id(name)} {`, ...drawStates(branch, `${indent}  `), `${indent}}`);
  }
  const arrow = (next: string, label = '') =>
    lines.push(`${indent}${id(name)} --> ${id(next)}${label && ` : ${label}`}`);
  for (const { Condition, Next } of state.Choices ?? []) arrow(Next, wordOf(Condition));
  if (state.Default) arrow(state.Default, 'else');
  if (state.Next) arrow(state.Next);
  for (const [next, errors] of caught(state)) arrow(next, errors);
  if (state.End || ['Succeed', 'Fail'].includes(state.Type)) lines.push(`${indent}${id(name)} --> [*]`);
  return lines;
}

/** Catches by where they lead; a long list of refusals is told in a word. */
function caught({ Catch = [] }: State): Map<string, string> {
  const errors = new Map<string, string[]>();
  for (const { ErrorEquals, Next } of Catch) errors.set(Next, [...(errors.get(Next) ?? []), ...ErrorEquals]);
  const label = (names: string[]): string => {
    if (names.includes('States.ALL')) return 'any other failure';
    return names.length > 2 ? 'a refusal' : names.join(', ');
  };
  return new Map([...errors].map(([next, names]) => [next, label(names)]));
}

const id = (name: string): string => name.replace('?', '');
/** The word that is asked for, or else the variable that has to be true. */
const wordOf = (condition: string): string =>
  (/= '(\w+)'/.exec(condition) ?? /(\w+) %\}$/.exec(condition))?.[1] ?? 'yes';

writeWhenRun(import.meta.filename, DIAGRAM_PART);
