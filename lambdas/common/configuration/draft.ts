/** One service of a raw document, as far as it can be read: what is missing or of another type is left to the schema. */
import type { Strategy } from '../service.ts';
import { durationSeconds } from './duration.ts';
import { isMapping, type Path, valueAt } from './problems.ts';

export interface Draft {
  readonly name: string;
  readonly path: Path;
  readonly document: unknown;
}

/** A text and where it stands. */
export interface Place {
  readonly path: Path;
  readonly text: string;
}

export interface DraftSide {
  readonly path: Path;
  readonly cluster?: string;
  readonly service?: string;
  readonly fleet?: string;
  readonly targetGroup?: string;
}

export function draftsOf(document: unknown): Draft[] {
  const services = valueAt(document, ['services']);
  return Object.keys(isMapping(services) ? services : {}).map((name) => ({
    name,
    path: ['services', name],
    document,
  }));
}

export function at({ path, document }: Draft, ...within: Path): unknown {
  return valueAt(document, [...path, ...within]);
}

export function isGiven(draft: Draft, ...within: Path): boolean {
  return at(draft, ...within) !== undefined;
}

export function textAt(draft: Draft, ...within: Path): string | undefined {
  const value = at(draft, ...within);
  return typeof value === 'string' ? value : undefined;
}

export function secondsAt(draft: Draft, ...within: Path): number | undefined {
  const text = textAt(draft, ...within);
  return text === undefined ? undefined : durationSeconds(text);
}

/** The items of a list, as paths within the service. */
export function itemsAt(draft: Draft, ...within: Path): Path[] {
  const value = at(draft, ...within);
  return Array.isArray(value) ? value.map((_, index) => [...within, index]) : [];
}

export function keysAt(draft: Draft, ...within: Path): string[] {
  const value = at(draft, ...within);
  return isMapping(value) ? Object.keys(value) : [];
}

const SIDE_COUNTS: Readonly<Record<Strategy['type'], 1 | 2>> = {
  'all-at-once': 2,
  canary: 2,
  linear: 2,
  steps: 2,
  rolling: 1,
  recreate: 1,
  native: 1,
};

/** The strategy's type; undefined if it is none. */
export function strategyOf(draft: Draft): Strategy['type'] | undefined {
  if (!isGiven(draft, 'strategy')) return 'all-at-once';
  const type = textAt(draft, 'strategy', 'type') ?? '';
  return isStrategy(type) ? type : undefined;
}

function isStrategy(type: string): type is Strategy['type'] {
  return Object.hasOwn(SIDE_COUNTS, type);
}

/** How many sides the strategy needs: two if the traffic moves from one to the other. */
export function sideCountOf(type: Strategy['type']): 1 | 2 {
  return SIDE_COUNTS[type];
}

export function sidesOf(draft: Draft): DraftSide[] {
  return itemsAt(draft, 'sides').map((side) => ({
    path: [...draft.path, ...side],
    cluster: textAt(draft, ...side, 'cluster'),
    service: textAt(draft, ...side, 'service'),
    fleet: textAt(draft, ...side, 'fleet'),
    targetGroup: textAt(draft, ...side, 'targetGroup'),
  }));
}

/** The production rules or listener first, then the test rule. */
export function trafficPlaces(draft: Draft): Place[] {
  const paths = [
    ...itemsAt(draft, 'traffic', 'rules'),
    ...itemsAt(draft, 'traffic', 'modules').map((module) => [...module, 'rule']),
    ['traffic', 'listener'],
    ['traffic', 'testRule'],
  ];
  return placesAt(draft, paths);
}

/** Those of the paths within the service that have a text. */
export function placesAt(draft: Draft, paths: readonly Path[]): Place[] {
  return paths.flatMap((within) => {
    const text = textAt(draft, ...within);
    return text === undefined ? [] : [{ path: [...draft.path, ...within], text }];
  });
}
