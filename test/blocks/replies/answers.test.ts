import { describe, expect, it } from 'vitest';
import { decodeValue } from '../../../src/blocks/kit/button-value.ts';
import { plainAnswer, problem } from '../../../src/blocks/replies/answer.ts';
import { confirmation, didYouMean, takesCommand } from '../../../src/blocks/replies/confirm.ts';
import { busy, held, refusal } from '../../../src/blocks/replies/refusal.ts';
import { chooseService, inQueue, offer, started } from '../../../src/blocks/replies/start.ts';
import { threadStatus } from '../../../src/blocks/thread/status.ts';
import { lock } from '../../../src/domain/commands/lock.ts';
import * as fixtures from '../fixtures.ts';
import { fine, long, monitoring, threadUrl } from '../shown.ts';

const { EVIL, MIN, T0 } = fixtures;

describe('answers', () => {
  it('refuses with a sentence, people and what to do', () => {
    const said = refusal({ text: `shop is locked: ${EVIL}`, hint: 'Unlock it.' }, { owner: 'U0KIM' });
    expect(fine(said)).toMatchInlineSnapshot(`
      "🚫 shop is locked: <!channel> *urgent* <https://evil|approve>
      By @U0KIM
      Unlock it."
    `);
  });

  it('shows a busy service the line and the thread', () => {
    expect(
      fine(busy({ text: 'shop is being shipped.' }, {}, { service: 'shop' }, threadUrl)),
    ).toMatchInlineSnapshot(`
      "🚫 shop is being shipped.
      [ Tell me when it is free ] [ Open the thread ]"
    `);
  });

  it('says until when nothing can be shipped, and who may break the glass', () => {
    const breakers = '<!subteam^S0ONCALL>, <@U0KIM>';
    const explained = {
      text: 'shop is frozen: weekend <@U0EVIL>.',
      hint: `Wait. The glass can be broken by ${breakers}.`,
    };
    const facts = { service: 'shop', breakers, until: T0 };
    const wish = { service: 'shop', feature: '014-checkout', bump: 'minor' as const };
    expect(fine(held(explained, facts, wish, false))).toMatchInlineSnapshot(`
      "🚫 shop is frozen: weekend <@U0EVIL>.
      Until {2026-11-22 09:00 UTC}
      Wait. The glass can be broken by @S0ONCALL, @U0KIM.
      [ Tell me when it is free ]"
    `);
    const offered = held(explained, { ...facts, owner: 'U0DANA' }, wish, true);
    expect(fine(offered)).toMatchInlineSnapshot(`
      "🚫 shop is frozen: weekend <@U0EVIL>.
      By @U0DANA, until {2026-11-22 09:00 UTC}
      Wait. The glass can be broken by @S0ONCALL, @U0KIM.
      [ Tell me when it is free ] [ Break glass… ](danger)"
    `);
    const [button] = offered.blocks.flatMap((block) =>
      block.type === 'actions' ? block.elements.slice(-1) : [],
    );
    expect(decodeValue(button && 'value' in button ? button.value : undefined)).toEqual({
      ...wish,
      via: 'command',
    });
  });

  it('gives an unknown error its reference', () => {
    expect(fine(problem('4f1c9a2b'))).toMatchInlineSnapshot(`
      "⚠️ Something went wrong on our side. Nothing is known to have changed.
      Try again. If it stays, show this reference to those who run Slipway: \`4f1c9a2b\`"
    `);
  });

  it('offers to fix forward what was rolled back, with the incident', () => {
    const incident = 'specs/014-coupons/incident-1.3.0.md';
    const mends = { version: '1.3.0', incident, url: 'https://git.test/incident' };
    expect(
      fine(offer({ kind: 'offer', service: 'shop', feature: '014-coupons', because: 'approved', mends })),
    ).toBe(
      [
        `🩹 **shop** \`014-coupons\` is validated on staging again, after **1.3.0** was rolled back. What happened: [${incident}](https://git.test/incident).`,
        'Nothing happens until someone presses a button. Then the gates are checked, and nothing is deployed before people approve.',
        '[ Fix forward ](primary)? [ See the plan first ] [ Snooze 1 h ] [ Snooze until tomorrow 9:00 ]',
      ].join('\n'),
    );
  });

  it('offers what a state file asks for, and starts nothing', () => {
    const offered = offer({
      kind: 'offer',
      service: 'shop',
      feature: '014-checkout',
      because: `state reached ship-prod ${EVIL}`,
    });
    expect(fine(offered)).toMatchInlineSnapshot(`
      "🚢 **shop** \`014-checkout\` is ready to be shipped: state reached ship-prod <!channel> *urgent* <https://evil|approve>
      Nothing happens until someone presses a button. Then the gates are checked, and nothing is deployed before people approve.
      [ Ship shop ](primary)? [ See the plan first ] [ Snooze 1 h ] [ Snooze until tomorrow 9:00 ]"
    `);
    const [start] = offered.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    expect(decodeValue((start as { value?: string }).value)).toEqual({
      service: 'shop',
      feature: '014-checkout',
      via: 'offer',
    });
  });

  it('asks whether to ship, and claims nothing that no gate has said', () => {
    expect(fine(offer({ kind: 'offer', service: 'shop' }))).toMatchInlineSnapshot(`
      "🚢 Do you want to ship **shop** to production?
      Nothing happens until someone presses a button. Then the gates are checked, and nothing is deployed before people approve.
      [ Ship shop ](primary)? [ See the plan first ]"
    `);
  });

  it('asks whether a word was meant, with the buttons of the word', () => {
    const meant = didYouMean('rollback', confirmation(monitoring, { kind: 'rollback' }));
    expect(fine(meant)).toMatchInlineSnapshot(`
      "Did you mean \`rollback\`?
      Roll **shop** back to **2.6.0**?
      It is deployed again and checked, and the service is locked until someone unlocks it. Database migrations are not undone.
      [ Roll back to 2.6.0 ](danger) [ Never mind ]"
    `);
  });

  it('names the command for what a conversation does not do', () => {
    expect(fine(takesCommand(lock, 'shop'))).toMatchInlineSnapshot(`
      "To do that, type \`/ship-prod lock shop "reason" 2h\`
      Nothing was changed."
    `);
  });

  it('asks whoever wrote in the thread', () => {
    const wishes = [{ kind: 'rollback' }, { kind: 'extend', ms: 15 * MIN }, { kind: 'hold' }] as const;
    expect(wishes.map((wish) => fine(confirmation(monitoring, wish))).join('\n---\n')).toMatchInlineSnapshot(`
      "Roll **shop** back to **2.6.0**?
      It is deployed again and checked, and the service is locked until someone unlocks it. Database migrations are not undone.
      [ Roll back to 2.6.0 ](danger) [ Never mind ]
      ---
      Watch shop 15 min longer?
      [ Extend by 15 min ] [ Never mind ]
      ---
      Hold the window of shop open until someone releases it?
      [ Hold the window open ] [ Never mind ]"
    `);
  });

  it('says how to come by services that it does not list', () => {
    const many = chooseService(Array.from({ length: 11 }, (_, at) => `service-${at}`));
    expect(many.text).toContain('There are more: type /ship-prod plan SERVICE.');
    expect(chooseService(['shop', 'api']).text).not.toContain('There are more');
  });

  it('stays within limits for the longest names', () => {
    fine(refusal({ text: long, hint: long }, { owner: long }));
    fine(offer({ kind: 'offer', service: long, feature: long, because: long }));
    fine(chooseService(Array.from({ length: 100 }, () => long)));
    fine(busy({ text: long, hint: long }, {}, { service: long }, `https://a.test/${long}`));
    fine(plainAnswer(long));
    fine(inQueue(long, 3));
    fine(started({ ...monitoring, service: long }, threadUrl));
    fine(threadStatus(monitoring, [], fixtures.service, fixtures.T0));
    for (const kind of ['rollback', 'hold'] as const)
      fine(confirmation({ ...monitoring, service: long }, { kind }));
  });
});
