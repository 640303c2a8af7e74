import { z } from 'zod';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { Duration } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { Calls, NotYet } from '../slack/calls.ts';
import { Channels } from '../slack/channels.ts';
import type { HeadContext, HeadPlace } from './port.ts';

const HEAD_EVENT = 'slipway_audit_head';
/** Clocks differ. */
const MINUTE_MS = 60_000;

const SlackHeadSettings = z
  .strictObject({
    use: z.literal('slack'),
    channel: z
      .string()
      .min(2)
      .meta({ description: 'Channel, as "#name" or id.', examples: ['#audit'] }),
    every: Duration.prefault('1d').meta({ description: 'How often.' }),
  })
  .meta({ description: 'A message in a channel, where everybody has seen it.' });

export const slackHeads = defineKind({ settings: SlackHeadSettings, open: openSlackHeads });

function openSlackHeads(
  { channel, every }: z.output<typeof SlackHeadSettings>,
  { slack, now, movedChannels }: HeadContext,
): HeadPlace {
  const calls = new Calls({ client: slack, elapsed: () => performance.now() });
  const channels = new Channels(slack, now, movedChannels);
  const name = `the channel ${channel}`;
  return {
    name,
    everyMs: every,
    publish: orAway(name, async ({ seq, hash, key }, slot) => {
      const id = await channels.idOf(channel);
      if (id === null) throw new Unavailable(name, 'there is no such channel that the bot can see');
      // A bot that died after it had posted did not know any more that it had.
      const begun = Math.floor(now() / every) * every;
      const within = { oldestMs: begun - MINUTE_MS, latestMs: begun + every + MINUTE_MS };
      for await (const { metadata } of calls.history(id, within)) {
        if (metadata?.event_type === HEAD_EVENT && metadata.event_payload['key'] === slot) return;
      }
      await calls.post({
        channel: id,
        text: `🔏 The audit log is at entry ${seq}. Whoever wants to check it later: \`slipway audit verify --head ${seq}:${hash} --key ${key}\``,
        metadata: { event_type: HEAD_EVENT, event_payload: { key: slot, seq } },
        unfurl_links: false,
      });
    }),
  };
}

/** Slack asks to wait: the job comes again every minute, for as long as the slot is. */
function orAway(name: string, publish: HeadPlace['publish']): HeadPlace['publish'] {
  return async (head, slot) => {
    try {
      await publish(head, slot);
    } catch (error) {
      if (!(error instanceof NotYet)) throw error;
      throw new Unavailable(name, `Slack takes no more for ${Math.ceil(error.ms / 1_000)} s`);
    }
  };
}
