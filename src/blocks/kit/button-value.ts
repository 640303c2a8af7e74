import type { Button } from '@slack/types';
import { z } from 'zod';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { given } from '../../domain/text/given.ts';
import { jsonIn } from '../../domain/text/json.ts';
import { type Action, actionId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { plain } from './rich-text.ts';

/** Sealing adds 16 bytes and two characters, and base64 a third of the length. */
const MOST_BYTES = 1_450;

const Bump = z.enum(['auto', 'major', 'minor', 'patch']);

/** How long a window is extended when nobody says how long, ms. */
export const EXTENSION_MS = 15 * 60_000;

/** Longer names are cut: then the handler finds no such service, feature or version and says so. */
const LONGEST = { service: 200, feature: 300, version: 100 } as const;

/** As JSON; together they leave room for the rest of a value. A character may take six bytes: \u0001. */
const NAME_BYTES = { service: 400, feature: 900 } as const;

/** What a form adds to the value of the button that opened it: place, what it shows, and the names of these. */
const FORM_BYTES = 300;

/** What a button or a form carries to its handler, which checks state and permission again. */
export const ButtonValue = z.strictObject({
  promotion: z.string().max(100).optional(),
  /** Digest that the person saw, whole. */
  digest: z.string().max(64).optional(),
  /** Turn of the promotion that the person saw. */
  turn: z.int().nonnegative().optional(),
  /** How often the monitor's window had been changed. */
  window: z.int().nonnegative().optional(),
  /** The lock that the person saw, as its `since`, ms since the epoch. */
  lock: z.number().optional(),
  service: z.string().max(LONGEST.service).optional(),
  feature: z.string().max(LONGEST.feature).optional(),
  bump: Bump.optional(),
  /** What whoever wants it shipped wrote for those who approve; raw text. */
  note: z.string().max(LIMITS.value).optional(),
  /** What the person was shown to break the glass over; see `barriersShown`. */
  over: z.string().max(16).optional(),
  /** Length of an extension, ms. */
  ms: z.number().positive().optional(),
  /** Version to go back to, or to adopt. */
  to: z.string().max(LONGEST.version).optional(),
  /** The commit that the person saw for it. */
  commit: z.string().max(64).optional(),
  /** What somebody planned to ship. */
  sequence: z.string().max(100).optional(),
  channel: z.string().max(100).optional(),
  /** The thread in which a form was opened, as the ts of its root. */
  thread: z.string().max(40).optional(),
  via: z.enum(['card', 'thread', 'home', 'offer', 'command']).optional(),
});
export type ButtonValue = z.infer<typeof ButtonValue>;

/** Where a button is shown. */
export type ButtonPlace = NonNullable<ButtonValue['via']>;

/**
 * The value as text, before it is sealed. At most 1,450 bytes, so that the sealed text has no more than Slack's 2,000
 * characters; throws when it is longer, which is a mistake of the caller.
 */
export function encodeValue(value: ButtonValue): string {
  const text = JSON.stringify(ButtonValue.parse(value));
  if (Buffer.byteLength(text) > MOST_BYTES) throw new Error('button value too long');
  return text;
}

/** The value of a text that was opened again; null when `encodeValue` did not make it. */
export function decodeValue(text: string | undefined): ButtonValue | null {
  if (text === undefined || text.length > LIMITS.value) return null;
  return ButtonValue.safeParse(jsonIn(text)).data ?? null;
}

/** Whether the digest that a button carries is the promotion's present one. */
export function sameDigest(carried: string | undefined, digest: string | null): boolean {
  return digest !== null && carried === digest;
}

/**
 * The value of a button on a card or in its thread. It does not change with progress alone, so that a card which shows
 * nothing new is the same and is not sent again.
 */
export function promotionValue(promotion: Promotion, more: ButtonValue = {}): string {
  const { id, digest, turn } = promotion;
  return encodeValue({ promotion: id, ...given({ digest: digest ?? undefined }), turn, ...more });
}

/** What somebody wants to have promoted. */
export type RequestedPromotion = Readonly<Pick<ButtonValue, 'feature' | 'bump' | 'note'>> & {
  readonly service: string;
};

/** The value of a button that is about a service, or about what to ship of it. A note has what room is left. */
export function serviceValue(requested: RequestedPromotion, via: ButtonPlace): ButtonValue {
  const { service, feature, bump, note } = requested;
  const value: ButtonValue = {
    service: cut(service, LONGEST.service, NAME_BYTES.service),
    ...(feature ? { feature: cut(feature, LONGEST.feature, NAME_BYTES.feature) } : {}),
    ...(bump ? { bump } : {}),
    via,
  };
  const room = MOST_BYTES - FORM_BYTES - Buffer.byteLength(JSON.stringify(value));
  if (!note || room <= 0) return value;
  const kept = cut(note, LIMITS.value, room);
  return { ...value, note: kept === note ? note : `${kept}…` };
}

/** The beginning of a text that a value has room for: so many characters, and so many bytes as JSON. */
function cut(text: string, most: number, mostBytes: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(JSON.stringify(character)) - 2;
    if (bytes > mostBytes || kept.length + character.length > most) break;
    kept += character;
  }
  return kept;
}

/** A button with what it carries; `suffix` tells it from others of its kind in the same message or view. */
export function buttonFor(
  action: Action,
  label: string,
  value: ButtonValue,
  { suffix, ...looks }: Pick<Button, 'style' | 'confirm'> & { readonly suffix?: string } = {},
): Button {
  return {
    type: 'button',
    action_id: actionId(action, suffix),
    text: plain(label, LIMITS.buttonText),
    value: encodeValue(value),
    ...looks,
  };
}
