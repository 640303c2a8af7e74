import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { CALLBACK } from '../src/blocks/kit/ids.ts';
import { COMMAND_WORDS } from '../src/domain/commands/table.ts';

const Manifest = z.strictObject({
  display_information: z.strictObject({
    name: z.string().max(35),
    description: z.string().max(140),
    background_color: z.string(),
  }),
  features: z.strictObject({
    app_home: z.object({ home_tab_enabled: z.literal(true) }).loose(),
    bot_user: z.object({}).loose(),
    slash_commands: z.array(
      z
        .object({
          command: z.string(),
          usage_hint: z.string().max(1_000),
          description: z.string().max(2_000),
        })
        .loose(),
    ),
    shortcuts: z.array(
      z.strictObject({
        name: z.string().max(24 * 2),
        type: z.enum(['global', 'message']),
        callback_id: z.string(),
        description: z.string().max(150),
      }),
    ),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
  settings: z
    .object({
      event_subscriptions: z.strictObject({ bot_events: z.array(z.string()) }),
      socket_mode_enabled: z.literal(true),
      interactivity: z.strictObject({ is_enabled: z.literal(true) }),
    })
    .loose(),
});

const manifest = Manifest.parse(parse(readFileSync(new URL('../manifest.yml', import.meta.url), 'utf8')));
const src = new URL('../src/', import.meta.url).pathname;
const code = readdirSync(src, { recursive: true, encoding: 'utf8' })
  // Other hosts have clients too, and other scopes.
  .filter((path) => path.endsWith('.ts') && !/^(engine|adapters.(repositories|targets))/.test(path))
  .map((path) => readFileSync(join(src, path), 'utf8'))
  .join('\n');

/** What in the code needs a scope. */
const USED: Readonly<Record<string, RegExp>> = {
  'app_mentions:read': /['"]app_mention['"]/,
  'channels:history': /conversations\.(history|replies)\(/,
  'channels:read': /(users\.conversations|conversations\.list)\(/,
  'chat:write': /chat\.(postMessage|postEphemeral|update)\(/,
  commands: /\.command\(/,
  'files:read': /files\.info\(/,
  'files:write': /filesUploadV2\(/,
  'groups:history': /conversations\.(history|replies)\(/,
  'groups:read': /(users\.conversations|conversations\.list)\(/,
  'usergroups:read': /usergroups\.(list|users\.list)\(/,
  'users:read': /(users|bots)\.info\(/,
  'users:read.email': /email/,
};

describe('manifest.yml', () => {
  it('trap: scopes: it asks for those that the code uses, and no others', () => {
    const { bot } = manifest.oauth_config.scopes;
    expect([...bot].sort()).toEqual(Object.keys(USED).sort());
    for (const [scope, use] of Object.entries(USED)) expect(code, scope).toMatch(use);
  });

  it('uses no method of the Web API that needs another scope', () => {
    const known = /^(chat|conversations|users|usergroups|bots|views|auth|apps|files|api)$/;
    const families = [...code.matchAll(/\bclient(?:_)?\.([a-z]+)\.[a-zA-Z.]+\(/g)].map(
      ([, family]) => family ?? '',
    );
    expect(families.length).toBeGreaterThan(5);
    expect(families.filter((family) => !known.test(family))).toEqual([]);
  });

  it('names the shortcuts and the command as the code does', () => {
    expect(manifest.features.shortcuts.map(({ type, callback_id: id }) => [type, id])).toEqual([
      ['global', CALLBACK.shipShortcut],
      ['message', CALLBACK.reportProblem],
    ]);
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(['/ship-prod']);
    expect(code).toContain("'/ship-prod'");
    const [{ usage_hint: hint } = { usage_hint: '' }] = manifest.features.slash_commands;
    expect(hint).toBe(`[service] [minor] | ${COMMAND_WORDS.join(' | ')}`);
  });

  it('subscribes to the events that the code listens to', () => {
    expect(manifest.settings.event_subscriptions.bot_events).toEqual([
      'app_home_opened',
      'app_mention',
      'channel_id_changed',
      'message.channels',
      'message.groups',
    ]);
    for (const event of ['app_home_opened', 'app_mention', 'channel_id_changed'])
      expect(code).toMatch(new RegExp(`event\\(['"]${event}['"]`));
    expect(code).toMatch(/\.(message|event\(['"]message['"])\(?/);
  });
});
