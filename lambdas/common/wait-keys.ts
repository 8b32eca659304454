/** How those who call wake-deployment say which waits they mean. */

/** To look at every open wait; otherwise it gets the keys of those that are meant. */
export const EVERY_WAIT = { everyWait: true } as const;

/** The key of a deployment among the things that wake its wait. */
export const deploymentWaitKey = (deploymentId: string): string => `deployment:${deploymentId}`;
