/** How a service's schedules must fit each other. */
import { type Draft, itemsAt, textAt } from './draft.ts';
import { type Problem, problemAt } from './problems.ts';

export function calendarInconsistencies(draft: Draft): Problem[] {
  const names = itemsAt(draft, 'schedules').map((schedule) => ({
    path: [...draft.path, ...schedule, 'name'],
    name: textAt(draft, ...schedule, 'name'),
  }));
  const again = names.filter(
    ({ name }, index) => name !== undefined && names.slice(0, index).some((earlier) => earlier.name === name),
  );
  return again.map(({ path, name }) =>
    problemAt(draft.document, path, 'schedules of different names', `'${name}' a second time`),
  );
}
