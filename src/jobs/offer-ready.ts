import { setTimeout as pause } from 'node:timers/promises';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import { offerReady, settleRemoved } from '../flows/jobs/offer-ready.ts';
import type { HandlerContext } from '../handlers/support/context.ts';

/** Between two services it rests so many times longer than it looked, so that a thousand of them leave room for others. */
const REST = 3;
const LONGEST_REST_MS = 1_000;

/**
 * Looks whether a state file has reached ship-prod, and offers the promotion in the service's channel, once per feature and
 * validated commit. Looks at no further service once it has to stop.
 */
export async function offerAll(
  { requests, prompts, log }: Pick<HandlerContext, 'requests' | 'prompts' | 'log'>,
  stopping: AbortSignal,
): Promise<void> {
  for (const ports of requests.services.values()) {
    if (stopping.aborted) return;
    const { name: service } = ports.service;
    const began = performance.now();
    try {
      await offerReady(requests, ports);
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unavailable))
        log.warn({ err: error, service }, 'it could not be looked for what is ready to be shipped');
    }
    const rest = Math.min(LONGEST_REST_MS, REST * (performance.now() - began));
    await pause(rest, undefined, { ref: false, signal: stopping }).catch(() => undefined);
  }
  if (stopping.aborted) return;
  await settleRemoved(requests);
  await prompts.look();
}
