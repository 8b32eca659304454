/** IAM: who may assume a role, and what a role's policies allow. */
import {
  GetRoleCommand,
  IAMClient,
  NoSuchEntityException,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

/** One action on one resource, by a principal. */
export interface SimulatedCall {
  readonly principalArn: string;
  readonly action: string;
  readonly resourceArn: string;
  /** Condition keys and their values. */
  readonly context?: Readonly<Record<string, string>>;
}

export interface Iam {
  /** The role's trust policy, as JSON text. @returns undefined if there is no such role */
  getTrustPolicy(roleArn: string): Promise<string | undefined>;
  /**
   * What the principal's own policies say: neither those of the resource nor an organization's are counted.
   * @returns undefined if there is no such principal
   */
  simulate(call: SimulatedCall): Promise<boolean | undefined>;
}

const clientFor = clientOf(IAMClient);

export function iam(runtime: Runtime): Iam {
  const client = clientFor(runtime);
  return {
    getTrustPolicy: (roleArn) =>
      unlessMissing(async () => {
        const command = new GetRoleCommand({ RoleName: roleArn.slice(roleArn.lastIndexOf('/') + 1) });
        // The document comes as a URL carries it.
        return decodeURIComponent((await client.send(command)).Role?.AssumeRolePolicyDocument ?? '');
      }),
    simulate: ({ principalArn, action, resourceArn, context = {} }) =>
      unlessMissing(async () => {
        const entries = Object.entries(context).map(([ContextKeyName, value]) => ({
          ContextKeyName,
          ContextKeyType: 'string' as const,
          ContextKeyValues: [value],
        }));
        const { EvaluationResults = [] } = await client.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: principalArn,
            ActionNames: [action],
            ResourceArns: [resourceArn],
            ContextEntries: entries,
          }),
        );
        return (
          EvaluationResults.length > 0 &&
          EvaluationResults.every(({ EvalDecision }) => EvalDecision === 'allowed')
        );
      }),
  };
}

async function unlessMissing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NoSuchEntityException) return undefined;
    throw error;
  }
}
