import type { ActionsBlock, KnownBlock, RichTextBlockElement } from '@slack/types';
import type { ChartData } from '../../domain/judge/chart.ts';
import type { DecidedAnswer } from '../../domain/promotion/decided-answer.ts';
import type { Notice } from '../../domain/promotion/notice.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { given } from '../../domain/text/given.ts';
import { firstThatFits } from '../kit/limits.ts';
import { buttons as buttonRow, type Inline, inRole, type Message, para, rich } from '../kit/rich-text.ts';
import { spoken } from '../kit/spoken.ts';
import type { ServiceView } from '../kit/views.ts';

/** A reply in the thread of a promotion. */
export interface NoticeMessage extends Message {
  /** A text file that belongs to it. */
  readonly file?: { readonly name: string; readonly title: string; readonly text: string };
  /** A chart that belongs to it, to be drawn by whoever sends it. */
  readonly chart?: ChartData;
  /** Also shown in the channel, for what nobody may miss. */
  readonly broadcast?: boolean;
}

export type NoticeOf<K extends Notice['kind']> = Extract<Notice, { kind: K }>;

/** What is known of a notice that was sent with buttons. */
export interface Asked {
  /** The turn of the promotion in which it was sent. */
  readonly turn: number;
  readonly answers: readonly DecidedAnswer[];
  /** A newer notice asks the same. */
  readonly isRepeated: boolean;
  /** The next promotion of the service; null while there is none. */
  readonly later: { readonly by: string; readonly at: number } | null;
}

/** What a notice is about, for names, links and buttons. */
export interface About {
  readonly promotion: Promotion;
  readonly service: ServiceView;
  /** Of a notice that was sent with buttons. */
  readonly asked?: Asked;
}

interface Extras {
  readonly more?: readonly RichTextBlockElement[];
  readonly buttons?: ActionsBlock['elements'];
  readonly file?: NoticeMessage['file'] | undefined;
  readonly chart?: ChartData | undefined;
  readonly broadcast?: boolean;
}

/** A notice: a sentence, what belongs to it, and buttons. */
export function content(head: readonly Inline[], extras: Extras = {}): NoticeMessage {
  const { more = [], buttons = [], file, chart, broadcast } = extras;
  const row: KnownBlock[] = buttons.length > 0 ? [buttonRow(buttons)] : [];
  const whole = (): KnownBlock[] => [...inRole('notice', [rich(para(...head), ...more)]), ...row];
  const short = (): KnownBlock[] => [...inRole('notice', [rich(para(...head))]), ...row];
  return {
    text: spoken(whole()),
    blocks: firstThatFits([whole, short]),
    ...given({ file, chart, broadcast: broadcast || undefined }),
  };
}
