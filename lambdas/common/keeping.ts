/** How long the history is kept. */
import type { ServiceConfiguration } from './service.ts';

/** What `history.keep` is if nobody says otherwise: a year and a month. */
export const HISTORY_SECONDS = 400 * 86_400;

/** Records from before the key was there have no value of it. */
export const historySeconds = ({
  historySeconds: seconds = HISTORY_SECONDS,
}: Partial<Pick<ServiceConfiguration, 'historySeconds'>>): number => seconds;
