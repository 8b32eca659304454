/** Names and ARNs of ECS: what the API accepts in place of each other. */
import { localArn } from '../arns.ts';
import type { Random } from '../random.ts';

/** The last part of an ARN, or the name itself. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

export const clusterArn = (name: string): string => localArn('ecs', `cluster/${name}`);
export const serviceArn = (cluster: string, name: string): string =>
  localArn('ecs', `service/${cluster}/${name}`);
export const taskArn = (cluster: string, id: string): string => localArn('ecs', `task/${cluster}/${id}`);
export const taskDefinitionArn = (family: string, revision: number): string =>
  localArn('ecs', `task-definition/${family}:${revision}`);

/** 19 decimal digits, as ECS names deployments and revisions. */
export function nineteenDigits(random: Random): string {
  let digits = String(random.integer(1, 9));
  while (digits.length < 19) digits += random.integer(0, 9);
  return digits;
}
