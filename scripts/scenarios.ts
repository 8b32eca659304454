/** Lists the demo's scenarios in docs/cli.md. */
import { SCENARIOS } from '../local/world/scenarios.ts';
import { type GeneratedPart, renderTable, writeWhenRun } from './generated-part.ts';

export const SCENARIOS_PART: GeneratedPart = {
  page: 'docs/cli.md',
  thing: 'scenarios',
  script: 'scenarios',
  render: () =>
    renderTable(
      ['scenario', 'strategy', 'outcome', 'what happens'],
      SCENARIOS.map(({ name, strategy, expectedOutcome, says }) => [
        `\`${name}\``,
        strategy,
        `\`${expectedOutcome}\``,
        says,
      ]),
    ),
};

writeWhenRun(import.meta.filename, SCENARIOS_PART);
