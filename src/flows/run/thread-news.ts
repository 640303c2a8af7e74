import type { Notice } from '../../domain/promotion/notice.ts';

/**
 * What the thread of a promotion hears of a change, once for this key. It is stored in the transaction of the change, which
 * also asks for the card to be shown anew: whoever dies afterwards, people hear of what was decided.
 */
export interface ThreadNews {
  readonly key: string;
  readonly notice: Notice;
}
