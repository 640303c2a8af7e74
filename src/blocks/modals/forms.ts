import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Bump } from '../../domain/release/version.ts';
import { wishedBump } from '../card/buttons.ts';
import { type ButtonValue, CALLBACK, encodeValue, FIELD, NEWEST_READY, promotionValue } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { bold, type Inline, line, para, plain, rich } from '../kit/rich-text.ts';

export interface StartForm {
  readonly services: readonly string[];
  readonly service?: string | undefined;
  /** Feature folders of the service, newest first; empty while none is chosen. */
  readonly features: readonly { readonly slug: string; readonly ready: boolean }[];
  /** Preselected; absent: decided by the state files. */
  readonly feature?: string | undefined;
  readonly bump?: 'auto' | Bump | undefined;
  readonly note?: string | undefined;
  /** Where the form was asked for. */
  readonly origin?: ButtonValue;
}

/** What to ship. A change of the service sends a `block_actions` so that its features can be filled in. */
export function startForm(form: StartForm): ModalView {
  const services = form.services.slice(0, LIMITS.options).map((name) => option(name, name));
  const service = services.find((one) => one.value === form.service);
  const newest = option(NEWEST_READY, 'Decide by the state files (newest ready)');
  const features = [
    newest,
    ...form.features
      .slice(0, LIMITS.options - 1)
      .map(({ slug, ready }) => option(slug, ready ? `${slug} (ready)` : slug)),
  ];
  const bump = BUMPS.find((one) => one.value === (form.bump ?? 'auto')) ?? AUTO;
  return {
    type: 'modal',
    callback_id: CALLBACK.startForm,
    title: plain('Ship to production', LIMITS.viewTitle),
    submit: plain('Start', LIMITS.viewTitle),
    close: plain('Not now', LIMITS.viewTitle),
    ...(form.origin ? { private_metadata: encodeValue(form.origin) } : {}),
    blocks: [
      {
        type: 'input',
        block_id: FIELD.service,
        dispatch_action: true,
        label: plain('Service', 100),
        element: {
          type: 'static_select',
          action_id: FIELD.service,
          options: services,
          ...(service ? { initial_option: service } : {}),
        },
      },
      {
        type: 'input',
        block_id: FIELD.feature,
        label: plain('Feature', 100),
        hint: plain('The folder whose state file says that staging was validated.', 150),
        element: {
          type: 'static_select',
          action_id: FIELD.feature,
          options: features,
          initial_option: features.find((one) => one.value === form.feature) ?? newest,
        },
      },
      {
        type: 'input',
        block_id: FIELD.bump,
        label: plain('Version', 100),
        element: { type: 'static_select', action_id: FIELD.bump, options: BUMPS, initial_option: bump },
      },
      textInput(FIELD.note, 'Note', {
        optional: true,
        initial: form.note,
        hint: 'Shown on the card, for those who approve.',
      }),
      rich(para('The gates are checked first. Nothing is deployed before people approve.')),
    ],
  };
}

const AUTO: PlainTextOption = option('auto', 'As the commits and the changelog ask for');
const BUMPS: PlainTextOption[] = [
  AUTO,
  option('major', 'Major: something breaks for others'),
  option('minor', 'Minor: something new'),
  option('patch', 'Patch: fixes only'),
];

/** A reason for saying no; the promotion is in `private_metadata`. */
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

/** "Report a problem with this release"; the quoted message is prefilled. */
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

interface ReasonForm {
  readonly callback: string;
  readonly title: string;
  readonly submit: string;
  readonly text: readonly Inline[];
  readonly label: string;
  readonly hint: string;
  readonly initial?: string;
  readonly before?: readonly InputBlock[];
}

function reasonForm(promotion: Promotion, form: ReasonForm): ModalView {
  const blocks: KnownBlock[] = [
    rich(para(...form.text)),
    ...(form.before ?? []),
    textInput(FIELD.reason, form.label, { hint: form.hint, initial: form.initial }),
  ];
  return {
    type: 'modal',
    callback_id: form.callback,
    title: plain(form.title, LIMITS.viewTitle),
    submit: plain(form.submit, LIMITS.viewTitle),
    close: plain('Not now', LIMITS.viewTitle),
    private_metadata: promotionValue(promotion),
    blocks,
  };
}

/** Another size of the step, with what each would make of the present version. */
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
  return {
    type: 'modal',
    callback_id: CALLBACK.bumpForm,
    title: plain('Change version', LIMITS.viewTitle),
    submit: plain('Change', LIMITS.viewTitle),
    close: plain('Not now', LIMITS.viewTitle),
    private_metadata: promotionValue(promotion),
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
          initial_option: options.find((one) => one.value === wishedBump(promotion)) ?? options[0] ?? AUTO,
        },
      },
    ],
  };
}

function option(value: string, text: string): PlainTextOption {
  return { text: plain(text, LIMITS.option), value: value.slice(0, 150) };
}

export function textInput(
  field: string,
  label: string,
  more: { readonly hint?: string; readonly optional?: boolean; readonly initial?: string | undefined },
): InputBlock {
  const initial = more.initial?.slice(0, 2_000);
  return {
    type: 'input',
    block_id: field,
    ...(more.optional ? { optional: true } : {}),
    label: plain(label, 100),
    ...(more.hint ? { hint: plain(more.hint, 150) } : {}),
    element: {
      type: 'plain_text_input',
      action_id: field,
      multiline: true,
      max_length: 2_000,
      ...(initial ? { initial_value: initial } : {}),
    },
  };
}
