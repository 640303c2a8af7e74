import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controls, textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stage.ts';

const FREEZE = {
  name: 'release freeze',
  zone: 'Europe/Berlin',
  dates: { from: '2020-01-01', to: '2090-12-31' },
};

describe('story 13: a freeze window with break glass and its debt', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({
      overrides: {
        freeze: [FREEZE],
        'break-glass': { 'acknowledge-within': '4s' },
        permissions: { override: { users: ['U0GRACE'] } },
      },
    });
  });
  afterAll(() => stage?.end());

  test('a start is refused with why, until when, and the way on that each may take', async () => {
    const { workspace } = stage;
    await workspace.as('linus').command('/ship-prod shop');
    const refused = await stage.told('linus', /shop is frozen: release freeze/);
    expect(textOf(refused)).toMatch(/Until .*UTC/);
    expect(textOf(refused)).toContain('<@U0GRACE>');
    expect(controls(refused).map(({ label }) => label)).toEqual(['Tell me when it is free']);
    expect(stage.cards()).toEqual([]);

    await workspace.as('linus').command('/ship-prod status');
    expect(textOf(await stage.told('linus', /shop: release freeze, until/))).toContain('❄️');
    await workspace.as('linus').command('/ship-prod plan shop');
    expect(textOf(await stage.told('linus', /Frozen: release freeze until/))).toContain('break the glass');
  });

  test('with the role and a reason it starts, louder, and approvals are needed as ever', async () => {
    const { workspace } = stage;
    await workspace.as('grace').command('/ship-prod shop minor');
    const refused = await stage.told('grace', /shop is frozen/);
    await workspace.as('grace').click(refused, 'break_glass');
    const form = await workspace.waitForView('grace');
    expect(textOf(form)).toContain('Frozen: release freeze');
    await workspace.as('grace').submit(form, { reason: 'The till is down <!channel>' });

    const asked = await stage.cardWith('approve');
    expect(textOf(asked)).toMatch(/^🚨 shop 1\.2\.0 → 1\.3\.0/);
    expect(textOf(asked)).toContain('Glass broken by <@U0GRACE> over: Frozen: release freeze');
    expect(textOf(asked)).toContain('The till is down <!channel>');
    expect(textOf(asked)).toContain('🚨 overridden');
    const said = await stage.threadSays(/Glass broken/);
    expect(textOf(said)).toContain('A second person has to acknowledge this');
    expect(workspace.messages('#ship').some(({ ts }) => ts === said.ts)).toBe(true);

    await stage.press('grace', 'approve');
    await stage.told('grace', /somebody else has to approve/);
  });

  test('the debt outlives a killed bot: reminders in the thread, an entry on the Home tab', async () => {
    const { workspace } = stage;
    await stage.crash();
    const overdue = await stage.threadSays(/Overdue: nobody has acknowledged/);
    expect(offers(overdue, 'acknowledge')).toBe(true);
    expect(stage.thread().filter((one) => /Overdue/.test(textOf(one)))).toHaveLength(1);
    const home = await workspace.as('linus').openHome();
    expect(textOf(home)).toContain('To be acknowledged by a second person');
    expect(textOf(home)).toContain('glass broken by <@U0GRACE>');
    await workspace.as('grace').command('/ship-prod status');
    await stage.told('grace', /To be acknowledged by a second person/);
  });

  test('only a second person settles it, and it stays settled after the promotion has shipped', async () => {
    const { workspace } = stage;
    await stage.press('ada', 'approve');
    await stage.cardShows(/Shipped/);
    expect(textOf(stage.card())).toContain('A second person has to acknowledge it');

    await stage.press('grace', 'acknowledge');
    await stage.told('grace', /You broke the glass for shop yourself/);
    const home = await workspace.as('linus').openHome();
    await workspace.as('linus').click(home, /^acknowledge/);
    await stage.threadSays(/<@U0LINUS> acknowledged that the glass was broken by <@U0GRACE>/);
    await stage.cardShows(/Acknowledged by <@U0LINUS>/);
    expect(offers(stage.card(), 'acknowledge')).toBe(false);
    expect(textOf(await workspace.as('linus').openHome())).not.toContain('To be acknowledged');

    const rows = await stage.query<{ actor: string; action: string; result: string }>(
      `select entry->>'actor' as actor, entry->>'action' as action, entry->>'result' as result
         from slipway.events order by seq`,
    );
    const trail = rows.map(({ actor, action, result }) => `${actor} ${action} ${result}`);
    expect(trail).toContain('U0LINUS promotion.opened refused');
    expect(trail).toContain('U0GRACE override.used done');
    expect(trail).toContain('U0GRACE debt.acknowledged refused');
    expect(trail.filter((row) => row === 'U0LINUS debt.acknowledged done')).toHaveLength(1);
    await workspace.as('ada').command('/ship-prod history shop');
    await stage.told('ada', /glass broken by <@U0GRACE>/);
    await stage.expectNothingAmiss();
  });
});

describe('an incident: stop everything', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({
      overrides: { permissions: { override: { users: ['U0GRACE'] } } },
    });
  });
  afterAll(() => stage?.end());

  test('what waits for approval is held up, and goes on over broken glass from its card', async () => {
    const { workspace } = stage;
    await workspace.as('ada').command('/ship-prod shop');
    await stage.cardWith('approve');
    await workspace.as('linus').command('/ship-prod freeze all "incident 7" 2h');
    await stage.told('linus', /Done, and said in the channel. To end it: \/ship-prod thaw all/);
    await workspace.waitForMessage((one) =>
      /Everything, stopped by <@U0LINUS>: incident 7, until/.test(textOf(one)),
    );
    // Nobody has to press anything for that.
    const blocked = await stage.cardShows(/Blocked/);
    expect(textOf(blocked)).toMatch(/Everything is stopped: incident 7, by <@U0LINUS>, until .*UTC/);
    await stage.press('ada', 'break_glass');
    await stage.told('ada', /You may not break the glass here/);

    await stage.press('grace', 'break_glass');
    const form = await workspace.waitForView('grace');
    expect(textOf(form)).toContain('Everything is stopped: incident 7');
    await workspace.as('grace').submit(form, { reason: 'This is the fix.' });
    await stage.cardWith('approve');
    await stage.threadSays(/Glass broken/);
    await stage.press('grace', 'approve');
    await stage.told('grace', /You broke the glass for shop yourself, so somebody else has to approve it/);
    await stage.press('linus', 'approve');
    await stage.cardShows(/Shipped/);
  });

  test('a lock is taken over with a reason, and whoever had it is told', async () => {
    const { workspace } = stage;
    await workspace.as('ada').command('/ship-prod freeze all "my turn"');
    expect(textOf(await stage.told('ada', /Everything is stopped already: incident 7/))).toContain('--steal');
    await workspace.as('ada').command('/ship-prod freeze all "Linus is asleep" --steal');
    await workspace.waitForMessage((one) => /Taken over from <@U0LINUS>/.test(textOf(one)));
    const told = await workspace.waitForMessage(
      (message) => /took your lock of everything over: Linus is asleep/.test(textOf(message)),
      10_000,
    );
    expect(told.channel).not.toBe(stage.card().channel);
    await workspace.as('linus').command('/ship-prod shop');
    const refused = await stage.told('linus', /Everything is stopped: Linus is asleep/);
    await workspace.as('linus').click(refused, 'join_queue');
    await stage.told('linus', /You are in line for shop/);
    await workspace.as('ada').command('/ship-prod thaw all');
    await stage.told('ada', /Everything is thawed/);
    const called = await workspace.waitForMessage(
      (one) => /shop is free now, and you are next in line/.test(textOf(one)),
      10_000,
    );
    expect(called.channel).toBe(told.channel);
    expect(offers(called, 'start')).toBe(true);
    await stage.expectNothingAmiss();
  });
});
