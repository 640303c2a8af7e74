import type { ModalView } from '@slack/types';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { promotionValue } from '../kit/button-value.ts';
import { CALLBACK, FIELD } from '../kit/ids.ts';
import { bold, para, rich } from '../kit/rich-text.ts';
import { form, textInput } from './form.ts';

/** Asks which commit mends the release. `named`: what the person has named already. */
export function hotfixForm(promotion: Promotion, named?: string): ModalView {
  const { service, data } = promotion;
  const version = data.release?.version ?? '';
  const initial = named ?? data.monitor?.hotfix?.fix?.name;
  return form({
    callback: CALLBACK.hotfixForm,
    title: 'Hotfix',
    submit: 'Go on',
    metadata: promotionValue(promotion),
    blocks: [
      rich(
        para('Mends ', bold(`${service} ${version}`.trim(), 100), ' instead of rolling it back.'),
        para(
          'Staging still has to validate the fix. Until then the window is held open, and a rollback stays one click away. When it is validated the watch ends, accepted in your name, and the promotion of the fix begins: with all gates and approvals.',
        ),
      ),
      textInput(FIELD.fix, 'Commit or branch of the fix', {
        hint: 'Left empty: whatever the branch of the service has more than the release.',
        optional: true,
        initial,
        short: true,
      }),
    ],
  });
}
