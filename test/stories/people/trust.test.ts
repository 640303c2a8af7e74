import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { controls, textOf } from '../../../demo/workspace/server/control/reading.ts';
import type { JsonObject } from '../../../demo/workspace/server/strict/json.ts';
import { type Stage, setStage } from '../stage.ts';

interface Row {
  readonly actor: string;
  readonly action: string;
  readonly result: string;
  readonly promotionId?: string;
  readonly source?: { readonly link?: string; readonly ts?: string };
  readonly detail?: { readonly code?: string };
}

let stage: Stage;
/** What Slack sent when Grace looked at the details of the card. */
let details: JsonObject;
/** Values of the card's buttons, by action. */
let tokens: ReadonlyMap<string, string>;

const entries = async (): Promise<readonly Row[]> =>
  (await stage.query<{ entry: Row }>('select entry from slipway.events order by seq')).map(
    ({ entry }) => entry,
  );

/** The rows that one thing left. */
async function rowsOf(work: () => Promise<unknown>): Promise<readonly Row[]> {
  await stage.workspace.quiet(200);
  const before = (await entries()).length;
  await work();
  await expect.poll(async () => (await entries()).length, { timeout: 10_000 }).toBeGreaterThan(before);
  await stage.workspace.quiet(200);
  return (await entries()).slice(before);
}

/** A click that Slack did not send: Grace's, with other things in it. */
function click(more: JsonObject, action: JsonObject): Promise<unknown> {
  const [given] = details['actions'] as JsonObject[];
  const at = `${Date.now() / 1_000}${Math.random()}`;
  return stage.workspace.control.deliver('interactive', {
    ...details,
    ...more,
    actions: [{ ...given, action_ts: at, ...action }],
  });
}

beforeAll(async () => {
  stage = await setStage({ approvals: 2 });
  const { workspace } = stage;
  await stage.asks();
  await workspace.as('grace').click(stage.card(), 'details');
  await workspace.waitForView('grace');
  // The view opens before its row is written.
  await vi.waitUntil(async () => (await entries()).some(({ action }) => action === 'button.details'), {
    timeout: 10_000,
  });
  const sent = workspace.control.journal().filter(({ type }) => type === 'interactive');
  details = structuredClone(sent.at(-1)?.args as JsonObject);
  tokens = new Map(
    controls(stage.card()).map(({ actionId, value = '' }) => [actionId.split(':', 1)[0] ?? '', value]),
  );
});
afterAll(() => stage.end());

const approvals = async () => (await stage.query('select 1 from slipway.approvals')).length;

describe('a button', () => {
  test('shows nothing of what it does', () => {
    expect(tokens.size).toBeGreaterThan(4);
    for (const token of tokens.values()) expect(token).toMatch(/^1\.[\w-]{40,}$/);
    expect(new Set(tokens.values()).size).toBe(tokens.size);
    const sent = stage.workspace.control.calls().map(({ args }) => JSON.stringify(args));
    expect(sent.filter((args) => /"value":"\{|private_metadata":"\{/.test(args))).toEqual([]);
  });

  test.each([
    [
      'made up',
      'approve',
      () => `1.${'A'.repeat(200)}`,
      'button-forged',
      /was not made by this installation/,
    ],
    ['in plain text', 'approve', () => '{"promotion":"shop-1"}', 'button-unknown', /older version/],
    [
      'of another kind of button',
      'approve',
      () => tokens.get('recheck') ?? '',
      'button-forged',
      /was not made/,
    ],
    ['for a rollback', 'rollback', () => tokens.get('approve') ?? '', 'button-forged', /was not made/],
    ['changed in one letter', 'approve', changed, 'button-forged', /was not made/],
    ['empty', 'approve', () => '', 'button-unknown', /older version/],
    ['too long', 'approve', () => `1.${'A'.repeat(5_000)}`, 'button-forged', /was not made/],
  ])(
    'with a value %s does nothing, says so, and is in the audit',
    async (_what, action, value, code, words) => {
      const rows = await rowsOf(async () => {
        await click({}, { action_id: action, value: value() });
        await stage.told('grace', words);
      });
      expect(rows).toMatchObject([
        { actor: 'U0GRACE', action: `button.${action}`, result: 'refused', detail: { code } },
      ]);
      expect(await approvals()).toBe(0);
    },
  );

  test('that nobody knows is answered too', async () => {
    const rows = await rowsOf(async () => {
      await click({}, { action_id: 'launch_missiles', value: tokens.get('approve') ?? '' });
      await stage.told('grace', /older version/);
    });
    expect(rows).toMatchObject([{ action: 'button.unknown', detail: { code: 'button-unknown' } }]);
  });

  test.each([
    [
      'another workspace',
      { team: { id: 'T0EVIL', domain: 'evil' } },
      'foreign-workspace',
      /another Slack workspace/,
    ],
    ['no workspace', { team: null }, 'foreign-workspace', /another Slack workspace/],
    ['another app', { api_app_id: 'A0EVIL' }, 'foreign-app', /another Slack app/],
  ])('from %s does nothing, although its token is good', async (_what, more, code, words) => {
    const rows = await rowsOf(async () => {
      await click(
        { ...more, response_url: 'http://127.0.0.1:9/never' },
        { action_id: 'approve', value: tokens.get('approve') ?? '' },
      );
      await stage.told('grace', words);
    });
    expect(rows).toMatchObject([{ action: 'button.approve', result: 'refused', detail: { code } }]);
    expect(await approvals()).toBe(0);
  });

  test('pressed where it does not belong does nothing', async () => {
    // The same token in a message of another promotion: Slack never shows that, a forger may.
    await stage.query(
      "insert into slipway.promotions (id, service, state, revision, created_at, updated_at, request, channel, data) values ('other-1', 'other', 'shipped', 1, now(), now(), '{}', 'C0SHIP', '{}')",
    );
    await stage.query(
      "insert into slipway.cards (promotion_id, channel, ts) values ('other-1', 'C0SHIP', '1.000001')",
    );
    const message = { ...(details['message'] as JsonObject), ts: '1.000001', thread_ts: '1.000001' };
    const container = { type: 'message', message_ts: '1.000001', channel_id: 'C0SHIP' };
    const rows = await rowsOf(async () => {
      await click({ message, container }, { action_id: 'approve', value: tokens.get('approve') ?? '' });
      await stage.told('grace', /belongs to another promotion/);
    });
    expect(rows).toMatchObject([{ detail: { code: 'button-misplaced' } }]);
    expect(await approvals()).toBe(0);
  });

  test.each([
    ['a guest', 'U0MARGARET', /Guests, deactivated/],
    ['somebody of another workspace in a shared channel', 'U0ALIEN', /people from other workspaces/],
    ['somebody deactivated a moment ago', 'U0LEAVER', /Guests, deactivated/],
    ['the bot itself', 'U0SLIPWAY', /Guests, deactivated/],
    ['nobody', 'U0NOBODY', null],
  ])('pressed by %s does nothing', async (_what, id, words) => {
    const { workspace } = stage;
    if (id === 'U0ALIEN') {
      workspace.control.addUser({ id, name: 'alien', team: 'T0OTHER' });
      workspace.control.invite('#ship', id);
    }
    if (id === 'U0LEAVER') {
      workspace.control.addUser({ id, name: 'leaver' });
      workspace.control.invite('#ship', id);
      workspace.control.deactivate(id);
    }
    const user = { ...(details['user'] as JsonObject), id };
    const rows = await rowsOf(async () => {
      await click({ user }, { action_id: 'approve', value: tokens.get('approve') ?? '' });
      if (words && id !== 'U0SLIPWAY') await stage.told(id, words);
    });
    const code = words === null ? 'person-unknown' : 'person-not-full-member';
    expect(rows).toMatchObject([
      { actor: id, action: 'approval.given', result: 'refused', detail: { code } },
    ]);
    expect(await approvals()).toBe(0);
  });

  test('counts once, however often its click arrives', async () => {
    const { workspace } = stage;
    workspace.control.repeatInteractions(1);
    const rows = await rowsOf(async () => {
      await workspace.as('grace').click(stage.card(), 'approve');
      // The repetition may be refused before the first one is stored.
      const codes = async () => (await entries()).map(({ detail }) => detail?.code);
      await expect.poll(codes, { timeout: 10_000 }).toContain('click-repeated');
      await expect.poll(approvals, { timeout: 10_000 }).toBe(1);
    });
    expect(rows.map(({ action, result }) => [action, result])).toEqual(
      expect.arrayContaining([
        ['approval.given', 'done'],
        ['button.approve', 'refused'],
      ]),
    );
    expect(rows).toHaveLength(2);
    expect(await approvals()).toBe(1);
    const twice = await rowsOf(async () => {
      await workspace.as('grace').click(stage.card(), 'approve');
      await stage.told('grace', /already approved/);
    });
    expect(twice).toMatchObject([{ action: 'approval.given', detail: { code: 'already-voted' } }]);
    expect(await approvals()).toBe(1);
  });

  test('leads from its row in the audit to its message', async () => {
    const given = (await entries()).find(
      ({ action, result }) => action === 'approval.given' && result === 'done',
    );
    const { ts } = stage.card();
    expect(given?.source?.link).toBe(`${stage.workspace.url}/archives/C0SHIP/p${ts.replace('.', '')}`);
  });
});

describe('a form', () => {
  test('whose origin is forged does nothing', async () => {
    const { workspace } = stage;
    await workspace.as('linus').click(stage.card(), 'decline');
    const view = await workspace.waitForView('linus');
    const { ['actions']: _actions, container: _container, message: _message, ...base } = details;
    const submit = (metadata: string) =>
      workspace.control.deliver('interactive', {
        ...base,
        type: 'view_submission',
        user: { id: 'U0LINUS', username: 'linus', name: 'linus', team_id: 'T0SLIPWAY' },
        view: {
          id: `${view.id}${Math.random()}`,
          type: 'modal',
          callback_id: 'decline_form',
          hash: '1',
          private_metadata: metadata,
          state: { values: { reason: { reason: { type: 'plain_text_input', value: 'because' } } } },
        },
      });
    const promotion = JSON.stringify({ promotion: 'shop-1' });
    for (const [metadata, code] of [
      [promotion, 'button-unknown'],
      [tokens.get('decline') ?? '', 'button-forged'],
      ['', 'button-unknown'],
    ] as const) {
      const rows = await rowsOf(() => submit(metadata));
      expect(rows).toMatchObject([
        { actor: 'U0LINUS', action: 'form.decline_form', result: 'refused', detail: { code } },
      ]);
    }
    expect(await approvals()).toBe(1);
  });
});

describe('a command', () => {
  test('from another workspace does nothing', async () => {
    const sent = stage.workspace.control.journal().find(({ type }) => type === 'slash_commands');
    const payload = {
      ...(sent?.args as JsonObject),
      team_id: 'T0EVIL',
      trigger_id: 'x.y',
      text: 'cancel shop',
    };
    const rows = await rowsOf(() => stage.workspace.control.deliver('slash_commands', payload));
    expect(rows).toMatchObject([{ action: 'command', detail: { code: 'foreign-workspace' } }]);
  });
});

test('a button of a state that has moved on says so', async () => {
  const { workspace } = stage;
  const old = stage.card();
  await workspace.as('linus').click(old, 'approve');
  await stage.cardShows(/Shipped/, 60_000);
  for (const action of ['approve', 'recheck', 'cancel']) {
    const rows = await rowsOf(async () => {
      await workspace.as('grace').click(old, action);
      await stage.told('grace', /has moved on/);
    });
    expect(rows).toMatchObject([
      { actor: 'U0GRACE', result: 'refused', detail: { code: 'promotion-moved-on' } },
    ]);
  }
  expect(textOf(stage.card())).toContain('Shipped');
});

test('nothing is amiss at the end, and everything that people did has its message', async () => {
  await stage.expectNothingAmiss();
  const clicks = (await entries()).filter(
    ({ action, result }) => action === 'approval.given' && result === 'done',
  );
  for (const { source } of clicks) expect(source?.link).toMatch(/\/archives\/C0SHIP\/p\d+$/);
});

function changed(): string {
  const token = tokens.get('approve') ?? '';
  return token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.at(-1);
}
