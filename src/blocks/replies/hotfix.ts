import type { GateResult } from '../../domain/gates/gate.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { given } from '../../domain/text/given.ts';
import { button } from '../card/buttons.ts';
import { promotionValue } from '../kit/button-value.ts';
import { ACTION } from '../kit/ids.ts';
import { VERDICT } from '../kit/labels.ts';
import { bold, type Inline, line, type Message } from '../kit/rich-text.ts';
import { answer } from './answer.ts';
import { NEVER_MIND } from './confirm.ts';

/** What a request for a hotfix led to; `missing` is what does not let the fix pass yet. */
export function hotfixAnswer(
  { service }: Pick<Promotion, 'service'>,
  answered:
    | { readonly kind: 'ordered' }
    | { readonly kind: 'announced'; readonly missing: readonly GateResult[] },
): Message {
  if (answered.kind === 'ordered') {
    return answer([
      `The watch of ${service} ends with your name, and the promotion of the hotfix begins. Its card comes to the channel.`,
    ]);
  }
  const missing = answered.missing
    .slice(0, 6)
    .map((gate): readonly Inline[] => [
      `${VERDICT[gate.verdict].sign} `,
      bold(gate.title, 80),
      ': ',
      line(gate.reason, 300),
      ...(gate.remedy ? [' → ', line(gate.remedy, 400)] : []),
    ]);
  return answer(
    ['The fix is not ready to be shipped. The window is held open meanwhile, and the thread knows.'],
    [...missing, ['When that is done press Ship the hotfix on the card.']],
  );
}

/** Asks whoever typed the command to go on in the form. */
export function offerHotfix(promotion: Promotion, fix: string): Message {
  const { service, data } = promotion;
  const to = fix.slice(0, 100) || undefined;
  const value = promotionValue(promotion, { via: 'command', ...given({ to }) });
  return answer(
    ['Mend ', bold(`${service} ${data.release?.version ?? ''}`.trim(), 100), ' instead of rolling it back?'],
    [['The form says what becomes of the watch.']],
    [{ ...button(ACTION.hotfix, promotion, { via: 'command' }), value }, NEVER_MIND],
  );
}
