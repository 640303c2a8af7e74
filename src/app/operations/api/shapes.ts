import { z } from 'zod';
import { CLOSED_STATES, OPEN_STATES } from '../../../domain/promotion/promotion.ts';

// What the API answers with. The OpenAPI description is made of these; times are ISO 8601 in UTC.

const Time = z.iso.datetime();
const Version = z.string().meta({ description: 'Without prefix: 2.7.0.' });

export const ApiPromotion = z
  .strictObject({
    id: z.string(),
    service: z.string(),
    state: z.enum([...OPEN_STATES, ...CLOSED_STATES]),
    version: Version.nullable().meta({ description: 'Null until it is decided.' }),
    previous: Version.nullable().meta({ description: 'What was live when it was planned.' }),
    commit: z.string().nullable().meta({ description: 'Of the release, once it is cut.' }),
    share: z.number().gt(0).lt(100).nullable().meta({
      description: 'Percent of the requests that the release has so far, in stages; null: all, or none yet.',
    }),
    by: z.string().meta({ description: 'Slack id of who asked for it, or `pipeline NAME`.' }),
    token: z.string().nullable().meta({ description: 'Name of the token that was used in their name.' }),
    why: z
      .string()
      .nullable()
      .meta({ description: 'Why it is where it is, where that needs words; raw text.' }),
    began: Time,
    changed: Time,
    rollback: z.strictObject({ to: Version, by: z.string().nullable(), began: Time }).nullable(),
  })
  .meta({ id: 'Promotion' });
export type ApiPromotion = z.infer<typeof ApiPromotion>;

export const ApiShipping = ApiPromotion.extend({
  thread: z.string().nullable().meta({ description: 'Address of its card in Slack; null until it has one.' }),
}).meta({ id: 'Shipping', description: 'A promotion, and where people approve it.' });
export type ApiShipping = z.infer<typeof ApiShipping>;

const Lock = z
  .strictObject({
    owner: z.string(),
    reason: z.string(),
    since: Time,
    until: Time.nullable(),
    everything: z.boolean().meta({ description: 'It holds up all services.' }),
  })
  .meta({ id: 'Lock' });

export const ApiService = z
  .strictObject({
    service: z.string(),
    live: Version.nullable().meta({
      description:
        'As the target says: a version, or the first seven digits of a commit that has no tag of one; null when it does not answer, or nothing is live.',
    }),
    open: ApiPromotion.nullable().meta({ description: 'The promotion that is under way.' }),
    last: ApiPromotion.nullable().meta({ description: 'The one that was over last.' }),
    lock: Lock.nullable(),
  })
  .meta({ id: 'Service' });
export type ApiService = z.infer<typeof ApiService>;

const Count = z.int().min(0);
const Ratio = z.number().min(0).max(1).nullable();

export const ApiFigures = z
  .strictObject({
    service: z.string(),
    from: Time,
    to: Time,
    deployments: Count,
    perWeek: z.number().nullable(),
    leadTimeMs: z.number().nullable().meta({ description: 'Median from a commit to production.' }),
    failed: Count.meta({ description: 'Rolled back, or mended by a hotfix.' }),
    failureRate: Ratio,
    restoreMs: z.number().nullable().meta({ description: 'Median until production was well again.' }),
    reworkRate: Ratio,
  })
  .meta({ id: 'Figures', description: 'The figures of DORA. Null: too few releases to say.' });
export type ApiFigures = z.infer<typeof ApiFigures>;

export const ApiProblem = z
  .strictObject({ code: z.string(), message: z.string() })
  .meta({ id: 'Problem', description: 'Why there is no other answer.' });
