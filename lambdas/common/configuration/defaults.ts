/** What holds where the configuration says nothing, if more than one place has to know. */

/** How long both sides run after the last shift. */
export const BAKE = '10m';

/** How long the answer to an HTTP check may take. */
export const HTTP_TIMEOUT = '5s';

/** What `analysis: true` means. */
export const ANALYSIS = {
  minimumRequests: 1000,
  tolerance: 1.5,
  period: '1m',
  lag: '2m',
  otherwise: 'pause',
} as const;

/** What an approval that names only its gate means. */
export const APPROVAL = { timeout: '24h', otherwise: 'reject' } as const;

/** How long a service waits for the others of its group. */
export const GROUP_TIMEOUT = '1h';

/** How long ended deployments and their audits are kept: a year and a month. */
export const HISTORY = '400d';
