import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { PageCommand, PageShortcut } from '../protocol.ts';

const Shape = z.looseObject({
  display_information: z.looseObject({
    name: z.string(),
    description: z.string().default(''),
    background_color: z.string().default('#2f6f4f'),
  }),
  features: z
    .looseObject({
      app_home: z.looseObject({ home_tab_enabled: z.boolean().default(false) }).optional(),
      bot_user: z.looseObject({ display_name: z.string() }).optional(),
      slash_commands: z
        .array(
          z.looseObject({
            command: z.string().startsWith('/'),
            description: z.string(),
            usage_hint: z.string().default(''),
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
  readonly commands: readonly PageCommand[];
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
    homeTab: manifest.features.app_home?.home_tab_enabled ?? false,
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
