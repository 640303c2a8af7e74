import type { ActionsBlock, KnownBlock, RichTextBlockElement } from '@slack/types';
import type { ChartData } from '../../domain/judge/chart.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { inert, mention, time } from '../kit/escape.ts';
import { firstThatFits } from '../kit/limits.ts';
import { type Inline, type Message, para, rich } from '../kit/rich-text.ts';
import type { ServiceView } from '../kit/views.ts';

/** A reply in the thread of a promotion. */
export interface NoticeMessage extends Message {
  /** A text file that belongs to it. */
  readonly file?: { readonly name: string; readonly title: string; readonly text: string };
  /** A chart that belongs to it, to be drawn by whoever sends it. */
  readonly chart?: ChartData;
  /** Also shown in the channel: only what nobody may miss. */
  readonly broadcast?: boolean;
}

/** What a notice is about, for names, links and buttons. */
export interface About {
  readonly promotion: Promotion;
  readonly service: ServiceView;
}

interface Extras {
  readonly more?: readonly RichTextBlockElement[];
  readonly buttons?: ActionsBlock['elements'];
  readonly file?: NoticeMessage['file'] | undefined;
  readonly chart?: ChartData | undefined;
  readonly broadcast?: boolean;
  /** Said in notifications after the first sentence; the blocks have it in their own place. */
  readonly aloud?: string | undefined;
}

/** A notice whose first sentence is also what notifications show. */
export function content(head: readonly Inline[], extras: Extras = {}): NoticeMessage {
  const { more = [], buttons = [], file, chart, broadcast, aloud } = extras;
  const row: KnownBlock[] = buttons.length > 0 ? [{ type: 'actions', elements: [...buttons] }] : [];
  const whole = (): KnownBlock[] => [rich(para(...head), ...more), ...row];
  const short = (): KnownBlock[] => [rich(para(...head)), ...row];
  return {
    text: spoken(aloud ? [...head, `: ${aloud}`] : head),
    blocks: firstThatFits([whole, short]),
    ...(file ? { file } : {}),
    ...(chart ? { chart } : {}),
    ...(broadcast ? { broadcast } : {}),
  };
}

/** Inline parts as fallback text: mentions and times as tokens, everything else inert. */
export function spoken(parts: readonly Inline[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return padded(part);
      if (part.type === 'user') return mention(part.user_id);
      if (part.type === 'usergroup') return `<!subteam^${part.usergroup_id}>`;
      if (part.type === 'date') return time(part.timestamp * 1_000);
      if (part.type === 'text') return padded(part.text);
      return part.type === 'link' ? inert(part.text ?? part.url, 300) : '';
    })
    .join('')
    .trim();
}

/** Escaping trims; the blanks between parts have to stay. */
function padded(text: string): string {
  const escaped = inert(text, 600);
  return `${/^\s/.test(text) ? ' ' : ''}${escaped}${/\s$/.test(text) && escaped !== '' ? ' ' : ''}`;
}

/** `v2.7.0`, or the version where a release has no tag. */
export function named(release: { readonly tag: string; readonly version: string }): string {
  return release.tag || release.version;
}
