import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { boltApp, call, workspace } from '../setup.ts';

test('every call and every event is one JSON line, and no token is in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'workspace-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const record = join(folder, 'record.ndjson');
  const slack = await workspace({ record });
  await boltApp(slack, (app) => {
    app.command('/ship-prod', async ({ ack }) => ack('ok'));
    app.event('message', async () => {});
  });
  await call(
    slack,
    'chat.postMessage',
    { token: slack.botToken, channel: 'C0SHIP', text: slack.botToken },
    null,
  );
  await slack.as('ada').command('/ship-prod shop');
  await slack.quiet();

  const text = readFileSync(record, 'utf8');
  const entries = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries).toEqual(JSON.parse(JSON.stringify(slack.control.journal())));
  for (const entry of entries) {
    expect(Object.keys(entry)).toEqual([
      'at',
      'direction',
      'direction' in entry && entry['direction'] === 'in' ? 'method' : 'type',
      'args',
      'response',
    ]);
    expect(new Date(String(entry['at'])).toISOString()).toBe(entry['at']);
  }
  expect(entries).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        direction: 'in',
        method: 'chat.postMessage',
        args: { token: 'xoxb-…', channel: 'C0SHIP', text: 'xoxb-…' },
        response: expect.objectContaining({ ok: true }),
      }),
      expect.objectContaining({ direction: 'out', type: 'slash_commands', response: { text: 'ok' } }),
      expect.objectContaining({ direction: 'out', type: 'events_api' }),
    ]),
  );
  for (const secret of [slack.botToken, slack.appToken, slack.signingSecret]) {
    expect(text.includes(secret)).toBe(false);
  }
});
