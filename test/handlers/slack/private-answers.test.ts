import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeValue } from '../../../src/blocks/kit/button-value.ts';
import { ACTION, actionId, buttonPurpose } from '../../../src/blocks/kit/ids.ts';
import { sealed } from '../../../src/blocks/kit/seal.ts';
import { NEVER_MIND } from '../../../src/blocks/replies/confirm.ts';
import { type Desk, openDesk, payloadsFor, SEAL } from './desk.ts';

/** As the house opens it. */
const PROMOTION = 'shop-0001';

let desk: Desk;
let sends: ReturnType<typeof payloadsFor>;

beforeEach(async () => {
  desk = await openDesk();
  sends = payloadsFor(desk);
});
afterEach(() => desk.close());

const blocks = [
  { type: 'section', text: { type: 'plain_text', text: 'Roll shop back?' } },
  sealed({ type: 'actions', elements: [NEVER_MIND] }, SEAL),
];
const inMessages = (channel: string) => ({
  channel: { id: channel, name: 'x' },
  container: { type: 'message', message_ts: '1.1', channel_id: channel, is_ephemeral: false },
  message: { type: 'message', ts: '1.1', text: 'Roll shop back?', blocks },
});
const pressed = (channel: string) => {
  const press = sends.button(NEVER_MIND.action_id ?? '', undefined, inMessages(channel));
  const [action] = press.actions;
  return { ...press, actions: [{ ...action, text: NEVER_MIND.text }] };
};

describe('a question in the direct messages of a person', () => {
  test('says what was pressed, and when, in place of its buttons', async () => {
    await desk.deliver(pressed('D0ADA'));
    const [said] = desk.slack.of('respond');
    expect(said?.args).toMatchObject({ replace_original: true });
    const shown = JSON.stringify(said?.args['blocks']);
    expect(shown).toContain('Roll shop back?');
    expect(shown).toMatch(/Never mind.*"type":"date"/);
    expect(shown).not.toContain('"type":"actions"');
  });

  test('loses its buttons with the next press when the process died that took the one that counted', async () => {
    const { ledger } = desk.place.house;
    await desk.place.house.open();
    await ledger.change(PROMOTION, { to: 'rolled-back' });
    const id = actionId(ACTION.rollback);
    const value = SEAL.close(encodeValue({ promotion: PROMOTION, service: 'shop' }), buttonPurpose(id));
    const press = sends.button(id, value, inMessages('D0ADA'));
    await desk.deliver({
      ...press,
      actions: press.actions.map((one) => ({ ...one, text: NEVER_MIND.text })),
    });
    expect(desk.told().at(-1)).toMatch(/is rolled back/);
    const [said] = desk.slack.of('respond').filter(({ args }) => args['replace_original'] === true);
    const shown = JSON.stringify(said?.args['blocks']);
    expect(shown).toMatch(/Roll shop back\?.*Decided already/);
    expect(shown).not.toContain('"type":"actions"');
  });

  test('about a plan loses its buttons once nothing of it is left to cancel', async () => {
    const id = actionId(ACTION.cancelPlanned);
    const carried = { sequence: 'plan-1', service: 'shop', via: 'command' } as const;
    const press = sends.button(id, SEAL.close(encodeValue(carried), buttonPurpose(id)), inMessages('D0ADA'));
    await desk.deliver({
      ...press,
      actions: press.actions.map((one) => ({ ...one, text: NEVER_MIND.text })),
    });
    const [said] = desk.slack.of('respond').filter(({ args }) => args['replace_original'] === true);
    expect(JSON.stringify(said?.args['blocks'])).toMatch(/Decided already/);
  });

  test('nothing is replaced in a channel, where cards are', async () => {
    await desk.deliver(pressed('C0SHIP'));
    expect(desk.slack.of('respond').filter(({ args }) => args['replace_original'] === true)).toEqual([]);
  });
});
