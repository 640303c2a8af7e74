import type { ModalView } from '@slack/types';
import { EVERYTHING, type Lock } from '../../domain/policy/lock.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { encodeValue, promotionValue, serviceValue } from '../kit/button-value.ts';
import { CALLBACK, FIELD } from '../kit/ids.ts';
import { bold, type Inline, line, para, person, rich } from '../kit/rich-text.ts';
import { form, textInput } from './form.ts';

/** Asks for the reason of a decline. */
export function declineForm(promotion: Promotion): ModalView {
  return reasonForm(promotion, {
    callback: CALLBACK.declineForm,
    title: 'Decline',
    submit: 'Decline',
    text: ['Declining ends this promotion of ', bold(promotion.service, 100), '. Nothing is deployed.'],
    label: 'Why',
    hint: 'Shown in the thread and kept in the audit.',
  });
}

/** "Report a problem with this release", with the text of the message on which it was chosen. */
export function reportForm(promotion: Promotion, quoted: string): ModalView {
  const version = promotion.data.release?.version ?? promotion.data.plan?.version.next ?? '';
  return reasonForm(promotion, {
    callback: CALLBACK.reportForm,
    title: 'Report a problem',
    submit: 'Report',
    text: [
      'Goes into the thread of ',
      bold(`${promotion.service} ${version}`.trim(), 100),
      ' and counts in its watch.',
    ],
    label: 'What do people see?',
    hint: 'What, since when, how many.',
    initial: quoted,
  });
}

/** Asks why what somebody else locked, or what a rollback did, may be shipped again. */
export function unlockForm({ service, owner, reason, since, promotionId }: Lock): ModalView {
  const isAll = service === EVERYTHING;
  const name = isAll ? 'Everything' : service;
  return form({
    callback: CALLBACK.unlockForm,
    title: isAll ? 'Thaw everything' : 'Unlock',
    submit: isAll ? 'Thaw' : 'Unlock',
    metadata: encodeValue({
      ...serviceValue({ service }, 'card'),
      lock: since,
      ...(promotionId === undefined ? {} : { promotion: promotionId }),
    }),
    blocks: [
      rich(
        para('🔒 ', bold(name, 100), ' was locked by ', person(owner), ': ', line(reason, 300)),
        para('Unlocked, people can ship it again. Make sure that what went wrong is mended.'),
      ),
      textInput(FIELD.reason, 'Why it may be shipped again', {
        hint: 'Said in the channel and kept in the audit.',
      }),
    ],
  });
}

interface ReasonForm {
  readonly callback: string;
  readonly title: string;
  readonly submit: string;
  readonly text: readonly Inline[];
  readonly label: string;
  readonly hint: string;
  readonly initial?: string;
}

function reasonForm(promotion: Promotion, { text, label, hint, initial, ...frame }: ReasonForm): ModalView {
  return form({
    ...frame,
    metadata: promotionValue(promotion),
    blocks: [rich(para(...text)), textInput(FIELD.reason, label, { hint, initial })],
  });
}
