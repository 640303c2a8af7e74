import type { ModalView } from '@slack/types';
import { EVERYTHING, type Lock } from '../../domain/policy/lock.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { given } from '../../domain/text/given.ts';
import { type ButtonValue, encodeValue, promotionValue, serviceValue } from '../kit/button-value.ts';
import { CALLBACK, FIELD } from '../kit/ids.ts';
import { bold, bullets, type Inline, line, para, person, rich } from '../kit/rich-text.ts';
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
      ...given({ promotion: promotionId }),
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

export interface OverrideForm {
  readonly service: string;
  /** What stands in the way, in words; raw text. */
  readonly over: readonly string[];
  /** Comes back with the form: the promotion that is blocked, or what is to be started. */
  readonly metadata: ButtonValue;
}

/** Asks for the reason to ship in spite of a freeze, a lock or a gate that can be overridden. */
export function overrideForm({ service, over, metadata }: OverrideForm): ModalView {
  return form({
    callback: CALLBACK.breakGlassForm,
    title: 'Break glass',
    submit: 'Break glass',
    metadata: encodeValue(metadata),
    blocks: [
      rich(
        para('🚨 ', bold(service, 100), ' would be shipped in spite of:'),
        bullets(over.slice(0, 8).map((one): readonly Inline[] => [line(one, 300)])),
        para(
          'Everybody in the channel sees that you did this, and why. Approvals and all other gates are needed as ever. Afterwards a second person has to acknowledge it.',
        ),
      ),
      textInput(FIELD.reason, 'Why it cannot wait', {
        hint: 'What happens if nothing is shipped now.',
      }),
    ],
  });
}
