import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { PageCommand, PageShortcut } from '../../protocol/directory.ts';

const Shape = z.looseObject({
  display_information: z.looseObject({
    name: z.string(),
    description: z.string().default(''),
    background_color: z.string().default('#2f6f4f'),
  }),
  features: z
    .looseObject({
      app_home: z
        .looseObject({
          home_tab_enabled: z.boolean().default(false),
          messages_tab_enabled: z.boolean().default(true),
          messages_tab_read_only_enabled: z.boolean().default(false),
        })
        .prefault({}),
      bot_user: z.looseObject({ display_name: z.string() }).optional(),
      slash_commands: z
        .array(
          z.looseObject({
            command: z.string().startsWith('/'),
            description: z.string(),
            usage_hint: z.string().default(''),
            should_escape: z.boolean().default(false),
          }),
        )
        .default([]),
      shortcuts: z
        .array(
          z.looseObject({
            name: z.string(),
            type: z.enum(['global', 'message']),
            callback_id: z.string(),
            description: z.string().default(''),
          }),
        )
        .default([]),
    })
    .prefault({}),
  oauth_config: z.looseObject({
    scopes: z.looseObject({ bot: z.array(z.string()).default([]) }),
  }),
  settings: z
    .looseObject({
      event_subscriptions: z.looseObject({ bot_events: z.array(z.string()).default([]) }).optional(),
    })
    .prefault({}),
});

/** What the local workspace needs of the app's manifest. */
export interface AppManifest {
  readonly name: string;
  readonly botName: string;
  readonly description: string;
  readonly color: string;
  readonly homeTab: boolean;
  /** Whether the bot may write to people directly, and they to it. */
  readonly messagesTab: 'on' | 'read-only' | 'off';
  readonly commands: readonly PageCommand[];
  /** Commands whose text arrives with mentions as `<@U…|name>`. */
  readonly escapedCommands: readonly string[];
  readonly globalShortcuts: readonly PageShortcut[];
  readonly messageShortcuts: readonly PageShortcut[];
  readonly scopes: readonly string[];
  readonly events: readonly string[];
}

/** Reads a manifest in Slack's own form: the path of a YAML or JSON file, or the parsed value. */
export function readManifest(source: string | object): AppManifest {
  const value: unknown = typeof source === 'string' ? parse(readFileSync(source, 'utf8')) : source;
  const manifest = Shape.parse(value);
  const shortcut = (type: 'global' | 'message'): PageShortcut[] =>
    manifest.features.shortcuts
      .filter((entry) => entry.type === type)
      .map((entry) => ({ name: entry.name, callbackId: entry.callback_id, description: entry.description }));
  return {
    name: manifest.display_information.name,
    botName: manifest.features.bot_user?.display_name ?? manifest.display_information.name,
    description: manifest.display_information.description,
    color: manifest.display_information.background_color,
    homeTab: manifest.features.app_home.home_tab_enabled,
    messagesTab: messagesTab(manifest.features.app_home),
    escapedCommands: manifest.features.slash_commands
      .filter((entry) => entry.should_escape)
      .map((entry) => entry.command),
    commands: manifest.features.slash_commands.map((entry) => ({
      command: entry.command,
      description: entry.description,
      usageHint: entry.usage_hint,
    })),
    globalShortcuts: shortcut('global'),
    messageShortcuts: shortcut('message'),
    scopes: manifest.oauth_config.scopes.bot,
    events: manifest.settings.event_subscriptions?.bot_events ?? [],
  };
}

function messagesTab(home: {
  readonly messages_tab_enabled: boolean;
  readonly messages_tab_read_only_enabled: boolean;
}): AppManifest['messagesTab'] {
  if (!home.messages_tab_enabled) return 'off';
  return home.messages_tab_read_only_enabled ? 'read-only' : 'on';
}
