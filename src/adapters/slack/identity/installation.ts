import { WebAPIHTTPError, WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { z } from 'zod';
import { failureOf } from '../errors.ts';
import type { Installation } from '../port.ts';

const Identity = z.looseObject({
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  is_enterprise_install: z.boolean().nullish(),
  url: z.string(),
  user_id: z.string(),
  bot_id: z.string().optional(),
  app_id: z.string().optional(),
});

const Bot = z.looseObject({ bot: z.looseObject({ app_id: z.string().optional() }) });

const KNOWN = new WeakMap<WebClient, Promise<Installation>>();

/**
 * Who we are, as Slack says it (auth.test, and bots.info where that does not name the app). Asked once; a
 * failure is not kept. Throws what Slack threw.
 */
export function installationOf(client: WebClient): () => Promise<Installation> {
  return () => {
    const known = KNOWN.get(client);
    if (known !== undefined) return known;
    const asked = ask(client).catch((error: unknown) => {
      KNOWN.delete(client);
      throw error;
    });
    KNOWN.set(client, asked);
    return asked;
  };
}

/** What has been asked with this client, or is just being asked. */
export function knownInstallation(client: WebClient): Promise<Installation> | undefined {
  return KNOWN.get(client);
}

async function ask(client: WebClient): Promise<Installation> {
  const {
    team_id: team,
    enterprise_id: enterprise,
    is_enterprise_install: isOrgWide,
    url,
    user_id: botUser,
    bot_id: bot,
    app_id: app,
  } = Identity.parse(await client.auth.test());
  return {
    team,
    ...(isOrgWide && enterprise ? { enterprise } : {}),
    url,
    botUser,
    ...(bot === undefined ? {} : { bot }),
    app: app ?? (await appOf(client, bot, team)),
  };
}

/** Null when Slack does not say, for example without the scope `users:read`. */
async function appOf(client: WebClient, bot: string | undefined, team: string): Promise<string | null> {
  if (bot === undefined) return null;
  try {
    // An app of a whole organisation has to say of which workspace.
    const of = team.startsWith('T') ? { team_id: team } : {};
    return Bot.parse(await client.bots.info({ bot, ...of })).bot.app_id ?? null;
  } catch (error) {
    if (isUnsaid(error)) return null;
    throw error;
  }
}

/** Slack refuses to say, or knows no such question. While it is merely busy it has to be asked again. */
function isUnsaid(error: unknown): boolean {
  if (error instanceof z.ZodError) return true;
  if (error instanceof WebAPIHTTPError) return error.statusCode < 500 && error.statusCode !== 429;
  return error instanceof WebAPIPlatformError && !['wait', 'down'].includes(failureOf(error).kind);
}
