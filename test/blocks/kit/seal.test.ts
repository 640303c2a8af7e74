import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/blocks/card/card.ts';
import { offerButtons } from '../../../src/blocks/card/offer-buttons.ts';
import { home } from '../../../src/blocks/home.ts';
import {
  ButtonValue,
  decodeValue,
  encodeValue,
  promotionValue,
} from '../../../src/blocks/kit/button-value.ts';
import { buttonPurpose, viewPurpose } from '../../../src/blocks/kit/ids.ts';
import { LIMITS } from '../../../src/blocks/kit/limits.ts';
import { sealed } from '../../../src/blocks/kit/seal.ts';
import { declineForm } from '../../../src/blocks/modals/reason-forms.ts';
import { auditTrail, type TrailRow } from '../../../src/blocks/replies/audit-trail.ts';
import { sealOf } from '../../../src/domain/text/seal.ts';
import { refusedBySlack } from '../../support/slack-limits.ts';
import * as fixtures from '../fixtures.ts';

const seal = sealOf(Buffer.alloc(32, 3), 'T1');

interface Part {
  readonly type?: string;
  readonly action_id?: string;
  readonly value?: string;
}

/** Every button, however deep. */
function buttons(content: unknown): readonly Part[] {
  if (Array.isArray(content)) return content.flatMap(buttons);
  if (typeof content !== 'object' || content === null) return [];
  const own = (content as Part).type === 'button' ? [content as Part] : [];
  return [...own, ...Object.values(content).flatMap(buttons)];
}

describe('what leaves the house', () => {
  const view = {
    promotion: fixtures.promotion('awaiting-approval', { plan: fixtures.plan }),
    approvals: [],
    service: fixtures.service,
  };

  it('has opaque buttons that open again for their own kind, and is otherwise the same', () => {
    const plain = card(view);
    const safe = sealed(plain, seal);
    const [before, after] = [buttons(plain), buttons(safe)];
    expect(after.length).toBe(before.length);
    for (const [index, { action_id: id = '', value = '' }] of after.entries()) {
      const given = before[index]?.value ?? '';
      expect(value).not.toBe(given);
      expect(seal.open(value, buttonPurpose(id))).toBe(given);
      expect(seal.open(value, buttonPurpose(id === 'cancel' ? 'approve' : 'cancel'))).toBeNull();
    }
    const bare = (content: unknown) =>
      JSON.stringify(content, (key, value: unknown) => (key === 'value' ? undefined : value));
    expect(bare(safe)).toBe(bare(plain));
    expect(sealed(plain, seal)).toEqual(safe);
    expect(refusedBySlack(safe.blocks)).toEqual([]);
  });

  it('has opaque forms', () => {
    const form = sealed(declineForm(view.promotion), seal);
    const opened = seal.open(form.private_metadata ?? '', viewPurpose('decline_form'));
    expect(decodeValue(opened ?? undefined)?.promotion).toBe(view.promotion.id);
    expect(form.private_metadata?.length).toBeLessThan(LIMITS.privateMetadata);
  });

  it('tells the lock that a button of the Home tab was drawn for', () => {
    const lock = { service: 'shop', owner: 'U1', reason: 'x', since: 1_234 };
    const shown = home({ open: [], last: [], locks: [lock], services: [] });
    expect(buttons(shown).map(({ value }) => decodeValue(value))).toMatchObject([
      { service: 'shop', lock: 1_234 },
    ]);
  });

  it('fits, whatever a button carries', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 });
    fc.assert(
      fc.property(fc.record({ feature: text, service: fc.string({ maxLength: 40 }) }), (given) => {
        const parsed = ButtonValue.safeParse(given);
        fc.pre(parsed.success && Buffer.byteLength(JSON.stringify(given)) <= 1_450);
        expect(seal.close(encodeValue(given), buttonPurpose('start')).length).toBeLessThanOrEqual(
          LIMITS.value,
        );
      }),
    );
    expect(() =>
      encodeValue({ feature: '漢'.repeat(300), to: '漢'.repeat(100), service: '漢'.repeat(200) }),
    ).toThrow();
  });

  it.each(['\u0001', '"', '\ud800', '漢', '👍', 'x'])(
    'of an offer fits with names of %j alone',
    (character) => {
      const name = character.repeat(2_000);
      const [start] = offerButtons({ service: name, feature: name, bump: 'major' });
      const { service = '', feature = '' } = decodeValue(start?.value) ?? {};
      expect(service.length).toBeGreaterThan(60);
      expect(feature.length).toBeGreaterThan(140);
      expect(name.startsWith(service) && name.startsWith(feature)).toBe(true);
      expect(seal.close(start?.value ?? '', buttonPurpose('start')).length).toBeLessThanOrEqual(LIMITS.value);
    },
  );

  it('changes with the turn, and not with mere progress', () => {
    const { promotion } = view;
    expect(promotionValue({ ...promotion, revision: 99, updatedAt: 1 })).toBe(promotionValue(promotion));
    expect(promotionValue({ ...promotion, turn: promotion.turn + 1 })).not.toBe(promotionValue(promotion));
  });
});

describe('the audit trail', () => {
  const row = (seq: number, more: Partial<TrailRow> = {}): TrailRow => ({
    seq,
    at: fixtures.T0 + seq,
    actor: 'U0DANA',
    action: 'approval.given',
    result: 'done',
    promotionId: 'shop-1',
    source: { link: 'https://team.slack.com/archives/C1/p12' },
    ...more,
  });

  it('says who did what, with the message and why not', () => {
    const rows = [
      row(3, { result: 'refused', action: 'promotion.cancel', detail: { code: 'not-allowed' } }),
      row(2, {
        actor: 'slipway',
        action: 'plan.changed',
        digestBefore: 'a'.repeat(64),
        digestAfter: 'b'.repeat(64),
      }),
      row(1, { action: 'toString' }),
    ];
    const text = JSON.stringify(auditTrail(rows, 'shop').blocks);
    for (const part of [
      'asked to cancel',
      'refused',
      'not-allowed',
      'aaaaaaaa',
      'bbbbbbbb',
      'showed a changed plan for approval',
      'toString',
    ])
      expect(text).toContain(part);
    expect(text).toContain('https://team.slack.com/archives/C1/p12');
    expect(JSON.stringify(auditTrail([]))).toContain('The audit is empty.');
  });

  it('stays within limits for the longest rows, and shows what came from outside as it is', () => {
    const long = 'x'.repeat(3_000);
    const rows = Array.from({ length: 25 }, (_, seq) =>
      row(seq, { action: long, promotionId: fixtures.EVIL, detail: { code: fixtures.EVIL + long } }),
    );
    expect(refusedBySlack(auditTrail(rows, long).blocks)).toEqual([]);
    expect(JSON.stringify(auditTrail(rows).text)).not.toContain('<!channel>');
  });
});
