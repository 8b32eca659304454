/** Names of one-off tasks that the stack's rules and roles know too. */

/** Of every task that is started for a service. */
export const SERVICE_TAG = 'sidestep:service';

/** The task group of a service's one-off tasks: `service:…` and `family:…` are ECS's own. */
export const groupOf = (service: string): string => `sidestep:${service}`;
