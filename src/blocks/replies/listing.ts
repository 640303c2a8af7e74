import type { KnownBlock } from '@slack/types';
import type { Debt } from '../../domain/policy/override.ts';
import type { Approval, Promotion } from '../../domain/promotion/promotion.ts';
import { firstThatFits } from '../kit/limits.ts';
import {
  at,
  bold,
  bullets,
  type Inline,
  line,
  linked,
  type Message,
  para,
  person,
  rich,
} from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';

/** More lines than this are for `history`. */
export const MOST_LINES = 30;

/** A promotion in a list. */
export interface ListedPromotion {
  readonly promotion: Promotion;
  readonly approvals: readonly Approval[];
  /** Permalink of its card. */
  readonly threadUrl?: string | undefined;
}

/**
 * A head and a list below it, with further lists under titles of their own; shortened until Slack takes it. `left`: how
 * many lines there are besides.
 */
export function listing(
  head: readonly Inline[],
  lines: readonly (readonly Inline[])[],
  more: readonly { readonly title: string; readonly lines: readonly (readonly Inline[])[] }[] = [],
  left = 0,
): Message {
  const blocks = firstThatFits(
    [MOST_LINES, 12, 5].map((most) => (): KnownBlock[] => {
      const shown = lines.slice(0, most);
      const rest = lines.length - shown.length + left;
      return [
        rich(
          para(...head),
          ...(shown.length > 0 ? [bullets(shown)] : []),
          ...(rest > 0 ? [para(`and ${rest} more`)] : []),
          ...more
            .filter((part) => part.lines.length > 0)
            .flatMap((part) => [para(bold(part.title)), bullets(part.lines.slice(0, most))]),
        ),
      ];
    }),
  );
  return message(blocks);
}

/** An override that a second person has not acknowledged yet. */
export interface DebtView {
  readonly debt: Debt;
  /** Permalink of the card. */
  readonly threadUrl?: string | undefined;
}

export function debtLine({ debt, threadUrl }: DebtView): readonly Inline[] {
  return [
    '🚨 ',
    linked(threadUrl, debt.service, 100),
    ': glass broken by ',
    person(debt.by),
    ' ',
    at(debt.at),
    ': ',
    line(debt.reason, 200),
    '. Due ',
    at(debt.due),
  ];
}
