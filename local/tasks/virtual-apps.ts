/** The border between the virtual runner and the virtual data plane: who answers at an address, and what. */

/** One modelled application process. */
export interface VirtualApp {
  /** Whether it accepts connections now. */
  listens(): boolean;
  /**
   * Answers one request as the process would at this moment.
   * @returns undefined if the connection is refused (it does not listen yet, or no longer).
   * `durationMs` is cloud time; the application may be killed before it has passed.
   */
  respond(request: {
    path: string;
    method: string;
  }): { statusCode: number; body: string; durationMs: number } | undefined;
}

/** The modelled processes by the address that they have a port on. */
export interface VirtualApps {
  /** The application that holds the port now; undefined if none does (connection refused). */
  at(host: string, port: number): VirtualApp | undefined;
}
