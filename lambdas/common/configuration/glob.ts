/** A glob of tags as the configuration keeps it: with the regular expression that it means, so that no handler has to carry a parser of globs. */
import picomatch from 'picomatch';
import type { TagPolicy } from '../service.ts';

/** @param glob as sidestep.yaml has it, such as `v*` */
export const globPolicy = (glob: string): Extract<TagPolicy, { glob: string }> => ({
  glob,
  pattern: picomatch.makeRe(glob).source,
});
