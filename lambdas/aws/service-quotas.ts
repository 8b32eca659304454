/** Service Quotas: the limits that an account has in its Region. The client is loaded when it is first needed. */
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

/** Quota name → value, of a service such as `ecs` or `fargate`. */
export async function listQuotas(
  runtime: Runtime,
  ServiceCode: string,
): Promise<ReadonlyMap<string, number>> {
  const sdk = await import('@aws-sdk/client-service-quotas');
  const client = clientOf(sdk.ServiceQuotasClient)(runtime);
  const quotas = new Map<string, number>();
  for await (const { Quotas = [] } of sdk.paginateListServiceQuotas({ client }, { ServiceCode })) {
    for (const { QuotaName, Value } of Quotas)
      if (QuotaName !== undefined && Value !== undefined) quotas.set(QuotaName, Value);
  }
  return quotas;
}
