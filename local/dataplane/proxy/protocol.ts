/** The messages between the control process and the proxy's process. */
import type { DataPlane } from '../data-plane.ts';

export type PlaneCall = keyof DataPlane;

/** To the proxy: one call of the data plane's methods. */
export interface CallMessage {
  id: number;
  call: PlaneCall;
  arguments: unknown[];
}

/** Back from it. */
export type ReplyMessage = { id: number; result: unknown } | { id: number; error: string };

/** How the proxy is set up, as JSON in its first argument. */
export interface ProxySettings {
  /** Cloud seconds per wall second. */
  factor: number;
  seed: string;
}
