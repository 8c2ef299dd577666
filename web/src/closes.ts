// What the end of a connection says about coming back.

/** Close codes after which coming back would end the same way. */
export const finalCodes = new Set([1002, 1007, 1009, 4005]);

/**
 * When a gateway that lets nobody in wants to be asked again, by the reason
 * that it gave, of a close or in a body; 0: it did not say.
 */
export function retryMsIn(reason: string): number {
  return Number(/\bretry_ms"?[=:](\d+)/.exec(reason)?.[1] ?? 0);
}
