/** The fault of a connection that breaks before the answer: thrown by an interceptor, it reaches the client as a reset. */

/** The server drops the socket; the in-process handler rejects as a socket would (`code: 'ECONNRESET'`). */
export class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';

  constructor(message = 'the connection was lost before an answer arrived') {
    super(message);
    this.name = 'ConnectionLost';
  }
}
