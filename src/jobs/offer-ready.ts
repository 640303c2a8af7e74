import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import { offerReady } from '../flows/jobs/offer-ready.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/**
 * Looks every minute whether a state file has reached ship-prod, and offers the promotion in the service's channel, once
 * per feature and validated commit.
 */
export function startOffers(context: HandlerContext): Repeated {
  return repeat(EVERY.minute, () => offerAll(context), {
    log: context.log,
    trouble: 'what is ready to be shipped could not be offered',
  });
}

async function offerAll({ requests, prompts, log }: HandlerContext): Promise<void> {
  for (const ports of requests.services.values()) {
    const { name: service } = ports.service;
    try {
      await offerReady(requests, ports);
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unavailable))
        log.warn({ err: error, service }, 'it could not be looked for what is ready to be shipped');
    }
  }
  await prompts.look();
}
