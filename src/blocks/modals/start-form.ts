import type { ModalView, PlainTextOption } from '@slack/types';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Bump } from '../../domain/release/version.ts';
import { requestedBump } from '../card/plan.ts';
import { type ButtonValue, encodeValue, promotionValue } from '../kit/button-value.ts';
import { CALLBACK, FIELD, featureBlock, NEWEST_READY } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { bold, type Inline, line, para, plain, rich } from '../kit/rich-text.ts';
import { form, option, textInput } from './form.ts';

export interface StartForm {
  readonly services: readonly string[];
  readonly service?: string | undefined;
  /** Feature folders of the service, newest first; empty while none is chosen. */
  readonly features: readonly { readonly slug: string; readonly ready: boolean }[];
  /** Preselected; absent: decided by the state files. */
  readonly feature?: string | undefined;
  readonly bump?: 'auto' | Bump | undefined;
  /** Comes back with the form: the channel in which it was asked for. */
  readonly metadata?: ButtonValue;
}

/** What to ship. A change of the service sends a `block_actions` so that its features can be filled in. */
export function startForm(preset: StartForm): ModalView {
  const services = preset.services.slice(0, LIMITS.options).map((name) => option(name, name));
  const service = services.find((one) => one.value === preset.service);
  const newest = option(NEWEST_READY, 'Decide by the state files (newest ready)');
  const features = [
    newest,
    ...preset.features
      .slice(0, LIMITS.options - 1)
      .map(({ slug, ready }) => option(slug, ready ? `${slug} (ready)` : slug)),
  ];
  const bump = BUMPS.find((one) => one.value === (preset.bump ?? 'auto')) ?? AUTO;
  return form({
    callback: CALLBACK.startForm,
    title: 'Ship to production',
    submit: 'Start',
    metadata: preset.metadata && encodeValue(preset.metadata),
    blocks: [
      {
        type: 'input',
        block_id: FIELD.service,
        dispatch_action: true,
        label: plain('Service', 100),
        ...(preset.services.length > services.length
          ? { hint: plain('There are more: close this and type /ship-prod SERVICE.', 150) }
          : {}),
        element: {
          type: 'static_select',
          action_id: FIELD.service,
          options: services,
          ...(service ? { initial_option: service } : {}),
        },
      },
      {
        type: 'input',
        block_id: featureBlock(preset.service),
        label: plain('Feature', 100),
        hint: plain('The folder whose state file says that staging was validated.', 150),
        element: {
          type: 'static_select',
          action_id: FIELD.feature,
          options: features,
          initial_option: features.find((one) => one.value === preset.feature) ?? newest,
        },
      },
      {
        type: 'input',
        block_id: FIELD.bump,
        label: plain('Version', 100),
        element: { type: 'static_select', action_id: FIELD.bump, options: [...BUMPS], initial_option: bump },
      },
      textInput(FIELD.note, 'Note', {
        optional: true,
        hint: 'Shown on the card, for those who approve.',
      }),
      rich(para('The gates are checked first. Nothing is deployed before people approve.')),
    ],
  });
}

const AUTO: PlainTextOption = option('auto', 'As the commits and the changelog ask for');
const BUMPS: readonly PlainTextOption[] = [
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
