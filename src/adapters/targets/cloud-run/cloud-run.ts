import { z } from 'zod';
import { Duration } from '../../shared/context.ts';
import { GoogleTokens, googleSettings } from '../../shared/google/tokens.ts';
import { HttpUrl, TokenUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import { imageNames, imageSettings, promoting } from '../shared/image-settings.ts';
import { CloudRunApi } from './api.ts';
import { CloudRunTarget } from './cloud-run-target.ts';

const Name = z
  .string()
  .regex(/^[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?$/, 'a name as Cloud Run has them, such as shop');

export const CloudRunSettings = z
  .strictObject({
    use: z.literal('cloud-run'),
    ...googleSettings,
    project: z
      .string()
      .regex(
        /^(?:[a-z][a-z0-9-]{4,28}[a-z0-9]|[a-z0-9.-]{1,60}:[a-z][a-z0-9-]+|\d{6,20})$/,
        'the id or number of a project',
      )
      .meta({ description: 'Project of the service.', examples: ['acme-production'] }),
    region: z
      .string()
      .regex(/^[a-z]+-[a-z]+\d+$/, 'a region such as europe-west1')
      .meta({ description: 'Region of the service.', examples: ['europe-west1'] }),
    service: Name.meta({ description: 'The Cloud Run service.' }),
    containers: z.array(Name).min(1).optional().meta({
      description: 'Containers that get the image; by default the one that takes the requests.',
    }),
    ...imageSettings('europe-west1-docker.pkg.dev/acme/shop/shop:{tag}'),
    url: HttpUrl.optional().meta({
      description: "Where production answers; the service's own address by default.",
    }),
    deadline: Duration.prefault('15m').meta({ description: 'A deployment that takes longer has failed.' }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
    api: TokenUrl.default('https://run.googleapis.com').meta({
      description: 'Address of the Cloud Run Admin API.',
    }),
    logging: TokenUrl.default('https://logging.googleapis.com').meta({
      description: 'Address of the Cloud Logging API, asked for the last lines of a revision that failed.',
    }),
  })
  .meta({
    description:
      'Makes a revision of a Cloud Run service with the image of the release, and gives it the requests, in stages too.',
  });
export type CloudRunSettings = z.infer<typeof CloudRunSettings>;

export const cloudRunTarget = defineKind({ settings: CloudRunSettings, open: openCloudRun });

export function openCloudRun(settings: CloudRunSettings, context: TargetContext): Target {
  const { api: base, logging, timeout: timeoutMs, image, key } = settings;
  const tokens = GoogleTokens.of(key, context);
  const api = new CloudRunApi(settings, tokens, { api: base, logging, timeoutMs, now: context.now });
  const names = imageNames(image, context);
  const target = new CloudRunTarget(settings, api, names, context.now);
  return promoting(target, settings);
}
