/** Answers that the load balancer makes itself: they carry `Server: awselb/2.0`, which a target's answer does not. */
import { STATUS_CODES } from 'node:http';

/** The Server header of answers made by the load balancer. */
export const ELB_SERVER = 'awselb/2.0';

export interface OwnAnswer {
  statusCode: number;
  headers: Record<string, string | number>;
  body: string;
}

/** An error page, as short as ALB's. */
export function errorPage(statusCode: number): OwnAnswer {
  const title = `${statusCode} ${STATUS_CODES[statusCode] ?? 'Error'}`;
  return ownAnswer(
    statusCode,
    `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\r\n`,
  );
}

export function ownAnswer(statusCode: number, body = '', contentType = 'text/html'): OwnAnswer {
  const headers: OwnAnswer['headers'] = { Server: ELB_SERVER, 'Content-Length': Buffer.byteLength(body) };
  if (body) headers['Content-Type'] = contentType;
  return { statusCode, headers, body };
}

/** The same as bytes, for a connection that is no HTTP message (or no longer one). Such an answer closes it. */
export function rawAnswer({ statusCode, headers, body }: OwnAnswer): string {
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
