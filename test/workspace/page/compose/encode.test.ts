import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMrkdwn, toTyped } from '../../../../demo/workspace/page/compose/encode.ts';
import { empty } from '../../../../demo/workspace/page/state/state.ts';
import type { PageChannel, PageUser } from '../../../../demo/workspace/protocol/directory.ts';

const user = (id: string, name: string): PageUser => ({
  id,
  name,
  realName: name,
  title: '',
  email: '',
  color: '#000000',
  kind: 'member',
  deleted: false,
  timeZone: 'UTC',
});
const channel: PageChannel = {
  id: 'C1',
  name: 'general',
  kind: 'public',
  topic: '',
  purpose: '',
  archived: false,
  members: [],
  bookmarks: [],
  pins: [],
};
const known = {
  ...empty,
  users: new Map([user('U1', 'ada'), user('U2', 'grace.h')].map((u) => [u.id, u])),
  groups: new Map([['S1', { id: 'S1', handle: 'releasers', name: 'Releasers', members: [] }]]),
  channels: new Map([['C1', channel]]),
};

describe('what is typed', () => {
  it.each([
    ['Hello @ada, @grace.h.', 'Hello <@U1>, <@U2>.'],
    ['@releasers @here @nobody', '<!subteam^S1> <!here> @nobody'],
    ['in #general not #elsewhere', 'in <#C1|general> not #elsewhere'],
    ['a@ada.example is no mention', 'a@ada.example is no mention'],
    ['<b> & "c"', '&lt;b&gt; &amp; "c"'],
    ['see https://a.b/?x=1&y=2, ok', 'see <https://a.b/?x=1&amp;y=2>, ok'],
    ['`@ada` and ```@ada <x>```', '`@ada` and ```@ada &lt;x&gt;```'],
    ['typed <!channel> and <@U1>', 'typed &lt;!channel&gt; and &lt;@U1&gt;'],
  ])('%s', (typed, mrkdwn) => {
    expect(toMrkdwn(typed, known)).toBe(mrkdwn);
    expect(toTyped(mrkdwn, known)).toBe(typed);
  });

  it('is what one gets back for editing, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'@#adgenrl<>&;|!:/.`* \n') }), (typed) => {
        expect(toTyped(toMrkdwn(typed, known), known)).toBe(typed);
      }),
    );
  });
});
