import { schedule } from 'node-cron';
import { offer } from '../blocks/replies/start.ts';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import { offerReady } from '../flows/jobs/offer-ready.ts';
import type { HandlerContext } from '../handlers/support/context.ts';

const EVERY_MINUTE = '* * * * *';

/**
 * Looks every minute whether a state file has reached ship-prod, and offers the promotion in the service's channel, once
 * per feature and validated commit.
 */
export function startOffers(context: HandlerContext): { stop(): Promise<void> } {
  const look = () => offerAll(context);
  const task = schedule(EVERY_MINUTE, look, { noOverlap: true });
  void look();
  return { stop: async () => task.stop() };
}

async function offerAll({ requests, client, log }: HandlerContext): Promise<void> {
  for (const ports of requests.services.values()) {
    const { name: service, channel } = ports.service;
    try {
      await offerReady(requests, ports, async (ready) => {
        const { text, blocks } = offer({ service, ...ready });
        await client.chat.postMessage({ channel, text, blocks });
      });
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unavailable))
        log.warn({ err: error, service }, 'the watch could not look, or not offer what is ready');
    }
  }
}
