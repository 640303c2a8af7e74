import { expect, test } from 'vitest';
import { senderOf } from '../../../src/handlers/support/sender.ts';

test.each([
  ['a command', { command: '/ship-prod', user_id: 'U_ADA' }, 'U_ADA'],
  ['a press', { type: 'block_actions', user: { id: 'U_ADA', name: 'ada' } }, 'U_ADA'],
  ['a form', { type: 'view_submission', user: { id: 'U_ADA' }, view: {} }, 'U_ADA'],
  ['a message', { type: 'event_callback', event: { type: 'message', user: 'U_ADA' } }, 'U_ADA'],
  ['a changed message', { event: { type: 'message', message: { user: 'U_ADA' } } }, 'U_ADA'],
  ['a changed person', { event: { type: 'user_change', user: { id: 'U_ADA' } } }, 'U_ADA'],
  ['nobody', { event: { type: 'subteam_updated', user: 7 } }, ''],
  ['what is no payload', 'text', ''],
])('%s names who it is of', (_what, body, user) => {
  expect(senderOf(body)).toBe(user);
});
