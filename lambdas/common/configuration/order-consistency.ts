/** How services refer to each other: what comes after what, and what shifts together. */
import { GROUP_TIMEOUT } from './defaults.ts';
import { at, type Draft, isGiven, itemsAt, secondsAt, sideCountOf, strategyOf, textAt } from './draft.ts';
import { durationSeconds } from './duration.ts';
import { GROUP_MAX } from './order-schema.ts';
import { allowedWords, type Path, type Problem, problemAt } from './problems.ts';
import { BECAUSE, bakeSeconds } from './strategy-consistency.ts';

/** What one service's order must be like by itself. */
export function orderInconsistencies(draft: Draft): Problem[] {
  return [...groupShifts(draft), ...afterOnce(draft)];
}

/** What can be said only when every service is known. */
export function orderBetween(drafts: readonly Draft[]): Problem[] {
  return [
    ...afterKnown(drafts),
    ...drafts.flatMap((draft) => cyclesFrom(draft, drafts)),
    ...drafts.flatMap((draft) => notAfterOwnGroup(draft, drafts)),
    ...groupsOfSize(drafts),
    ...drafts.flatMap((draft) => groupWaitsLongEnough(draft, drafts)),
  ];
}

function problem({ path, document }: Draft, within: Path, allowed: string, found?: string): Problem {
  return problemAt(document, [...path, ...within], allowed, found);
}

/** A shift that cannot be timed, or taken back in one write, cannot be made as one with others. */
function groupShifts(draft: Draft): Problem[] {
  const type = strategyOf(draft);
  if (!isTogether(draft) || type === undefined || sideCountOf(type) === 2) return [];
  const allowed = `nothing, or together: false, because ${BECAUSE[type]}: it cannot wait at the shift for the others of the group`;
  return [problem(draft, ['group'], allowed, `a group with the strategy ${type}`)];
}

function afterOnce(draft: Draft): Problem[] {
  const items = afterItems(draft);
  return items.flatMap(({ within, name }, index) => {
    if (name === draft.name)
      return [problem(draft, within, 'the name of another service', `'${name}', the service itself`)];
    const isFirst = items.findIndex((item) => item.name === name) === index;
    return isFirst ? [] : [problem(draft, within, 'each service once', `'${name}' a second time`)];
  });
}

function afterKnown(drafts: readonly Draft[]): Problem[] {
  const known = drafts.map(({ name }) => name);
  return drafts.flatMap((draft) =>
    afterItems(draft)
      .filter(({ name }) => !known.includes(name))
      .map(({ within, name }) => {
        const others = known.filter((other) => other !== draft.name);
        return problem(draft, within, `a service: ${allowedWords(others, name)}`, `the unknown '${name}'`);
      }),
  );
}

/** A cycle is told once, at the first of its services. */
function cyclesFrom(draft: Draft, drafts: readonly Draft[]): Problem[] {
  const names = drafts.map(({ name }) => name);
  const cycle = findWay(draft.name, draft.name, drafts);
  if (!cycle || cycle.length < 3) return [];
  const isFirst = cycle.every((name) => names.indexOf(draft.name) <= names.indexOf(name));
  if (!isFirst) return [];
  return [problem(draft, ['after'], 'services that do not wait for this one', cycle.join(' after '))];
}

/** Members wait for each other at the shift: one that may not begin before another has ended would never come. */
function notAfterOwnGroup(draft: Draft, drafts: readonly Draft[]): Problem[] {
  const group = groupNameOf(draft);
  if (!isTogether(draft) || group === undefined) return [];
  const others = membersOf(group, drafts).filter(({ name }) => name !== draft.name);
  return others.flatMap(({ name }) => {
    const way = findWay(draft.name, name, drafts);
    const allowed = `no service of the group ${group}, whose members shift together`;
    return way ? [problem(draft, ['after'], allowed, way.join(' after '))] : [];
  });
}

function groupsOfSize(drafts: readonly Draft[]): Problem[] {
  return drafts.flatMap((draft) => {
    const group = groupNameOf(draft);
    if (group === undefined || !isTogether(draft)) return [];
    const members = membersOf(group, drafts);
    if (members[0]?.name !== draft.name) return [];
    if (members.length < 2)
      return [problem(draft, ['group', 'name'], 'a group that another service names too', `'${group}'`)];
    if (members.length <= GROUP_MAX) return [];
    const allowed = `a group of at most ${GROUP_MAX} services`;
    return [problem(draft, ['group', 'name'], allowed, `'${group}' of ${members.length}`)];
  });
}

/** Who has baked waits for who bakes longer. */
function groupWaitsLongEnough(draft: Draft, drafts: readonly Draft[]): Problem[] {
  const group = groupNameOf(draft);
  if (group === undefined || !isTogether(draft)) return [];
  const longest = Math.max(...membersOf(group, drafts).map(bakeSeconds));
  const needed = longest - bakeSeconds(draft);
  const timeout = secondsAt(draft, 'group', 'timeout') ?? durationSeconds(GROUP_TIMEOUT) ?? 0;
  if (timeout > needed) return [];
  const allowed = `more than ${needed}s, for so much longer another service of the group ${group} bakes`;
  return [problem(draft, ['group', 'timeout'], allowed, `${timeout}s`)];
}

const groupNameOf = (draft: Draft): string | undefined => textAt(draft, 'group', 'name');

const isTogether = (draft: Draft): boolean =>
  isGiven(draft, 'group') && at(draft, 'group', 'together') !== false;

const membersOf = (group: string, drafts: readonly Draft[]): Draft[] =>
  drafts.filter((draft) => groupNameOf(draft) === group && isTogether(draft));

function afterItems(draft: Draft): { readonly within: Path; readonly name: string }[] {
  return itemsAt(draft, 'after').flatMap((within) => {
    const name = textAt(draft, ...within);
    return name === undefined ? [] : [{ within, name }];
  });
}

/** The way from a service to another along `after`, both ends included; undefined if there is none. */
function findWay(
  from: string,
  to: string,
  drafts: readonly Draft[],
  seen: readonly string[] = [],
): string[] | undefined {
  const draft = drafts.find(({ name }) => name === from);
  if (!draft || seen.includes(from)) return undefined;
  for (const { name } of afterItems(draft)) {
    if (name === to) return [from, to];
    const rest = findWay(name, to, drafts, [...seen, from]);
    if (rest) return [from, ...rest];
  }
  return undefined;
}
