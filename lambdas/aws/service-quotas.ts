/** Service Quotas: the limits that an account has in its Region. */
import { ListServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface ServiceQuotas {
  /** Quota name → value, of a service such as `ecs` or `fargate`. */
  listQuotas(serviceCode: string): Promise<ReadonlyMap<string, number>>;
}

const clientFor = clientOf(ServiceQuotasClient);

export function serviceQuotas(runtime: Runtime): ServiceQuotas {
  return {
    async listQuotas(ServiceCode) {
      const quotas = new Map<string, number>();
      let NextToken: string | undefined;
      do {
        const page = await clientFor(runtime).send(new ListServiceQuotasCommand({ ServiceCode, NextToken }));
        for (const { QuotaName, Value } of page.Quotas ?? [])
          if (QuotaName !== undefined && Value !== undefined) quotas.set(QuotaName, Value);
        NextToken = page.NextToken;
      } while (NextToken);
      return quotas;
    },
  };
}
