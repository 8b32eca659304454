/** IAM: who may assume a role, and what a role's policies allow. The client is loaded when it is first needed: few commands do. */
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

export function iam(runtime: Runtime): Iam {
  const load = loader(runtime);
  return {
    async getTrustPolicy(roleArn) {
      const { sdk, client } = await load();
      const command = new sdk.GetRoleCommand({ RoleName: roleArn.slice(roleArn.lastIndexOf('/') + 1) });
      const answer = await unlessMissing(client.send(command));
      // The document comes as a URL carries it.
      return answer && decodeURIComponent(answer.Role?.AssumeRolePolicyDocument ?? '');
    },
    async simulate({ principalArn, action, resourceArn, context = {} }) {
      const { sdk, client } = await load();
      const command = new sdk.SimulatePrincipalPolicyCommand({
        PolicySourceArn: principalArn,
        ActionNames: [action],
        ResourceArns: [resourceArn],
        ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
          ContextKeyName,
          ContextKeyType: 'string' as const,
          ContextKeyValues: [value],
        })),
      });
      const { EvaluationResults: results = [] } = (await unlessMissing(client.send(command))) ?? {
        EvaluationResults: undefined,
      };
      if (results.length === 0) return undefined;
      return results.every(({ EvalDecision }) => EvalDecision === 'allowed');
    },
  };
}

function loader(runtime: Runtime) {
  const begin = async () => {
    const sdk = await import('@aws-sdk/client-iam');
    return { sdk, client: clientOf(sdk.IAMClient)(runtime) };
  };
  let loaded: ReturnType<typeof begin> | undefined;
  return () => {
    loaded ??= begin();
    return loaded;
  };
}

async function unlessMissing<T>(sent: Promise<T>): Promise<T | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchEntityException') return undefined;
    throw error;
  }
}
