import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealed } from '../../../src/blocks/kit/seal.ts';
import { NEVER_MIND } from '../../../src/blocks/replies/confirm.ts';
import { type Desk, openDesk, payloadsFor, SEAL } from './desk.ts';

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
const pressed = (channel: string) => {
  const press = sends.button(NEVER_MIND.action_id ?? '', undefined, {
    channel: { id: channel, name: 'x' },
    container: { type: 'message', message_ts: '1.1', channel_id: channel, is_ephemeral: false },
    message: { type: 'message', ts: '1.1', text: 'Roll shop back?', blocks },
  });
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

  test('nothing is replaced in a channel, where cards are', async () => {
    await desk.deliver(pressed('C0SHIP'));
    expect(desk.slack.of('respond').filter(({ args }) => args['replace_original'] === true)).toEqual([]);
  });
});
