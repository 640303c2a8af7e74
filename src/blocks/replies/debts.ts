import type { Debt } from '../../domain/policy/override.ts';
import { at, type Inline, line, linked, person } from '../kit/rich-text.ts';

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
