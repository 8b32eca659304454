/** What the shape of `image` cannot say: every container gets its image from one repository, and every repository feeds once. */
import { at, type Draft, itemsAt, type Place, placesAt, textAt } from './draft.ts';
import { isMapping, type Path, type Problem, problemAt } from './problems.ts';

export const TAG_POLICIES = ['semver', 'glob', 'newest', 'exact'] as const;

export function imageInconsistencies(draft: Draft): Problem[] {
  const sources = [['image'], ...itemsAt(draft, 'image', 'sidecars')];
  return [
    ...sources.flatMap((source) => onePolicy(draft, [...source, 'tags'])),
    ...containersApart(draft, sources),
    ...repositoriesApart(draft, sources),
  ];
}

function onePolicy(draft: Draft, within: Path): Problem[] {
  const value = at(draft, ...within);
  if (!isMapping(value)) return [];
  const present = TAG_POLICIES.filter((policy) => value[policy] !== undefined);
  if (present.length === 1) return [];
  const found = present.length === 0 ? 'none of them' : present.join(' and ');
  const allowed = `exactly one of ${TAG_POLICIES.join(', ')}`;
  return [problemAt(draft.document, [...draft.path, ...within], allowed, found)];
}

function containersApart(draft: Draft, sources: readonly Path[]): Problem[] {
  const paths = sources.flatMap((source) => {
    const list = itemsAt(draft, ...source, 'container');
    return list.length > 0 ? list : [[...source, 'container']];
  });
  return repeated(draft, placesAt(draft, paths), 'each container once, because it has one image');
}

function repositoriesApart(draft: Draft, sources: readonly Path[]): Problem[] {
  const places = sources.flatMap((source) => {
    const registry = textAt(draft, ...source, 'registryId') ?? '';
    return placesAt(draft, [[...source, 'repository']]).map(({ path, text }) => ({
      path,
      text: `${registry}/${text}`,
    }));
  });
  return repeated(draft, places, 'each repository once; several containers that take one image are a list');
}

function repeated({ document }: Draft, places: readonly Place[], allowed: string): Problem[] {
  const seen = new Set<string>();
  return places.flatMap(({ path, text }) => {
    if (seen.has(text))
      return [problemAt(document, path, allowed, `'${text.replace(/^\//, '')}' a second time`)];
    seen.add(text);
    return [];
  });
}
