/** Going back to a fleet: what stands in the place of an image, and who may ask for it. */
import type { DeployedImage, ResolvedSide } from '../common/deployment.ts';
import { BadInput, GreenIsFleet } from '../common/errors.ts';
import type { ServiceConfiguration } from '../common/service.ts';
import type { Asked } from './requested-image.ts';

/** Stands for whatever a fleet's machines run, which nobody here knows. */
export const digestOfFleet = (fleet: string): string => `fleet:${fleet}`;

/** The fleet that a request gives the traffic back to; undefined if it deploys an image. @throws BadInput naming the fleets */
export function requestedFleet(request: Asked, { name, sides }: ServiceConfiguration): string | undefined {
  if (request.kind !== 'person' || request.to === undefined) return undefined;
  const fleets = sides.filter(({ kind }) => kind === 'fleet').map(({ service }) => service);
  if (fleets.includes(request.to)) return request.to;
  const known = fleets.length > 0 ? `its fleet is ${fleets.join(', ')}` : 'it has none';
  throw new BadInput(`to is '${request.to}', which is no fleet of ${name}; ${known}`);
}

/** What the record has in the place of an image. */
export const imageOfFleet = (fleet: string): DeployedImage => ({ uri: '', digest: digestOfFleet(fleet) });

/**
 * A fleet takes no image. While ECS serves beside one, an image has nowhere to go: automation never gives the traffic
 * back to the fleet on its behalf. @throws GreenIsFleet
 */
export function refuseImageForFleet(request: Asked, green: ResolvedSide, service: string): void {
  if (green.kind !== 'fleet' || (request.kind === 'person' && request.to !== undefined)) return;
  throw new GreenIsFleet(
    `${green.service}, where a new version would go, is a fleet, which takes no image. Give ${service} a second ECS service in its place, or give the traffic back with {"service": "${service}", "to": "${green.service}"}`,
  );
}
