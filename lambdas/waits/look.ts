/** What one look at an open wait can find. */

export type Look =
  /** Not yet: the wait stays open; the reason says what it waits for. */
  | { readonly open: true; readonly waitingFor: string }
  /** It is so: the state's result. */
  | { readonly open: false; readonly answer: object }
  /** It will not come: the error that the state ends with. */
  | { readonly open: false; readonly failure: Error };

export const stillOpen = (waitingFor: string): Look => ({ open: true, waitingFor });
export const answered = (answer: object): Look => ({ open: false, answer });
export const failed = (failure: Error): Look => ({ open: false, failure });
