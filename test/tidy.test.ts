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
const fileOf = (state: string): string => `lambdas/${kebab(state)}.ts`;

/** `{% $migrates %}`, `{% $next = 'bake' %}`, `{% $plan.start = 'beside' %}` */
const CONDITION = /^\{% \$(?<variable>\w+)(\.(?<member>\w+))?( = '(?<word>\w+)')? %\}$/;
/** `{% $bakeSeconds %}`, `{% $plan.timeouts.drain %}` */
const TIMEOUT = /^\{% \$(?<variable>\w+)(\.timeouts\.(?<member>\w+))? %\}$/;
const NEXT_ACT = 'lambdas/decisions/next-act.ts';

const handlers = readdirSync(join(ROOT, 'lambdas'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3))
  .sort();
/** Called by events, by ECS, by a person or by another handler; every other one is a state. */
const NO_STATES = [
  'answer-lifecycle-hook',
  'call-check',
  'check-http',
  'publish-deployment',
  'recover-deployment',
  'signal-deployment',
  'start-deployment',
  'sweep',
  'tell-transitions',
  'sweep-images',
  'wake-deployment',
];

describe('the state machine', () => {
  it('has exactly one handler file for each Task, of the same name', () => {
    expect([...tasks.map(([name]) => kebab(name)), ...NO_STATES].sort()).toEqual(handlers);
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
      Type === 'Task' ? refusalsOf(fileOf(name)) : [],
    );
    expect(refused).toEqual(expect.arrayContaining([...new Set(thrown)]));
  });

  it('retries every name that ends in Yet in the state that throws it', () => {
    for (const [name, state] of tasks) {
      const thrown = [...closureOf(fileOf(name))].flatMap(
        (file) => read(file).match(/new (\w+Yet)\(/g) ?? [],
      );
      const retried = state.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals) ?? [];
      for (const match of thrown) expect(retried, name).toContain(match.slice(4, -1));
    }
  });

  it('assigns only what the step returns under that name', () => {
    for (const [name, state] of tasks) {
      // A function's answer is wrapped in Payload; what is sent to a task token is the result itself.
      const result = isWait(state) ? /\bresult\.(\w+)/g : /\bresult\.Payload\.(\w+)/g;
      for (const [, path = ''] of JSON.stringify(state.Assign ?? {}).matchAll(result)) {
        expect(wordsReturnedBy(name), name).toContain(path);
      }
    }
  });

  it('lets Choices read booleans and short words only, which a step returned or a state assigned', () => {
    for (const condition of states.flatMap(([, { Choices = [] }]) => Choices.map((one) => one.Condition))) {
      expect(condition).toMatch(CONDITION);
      const { variable = '', member, word } = CONDITION.exec(condition)?.groups ?? {};
      const returned = new Set(stepsThatAssign(variable).flatMap(([name]) => [...closureOf(fileOf(name))]));
      const texts = [...returned].map(read);
      const literals = states.flatMap(([, { Assign = {} }]) => Assign[variable] ?? []);

      expect([...texts, ...literals].length, condition).toBeGreaterThan(0);
      if (member)
        expect(
          [...returned].flatMap((file) => membersIn(file, variable)),
          condition,
        ).toContain(member);
      if (word)
        expect(
          literals.includes(word) || texts.some((text) => text.includes(`'${word}'`)),
          `a step says ${word}`,
        ).toBe(true);
    }
  });

  it('takes the time-out of a wait from what a step returned', () => {
    for (const [name, { TimeoutSeconds }] of tasks.filter(([, state]) => isWait(state))) {
      const { variable = '', member } = TIMEOUT.exec(`${TimeoutSeconds}`)?.groups ?? {};
      const returned = stepsThatAssign(variable).flatMap(([step]) => [...closureOf(fileOf(step))]);

      expect(returned, name).not.toEqual([]);
      if (member)
        expect(
          returned.flatMap((file) => membersIn(file, 'timeouts')),
          name,
        ).toContain(member);
    }
  });

  it('has a look for every state that waits for a task token', () => {
    const waiting = tasks.filter(([, state]) => isWait(state)).map(([name]) => name);
    expect(waiting.sort()).toEqual(Object.keys(LOOKS).sort());
  });

  it('ends every rollback, refusal and halt in a Fail state', () => {
    for (const name of ['RolledBack', 'RollbackFailed', 'DrainFailed', 'Halted', 'Refused', 'TakenOver']) {
      expect(machine.States[name]?.Type, name).toBe('Fail');
    }
  });
});

function isWait({ Resource = '' }: State): boolean {
  return Resource.endsWith('.waitForTaskToken');
}

/** The words of a step's own file and of the look that answers for it; a step that returns a `Next` returns its members. */
function wordsReturnedBy(state: string): Set<string> {
  const file = fileOf(state);
  const own = [file, ...importsOf(file).filter((path) => path.startsWith('lambdas/waits/'))];
  const returnsNext = own.some((path) => importsOf(path).includes(NEXT_ACT));
  const words = own.flatMap((path) => withoutComments(read(path)).match(/\w+/g) ?? []);
  return new Set([...words, ...(returnsNext ? membersIn(NEXT_ACT, 'Next') : [])]);
}

/** Steps that assign to a variable what they returned. */
function stepsThatAssign(variable: string): typeof tasks {
  return tasks.filter(([, { Assign = {} }]) => /^\{% \$states\.result\./.test(`${Assign[variable]}`));
}

/** The members of the interface, or of the object within one, whose name ends with the given word. */
function membersIn(file: string, word: string): string[] {
  const opening = new RegExp(`^( *)(?:export interface \\w*|readonly )${word}:? \\{$`, 'im');
  const source = read(file);
  const found = opening.exec(source);
  if (!found) return [];
  const [line, indent = ''] = found;
  const body = source.slice(found.index + line.length, source.indexOf(`\n${indent}}`, found.index));
  return [...body.matchAll(new RegExp(`^${indent} {2}readonly (\\w+)\\??:`, 'gm'))].map(
    ([, member = '']) => member,
  );
}

/** The files that a file imports values from, by relative paths. */
function importsOf(file: string): string[] {
  return [...read(file).matchAll(/^import (?!type ).*?from '(\.[^']+)';/gms)].map(([, path = '']) =>
    join(file, '..', path),
  );
}

/** The files that a file reaches through relative imports, itself included. */
function closureOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const path of importsOf(file)) closureOf(path, seen);
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
