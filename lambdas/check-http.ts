/** CheckHttp: sends the requests of HTTP checks from inside a network. It may call nothing of AWS, and needs nothing of it. */
import { askInTurn, type HttpOrder, type HttpReport } from './common/asking.ts';
import { onLambda } from './common/on-lambda.ts';
import type { Handler, Runtime } from './common/runtime.ts';

export const create =
  (runtime: Runtime): Handler =>
  async (event): Promise<HttpReport> => {
    const { requests } = event as HttpOrder;
    return { asked: await askInTurn(requests, runtime) };
  };

export const handler = onLambda(create);
