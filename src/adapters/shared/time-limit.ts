/**
 * Aborted after so many ms, or with the other signal. Node 20 may forget a time limit that nothing but `AbortSignal.any`
 * looks at, when it collects garbage; one that is listened to itself is kept.
 */
export function limited(timeoutMs: number, other?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(Math.max(1, Math.round(timeoutMs)));
  if (other === undefined) return timeout;
  timeout.addEventListener('abort', () => undefined, { once: true });
  return AbortSignal.any([timeout, other]);
}
