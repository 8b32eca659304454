/** The house rules that no linter knows: names that must agree, walls, and one source of time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as errors from '../lambdas/common/errors.ts';
import { LOOKS } from '../lambdas/waits/looks.ts';

const ROOT = join(import.meta.dirname, '..');

interface State {
  Type: string;
  States?: Record<string, State>;
  Branches?: { States: Record<string, State> }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Retry?: { ErrorEquals: string[] }[];
  TimeoutSeconds?: unknown;
  Arguments?: { FunctionName: string };
  Assign?: Record<string, unknown>;
  Resource?: string;
  Choices?: { Condition: string }[];
}

const machine = JSON.parse(readFileSync(join(ROOT, 'statemachine/deploy.asl.json'), 'utf8')) as {
  States: Record<string, State>;
};

/** Every state of the machine, with the ones inside its tries. */
function* statesOf(states: Record<string, State>, insideTry = false): Generator<[string, State, boolean]> {
  for (const [name, state] of Object.entries(states)) {
    yield [name, state, insideTry];
    for (const branch of state.Branches ?? []) yield* statesOf(branch.States, true);
  }
}
const states = [...statesOf(machine.States)];
const tasks = states.filter(([, { Type }]) => Type === 'Task');

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .sort();
}
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const kebab = (name: string): string => name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

const handlers = readdirSync(join(ROOT, 'lambdas'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3))
  .sort();
/** Handlers of events; every other one is a state. */
const REACTIONS = [
  'answer-lifecycle-hook',
  'recover-deployment',
  'start-deployment',
  'sweep',
  'wake-deployment',
];

describe('the state machine', () => {
  it('has exactly one handler file for each Task, of the same name', () => {
    expect([...tasks.map(([name]) => kebab(name)), ...REACTIONS].sort()).toEqual(handlers);
  });

  it('calls the function of the state’s own name', () => {
    for (const [name, { Arguments }] of tasks) expect(Arguments?.FunctionName).toBe(`\${${name}}`);
  });

  it('gives every Task a time-out, a Retry for transient errors, and a Catch of its own or around it', () => {
    // A failure of these two fails the execution, and the recovery of dead executions picks the deployment up.
    const last = ['ReleaseLock', 'HoldLock'];
    for (const [name, state, insideTry] of tasks) {
      expect(state.TimeoutSeconds, name).toBeDefined();
      expect(
        state.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals),
        name,
      ).toContain('AwsNotAnswering');
      expect(insideTry || state.Catch !== undefined || last.includes(name), name).toBe(true);
    }
  });

  it('names only errors that steps throw, or that Step Functions and Lambda raise', () => {
    const thrown = Object.keys(errors);
    const named = states.flatMap(([, { Catch = [], Retry = [] }]) =>
      [...Catch, ...Retry].flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    const unknown = named.filter(
      (name) => !/^(States|Lambda|Runtime|Sandbox)\./.test(name) && !thrown.includes(name),
    );
    expect(unknown).toEqual([]);
  });

  it('catches every refusal that a step inside Deploy can throw as a refusal', () => {
    const deploy = machine.States.Deploy;
    const refused = deploy?.Catch?.find(({ Next }) => Next === 'ReleaseLock')?.ErrorEquals ?? [];
    const steps = statesOf(deploy?.Branches?.[0]?.States ?? {});
    const thrown = [...steps].flatMap(([name, { Type }]) =>
      Type === 'Task' ? refusalsOf(`lambdas/${kebab(name)}.ts`) : [],
    );
    expect(refused).toEqual(expect.arrayContaining([...new Set(thrown)]));
  });

  it('retries every name that ends in Yet in the state that throws it', () => {
    for (const [name, state] of tasks) {
      const thrown = [...closureOf(`lambdas/${kebab(name)}.ts`)].flatMap(
        (file) => read(file).match(/new (\w+Yet)\(/g) ?? [],
      );
      const retried = state.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals) ?? [];
      for (const match of thrown) expect(retried, name).toContain(match.slice(4, -1));
    }
  });

  it('assigns only what the step returns under that name', () => {
    for (const [name, { Assign = {} }] of tasks) {
      for (const [, path] of JSON.stringify(Assign).matchAll(/result\.Payload\.(\w+)/g)) {
        expect(read(`lambdas/${kebab(name)}.ts`), name).toMatch(new RegExp(`\\b${path}\\b`));
      }
    }
  });

  it('lets Choices read booleans and short words only', () => {
    const conditions = states.flatMap(([, { Choices = [] }]) => Choices.map(({ Condition }) => Condition));
    for (const condition of conditions) expect(condition).toMatch(/^\{% \$\w+( = '\w+')? %\}$/);
  });

  it('has a look for every state that waits for a task token', () => {
    const waiting = tasks
      .filter(([, { Resource }]) => Resource?.endsWith('.waitForTaskToken'))
      .map(([name]) => name);
    expect(waiting.sort()).toEqual(Object.keys(LOOKS).sort());
  });

  it('ends every rollback, refusal and halt in a Fail state', () => {
    for (const name of ['RolledBack', 'RollbackFailed', 'DrainFailed', 'Halted', 'Refused', 'TakenOver']) {
      expect(machine.States[name]?.Type, name).toBe('Fail');
    }
  });
});

/** The files that a file reaches through relative imports, itself included. */
function closureOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path = ''] of read(file).matchAll(/^import (?!type ).*?from '(\.[^']+)';/gms)) {
    closureOf(join(file, '..', path), seen);
  }
  return seen;
}

function refusalsOf(file: string): string[] {
  const classes = Object.entries(errors).filter(([, thing]) => thing.prototype instanceof errors.Refusal);
  const source = read(file);
  return classes.map(([name]) => name).filter((name) => source.includes(`new ${name}(`));
}

describe('the sources', () => {
  const sources = ['lambdas', 'local', 'infra', 'cli'].flatMap(filesUnder);

  it('say what a file is for in its first line', () => {
    const silent = sources.filter((file) => !/^(#!.*\n)?\/\*\* .+/.test(read(file)));
    expect(silent).toEqual([]);
  });

  it('read time and randomness only through the clock and the seed', () => {
    const allowed = /^(local\/clock\/|local\/random\.ts|lambdas\/common\/runtime\.ts)/;
    const forbidden =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bset(Timeout|Interval)\(|\bperformance\.now\b|\brandomUUID\b|\bhrtime\b|\brandomBytes\b|AbortSignal\.timeout/;
    const offenders = ['lambdas', 'local']
      .flatMap(filesUnder)
      .filter((file) => !allowed.test(file) && forbidden.test(withoutComments(read(file))));
    expect(offenders).toEqual([]);
  });

  it('import the SDK only where calls are made, carried or checked', () => {
    const allowed = /^(lambdas\/aws\/|local\/wire\/|local\/world\/)/;
    const offenders = sources.filter(
      (file) => !allowed.test(file) && /^import (?!type ).*from '@aws-sdk\//m.test(read(file)),
    );
    expect(offenders).toEqual([]);
  });

  it('keep decisions pure and local/ apart from lambdas/', () => {
    const impure = filesUnder('lambdas/decisions').filter((file) =>
      /from '(\.\.\/(aws|table|waits)|@aws-sdk|node:)/.test(read(file)),
    );
    const entangled = filesUnder('local').filter((file) =>
      /^import (?!type ).*from '[./]*\/lambdas\//m.test(read(file)),
    );
    expect({ impure, entangled }).toEqual({ impure: [], entangled: [] });
  });

  it('leave nothing half-done and no test switched off', () => {
    const pattern = /\b(TODO|FIXME|XXX)\b|\b(it|test|describe)\.(only|skip|todo)\(/;
    const self = 'test/tidy.test.ts';
    expect(
      [...sources, ...filesUnder('test')].filter((file) => file !== self && pattern.test(read(file))),
    ).toEqual([]);
  });
});

const withoutComments = (source: string): string => source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
