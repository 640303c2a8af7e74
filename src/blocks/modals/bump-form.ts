import type { ModalView, PlainTextOption } from '@slack/types';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { requestedBump } from '../card/plan.ts';
import { promotionValue } from '../kit/button-value.ts';
import { CALLBACK, FIELD } from '../kit/ids.ts';
import { bold, type Inline, line, para, plain, rich } from '../kit/rich-text.ts';
import { form, option } from './form.ts';

export const AUTO: PlainTextOption = option('auto', 'As the commits and the changelog ask for');
export const BUMPS: readonly PlainTextOption[] = [
  AUTO,
  option('major', 'Major: something breaks for others'),
  option('minor', 'Minor: something new'),
  option('patch', 'Patch: fixes only'),
];

/** Another size of the step than the one that was chosen; says what the commits ask for. */
export function bumpForm(promotion: Promotion): ModalView {
  const { plan } = promotion.data;
  const suggested = plan?.version.suggested;
  const asked: Inline[] = plan
    ? [
        'The commits ask for ',
        bold(plan.version.suggested),
        ` (${plan.version.current ?? 'first release'} → ${plan.version.next} as chosen now).`,
      ]
    : ['The card shows what the commits ask for.'];
  const reasons = (plan?.version.reasons ?? [])
    .slice(0, 5)
    .map((reason): Inline[] => [`\n${reason.bump}: `, line(reason.text, 150)]);
  const options = BUMPS.map((one) =>
    one.value === suggested ? option(suggested ?? 'auto', `${one.text.text} (asked for)`) : one,
  );
  return form({
    callback: CALLBACK.bumpForm,
    title: 'Change version',
    submit: 'Change',
    metadata: promotionValue(promotion),
    blocks: [
      rich(para(...asked, ...reasons.flat())),
      {
        type: 'input',
        block_id: FIELD.bump,
        label: plain('Version', 100),
        hint: plain(
          'Less than the commits ask for has to be confirmed by an approver. Approvals so far become void.',
          150,
        ),
        element: {
          type: 'radio_buttons',
          action_id: FIELD.bump,
          options,
          initial_option: options.find((one) => one.value === requestedBump(promotion)) ?? options[0] ?? AUTO,
        },
      },
    ],
  });
}
