import { z } from 'zod';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { HttpUrl, TokenUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Target } from '../port.ts';
import { tokenAccount } from './account.ts';
import { HerokuApi } from './heroku-api.ts';
import { HerokuTarget } from './heroku-target.ts';

/** A promotion whose answer was lost shows as a release a little later: the pause before each look, in ms. */
const PAUSE_AFTER_LOSS_MS = 1_000;

const AppName = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'the name or id of an app, such as shop-production');

export const HerokuSettings = z
  .strictObject({
    use: z.literal('heroku'),
    app: AppName.meta({ description: 'The app of production.' }),
    staging: AppName.meta({ description: 'The app of staging, in the same pipeline.' }),
    token: SecretRef,
    url: HttpUrl.optional().meta({
      description: "Where production answers; the app's own address by default.",
    }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
    api: TokenUrl.default('https://api.heroku.com').meta({
      description: "Address of Heroku's Platform API.",
    }),
  })
  .meta({ description: 'Promotes what runs on staging to production through a Heroku pipeline.' });
export type HerokuSettings = z.infer<typeof HerokuSettings>;

export const herokuTarget = defineKind({
  settings: HerokuSettings,
  open: (settings, context: AdapterContext) => openHeroku(settings, context),
});

export function openHeroku(
  settings: HerokuSettings,
  context: AdapterContext,
  pauseAfterLossMs: number = PAUSE_AFTER_LOSS_MS,
): Target {
  const api = new HerokuApi(tokenAccount('Heroku', settings, context));
  return new HerokuTarget(settings, api, context.now, pauseAfterLossMs);
}
