import { createHash } from 'node:crypto';
import type { Message } from '../../blocks/kit/rich-text.ts';
import { plannedEnd, plannedLine, plannedReminder, plannedSuperseded } from '../../blocks/replies/planned.ts';
import type { Sequence } from '../../domain/schedule/sequence.ts';
import type { SequenceNotice, SequenceVoice } from '../../flows/schedule/advance.ts';
import type { HandlerContext } from '../support/context.ts';
import { said } from './said.ts';

/** What the message about a sequence carries, to be found by. */
const EVENT = 'slipway_planned';
/** A clock may differ from Slack's by so much, ms. */
const DRIFT_MS = 60_000;
/** More of them an app that is not internal is not given. */
const MOST_MESSAGES = 15;

/** Says in Slack what becomes of what people planned. */
export function sequenceVoice({
  client,
  log,
  channelId,
}: Pick<HandlerContext, 'client' | 'log' | 'channelId'>): SequenceVoice {
  return {
    async tell(sequence, notice) {
      const { text, blocks } = noticeMessage(sequence, notice);
      await said(log, () => client.chat.postMessage({ channel: sequence.by, text, blocks }));
    },
    shows: (sequence, promotions) =>
      createHash('sha256')
        .update(JSON.stringify(plannedLine(sequence, promotions)))
        .digest('hex')
        .slice(0, 32),
    find: ({ id, channel: name, line }) => {
      const oldest = String(((line?.triedAt ?? 0) - DRIFT_MS) / 1_000);
      return said(log, async () => {
        const channel = await channelId(name);
        if (channel === null) return null;
        const { messages = [] } = await client.conversations.history({
          channel,
          oldest,
          limit: MOST_MESSAGES,
          include_all_metadata: true,
        });
        const found = messages.find(({ metadata }) => isOf(metadata, id));
        return found?.ts === undefined ? null : { channel, ts: found.ts };
      });
    },
    async post(sequence, promotions, place) {
      const { text, blocks } = plannedLine(sequence, promotions);
      const metadata = { event_type: EVENT, event_payload: { sequence: sequence.id } };
      if (place !== undefined) {
        await said(log, () => client.chat.update({ ...place, text, blocks, metadata }));
        return place;
      }
      const posted = await said(log, async () => {
        const channel = (await channelId(sequence.channel)) ?? sequence.channel;
        return client.chat.postMessage({ channel, text, blocks, metadata });
      });
      const { channel, ts } = posted ?? {};
      return channel === undefined || ts === undefined ? null : { channel, ts };
    },
  };
}

function isOf(metadata: { event_type?: string; event_payload?: object } | undefined, id: string): boolean {
  return metadata?.event_type === EVENT && Object.values(metadata.event_payload ?? {}).includes(id);
}

function noticeMessage(sequence: Sequence, notice: SequenceNotice): Message {
  if (notice.kind === 'reminder') return plannedReminder(sequence, notice.at, notice.inTheWay);
  return notice.kind === 'superseded' ? plannedSuperseded(notice.planned) : plannedEnd(sequence, notice.end);
}
