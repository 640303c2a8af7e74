import type { ModalView } from '@slack/types';
import type { Bump } from '../../domain/release/version.ts';
import { type ButtonValue, encodeValue } from '../kit/button-value.ts';
import { CALLBACK, FIELD, NEWEST_READY } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { para, plain, rich } from '../kit/rich-text.ts';
import { AUTO, BUMPS } from './bump-form.ts';
import { form, option, textInput } from './form.ts';

export interface StartForm {
  readonly services: readonly string[];
  readonly service?: string | undefined;
  /** Feature folders of the service, newest first; empty while none is chosen. */
  readonly features: readonly { readonly slug: string; readonly ready: boolean }[];
  /** Preselected; absent: decided by the state files. */
  readonly feature?: string | undefined;
  readonly bump?: 'auto' | Bump | undefined;
  readonly note?: string | undefined;
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
        block_id: FIELD.feature,
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
        initial: preset.note,
        hint: 'Shown on the card, for those who approve.',
      }),
      rich(para('The gates are checked first. Nothing is deployed before people approve.')),
    ],
  });
}
