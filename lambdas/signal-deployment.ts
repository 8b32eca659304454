/** A person's word, through the function's URL: who says it is the word of AWS, and what becomes of it is answered. */
import { type Sfn, sfn } from './aws/sfn.ts';
import { ssm } from './aws/ssm.ts';
import { SIGNALS } from './common/deployment.ts';
import { BadInput } from './common/errors.ts';
import { parseSignal, type SignalInput } from './common/signal-input.ts';
import { type Ground, onLambda, type Reaction, reaction } from './common/step.ts';
import { parseUrlEvent, type UrlRequest } from './common/url-event.ts';
import { WAKE_PORTS, type WakePorts } from './common/wake.ts';
import type { Identity } from './decisions/identity.ts';
import { configurationOf } from './resolution/configuration.ts';
import { answer, answerRefusal, type UrlAnswer } from './words/answer.ts';
import { type DeploymentWord, tellDeployment } from './words/deployment-word.ts';
import { rollBack } from './words/rollback-word.ts';
import { restrain, resumeService } from './words/service-word.ts';
import { describeStanding } from './words/standing.ts';

type Built = WakePorts & { readonly sfn: Sfn; readonly ssm: ReturnType<typeof ssm> };
type Ports = Built & Ground;

const signalDeployment: Reaction<Built> = async (event, ports) => {
  try {
    return await answerTo(parseUrlEvent(event), ports);
  } catch (error) {
    const refusal = answerRefusal(error);
    ports.log.info('word refused', { statusCode: refusal.statusCode, reason: refusal.body });
    return refusal;
  }
};

export const create = reaction('SignalDeployment', signalDeployment, { ...WAKE_PORTS, sfn, ssm });
export const handler = onLambda(create);

/** A link that somebody, or a program, merely follows must change nothing: GET shows, POST acts. */
async function answerTo({ method, body, query, caller }: UrlRequest, ports: Ports): Promise<UrlAnswer> {
  if (method === 'GET') return answer(200, await show(query.service, ports));
  if (method !== 'POST') {
    const errorMessage = `found ${method}; GET shows, POST acts`;
    return answer(405, { errorType: 'BadInput', errorMessage }, { allow: 'GET, POST' });
  }
  const asked = parseSignal(body);
  ports.log.append({ service: asked.service });
  return answer(200, { ...(await obey(asked, caller, ports)), signal: asked.signal });
}

async function show(service: string | undefined, ports: Ports): Promise<object> {
  if (!service) throw new BadInput('which service? ask with ?service=orders');
  await configurationOf(service, ports);
  return describeStanding(service, ports);
}

async function obey(asked: SignalInput, caller: Identity, ports: Ports): Promise<object> {
  if (asked.deploymentId === undefined) await configurationOf(asked.service, ports);
  if (!isForDeployment(asked)) return restrain(asked, caller, ports);
  switch (asked.signal) {
    case 'resume':
      return resumeService(asked, caller, ports);
    case 'rollback':
      return rollBack(asked, caller, ports);
    default:
      return tellDeployment(asked, caller, ports);
  }
}

const isForDeployment = (asked: SignalInput): asked is DeploymentWord =>
  SIGNALS.some((name) => name === asked.signal);
