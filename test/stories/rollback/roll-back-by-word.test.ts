import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { type StoryStage, settingsOf } from '../slacks.ts';
import { offers, releaseFacts, setStage } from '../stage.ts';

describe.each(settingsOf('7'))('on $name', ({ options }) => {
  let stage: StoryStage;

  beforeAll(async () => {
    stage = await setStage({
      ...(await options()),
      window: '60s',
      overrides: {
        monitor: { tick: '500ms', checkpoint: '5s' },
        permissions: { rollback: { users: ['U0GRACE'] } },
      },
    });
  });
  afterAll(() => stage?.end());

  test('story 7: the error rate rises: an alarm with a chart in the thread', async () => {
    await stage.asks();
    await stage.customers(60);
    await stage.press('grace', 'approve');
    await stage.cardShows(/Watching production/);
    stage.shop.control.set({ mode: 'failing', errorRate: 0.97, version: '1.3.0' });
    const alarm = await stage.threadSays(/production (critical|warning)/);
    expect(offers(alarm, 'rollback')).toBe(true);
    const chart = await stage.workspace.waitForMessage(
      ({ files }) => files?.some((file) => file.name.startsWith('chart-')) ?? false,
    );
    const [png] = chart.files ?? [];
    expect(chart.thread_ts).toBe(stage.card().ts);
    expect([...(png?.bytes ?? []).slice(1, 4)]).toEqual([...Buffer.from('PNG')]);
  });

  test('story 7: only the own, new words of a person count, and only of one who may', async () => {
    const { workspace } = stage;
    const thread = { thread_ts: stage.card().ts };
    const before = workspace.ephemerals('grace').length;
    workspace.as('bot').say('#ship', 'rollback', thread);
    workspace.as('grace').say('#ship', '&gt; rollback', thread);
    workspace.as('grace').say('#ship', 'no rollback needed', thread);
    const edited = workspace.as('grace').say('#ship', 'looking at it', thread);
    workspace.as('grace').edit(edited, 'rollback');
    workspace.as('grace').say('#ship', 'rollback');
    workspace.as('grace').say('#ship', 'good, reverted locally', thread);
    workspace.as('ada').say('#ship', 'roll back please', thread);
    await stage.told('ada', /You may not roll back here/);
    expect(workspace.ephemerals('grace')).toHaveLength(before);
    expect(textOf(stage.card())).not.toMatch(/Rolling back|Rolled back/);
  });

  test('a slip of the finger, and words to the bot: each leads to the confirmation, and status says where it stands', async () => {
    const { workspace } = stage;
    const thread = { thread_ts: stage.card().ts };
    const grace = workspace.as('grace');
    const offered = () => workspace.messages('#ship').filter((message) => offers(message, 'start')).length;
    const before = offered();
    grace.say('#ship', 'rolback', thread);
    const meant = await stage.told('grace', /Did you mean rollback\?[\s\S]*Roll shop back to 1\.2\.0\?/);
    expect(meant.thread_ts).toBe(stage.card().ts);
    expect(offers(meant, 'rollback')).toBe(true);

    grace.say('#ship', `<@${workspace.botUser}> rollback shop`);
    expect(offers(await stage.told('grace', /^Roll shop back to 1\.2\.0\?/), 'rollback')).toBe(true);
    workspace.as('ada').say('#ship', `<@${workspace.botUser}> rollback shop`);
    await stage.told('ada', /You may not roll back here/);
    grace.say('#ship', `<@${workspace.botUser}> status`);
    await stage.told('grace', /shop 1\.2\.0 → 1\.3\.0/);
    grace.say('#ship', `<@${workspace.botUser}> what is the weather`);
    await stage.told('grace', /\/ship-prod plan shop/);

    grace.say('#ship', 'statsu', thread);
    await stage.told(
      'grace',
      /Did you mean status\?[\s\S]*(decide|left of the window)[\s\S]*error rate[\s\S]*Asked by[\s\S]*Approved by/,
    );
    // Nobody was offered a deployment, and nothing has happened yet.
    expect(offered()).toBe(before);
    expect(textOf(stage.card())).not.toMatch(/Rolling back|Rolled back/);
    await stage
      .audited('mention.rollback')
      .then((rows) => expect(rows).toEqual(['U0GRACE done', 'U0ADA refused']));
  });

  test('story 7: she types "rollback", confirms, and production is as before', async () => {
    const { workspace } = stage;
    workspace.as('grace').say('#ship', 'rollback', { thread_ts: stage.card().ts });
    const confirmation = await stage.told('grace', /Roll shop back to 1\.2\.0\?/);
    expect(confirmation.thread_ts).toBe(stage.card().ts);
    expect(stage.shop.control.state().live?.version).toBe('1.3.0');

    await workspace.as('grace').click(confirmation, 'rollback');
    await stage.cardShows(/Rolled back/);
    expect(stage.shop.control.state().live?.version).toBe('1.2.0');
    expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, tags: 1 });
    expect(await stage.audited('rollback.requested')).toEqual(['U0GRACE done']);
    const log = (await readFile(stage.logFile, 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"promotion":'))
      .map((line) => JSON.parse(line) as { msg: string; by?: string; from?: string; to?: string });
    const lines = log.map(({ msg, by, from, to }) =>
      [msg, by, ...(from ? [`${from} → ${to}`] : [])].join(' '),
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        'promotion.opened U0ADA',
        'approval.given U0GRACE',
        'release.cut slipway',
        expect.stringMatching(/^promotion\.moved .*releasing → deploying$/),
        'deployment.started slipway',
        'deployment.succeeded slipway',
        expect.stringMatching(/^watch\.alarm/),
        'rollback.requested U0GRACE',
        'rollback.started U0GRACE monitoring → rolling-back',
        'rollback.finished U0GRACE rolling-back → rolled-back',
      ]),
    );
    await stage.expectNothingAmiss();
  });
});
