import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Installation } from './port.ts';

const Identity = z.looseObject({
  team_id: z.string(),
  url: z.string(),
  user_id: z.string(),
  bot_id: z.string().optional(),
  app_id: z.string().optional(),
});

const Bot = z.looseObject({ bot: z.looseObject({ app_id: z.string().optional() }) });

/**
 * Who we are, as Slack says it (auth.test, and bots.info where that does not name the app). Asked once; a
 * failure is not kept. Throws what Slack threw.
 */
export function installationOf(client: WebClient): () => Promise<Installation> {
  let known: Promise<Installation> | null = null;
  return () => {
    known ??= ask(client).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}

async function ask(client: WebClient): Promise<Installation> {
  const {
    team_id: team,
    url,
    user_id: botUser,
    bot_id: bot,
    app_id: app,
  } = Identity.parse(await client.auth.test());
  return {
    team,
    url,
    botUser,
    ...(bot === undefined ? {} : { bot }),
    app: app ?? (await appOf(client, bot)),
  };
}

/** Null when Slack does not say, for example without the scope `users:read`. */
async function appOf(client: WebClient, bot: string | undefined): Promise<string | null> {
  if (bot === undefined) return null;
  try {
    return Bot.parse(await client.bots.info({ bot })).bot.app_id ?? null;
  } catch {
    return null;
  }
}
