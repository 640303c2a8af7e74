import { describe, expect, it } from 'vitest';
import { decodeValue } from '../../../src/blocks/kit/button-value.ts';
import type { Message } from '../../../src/blocks/kit/rich-text.ts';
import { declineForm, overrideForm, reportForm } from '../../../src/blocks/modals/reason-forms.ts';
import { bumpForm, startForm } from '../../../src/blocks/modals/start-form.ts';
import { asText } from '../../support/as-text.ts';
import { outsideIsInert } from '../../support/outside.ts';
import { viewRefusedBySlack } from '../../support/slack-limits.ts';
import * as fixtures from '../fixtures.ts';
import { long, monitoring } from '../shown.ts';

const { EVIL } = fixtures;

describe('forms', () => {
  const start = {
    services: ['shop', 'api'],
    features: [
      { slug: '014-checkout', ready: true },
      { slug: EVIL, ready: false },
    ],
  };

  it('start preselects what is asked for', () => {
    const view = startForm({
      ...start,
      service: 'shop',
      feature: '014-checkout',
      bump: 'minor',
      metadata: { channel: 'C0SHIP' },
    });
    expect(viewRefusedBySlack(view)).toEqual([]);
    const chosen = view.blocks.map((block) => {
      if (block.type !== 'input' || !('element' in block)) return block.type;
      const { element } = block;
      return 'initial_option' in element
        ? element.initial_option
        : 'initial_value' in element
          ? element.initial_value
          : element.type;
    });
    expect(chosen).toEqual([
      expect.objectContaining({ value: 'shop' }),
      expect.objectContaining({ value: '014-checkout' }),
      expect.objectContaining({ value: 'minor' }),
      'plain_text_input',
      'rich_text',
    ]);
  });

  it('start has an input of its own for the features of each service: Slack keeps what was put in under an id', () => {
    const ids = (service?: string) =>
      startForm({ ...start, ...(service === undefined ? {} : { service }) }).blocks.map(
        ({ block_id: id }) => id,
      );
    const longest = 'a'.repeat(39);
    const all = [ids(), ids('shop'), ids('api'), ids(`${longest}1`), ids(`${longest}2`)];
    expect(new Set(all.map(([, feature]) => feature)).size).toBe(5);
    for (const [service, , ...others] of all) {
      expect(service).toBe('service');
      expect(others).toEqual(all[0]?.slice(2));
    }
  });

  it('stays within limits', () => {
    const many = Array.from({ length: 300 }, (_, at) => `${at} ${long}`);
    const views = [
      startForm({ services: many, features: many.map((slug) => ({ slug, ready: true })) }),
      startForm({ services: ['shop'], features: [] }),
      declineForm(monitoring),
      reportForm(monitoring, long),
      bumpForm(monitoring),
      bumpForm(fixtures.promotion('blocked')),
    ];
    for (const view of views) expect(viewRefusedBySlack(view)).toEqual([]);
  });

  it('says what the commits ask for when the version is chosen', () => {
    expect(asText(bumpForm(monitoring).blocks as never)).toMatchInlineSnapshot(`
      "The commits ask for **minor** (2.6.0 → 2.7.0 as chosen now).
      minor: a1b2c3d feat(cart): coupons
      minor: CHANGELOG: Added
      patch: e4f5a6b fix: <!channel> *urgent* <https://evil|approve>
      Version: <radio_buttons>"
    `);
  });

  it('asks for the reason of broken glass', () => {
    const form = overrideForm({
      service: 'shop',
      over: [`Frozen: ${EVIL}`, long],
      metadata: { promotion: 'shop-1', turn: 3 },
    });
    expect(viewRefusedBySlack(form)).toEqual([]);
    expect(outsideIsInert({ blocks: form.blocks as Message['blocks'], text: 'form' })).toEqual([]);
    expect(decodeValue(form.private_metadata)).toEqual({ promotion: 'shop-1', turn: 3 });
    const crowded = overrideForm({
      service: long,
      over: Array(50).fill(long),
      metadata: { service: 'shop' },
    });
    expect(viewRefusedBySlack(crowded)).toEqual([]);
  });
});
