import { z } from 'zod';
import { ArgoSource } from './overrides.ts';

const Health = z
  .object({
    status: z.string().nullish(),
    message: z.string().nullish(),
    /** Since when, of the Application as a whole; older ones do not say it. */
    lastTransitionTime: z.string().nullish(),
  })
  .nullish();
const Resource = z.object({
  kind: z.string().nullish(),
  name: z.string().nullish(),
  status: z.string().nullish(),
});
const Synced = z.object({
  status: z.string().nullish(),
  revision: z.string().nullish(),
  revisions: z.array(z.string()).nullish(),
});

/** An Application of Argo CD, as far as a deployment takes it. */
export const ArgoApplication = z.object({
  metadata: z.object({ namespace: z.string().nullish() }).nullish(),
  /** There from when an operation is asked for until it has ended. */
  operation: z.object({}).nullish(),
  spec: z
    .object({
      source: ArgoSource.nullish(),
      sources: z.array(ArgoSource).nullish(),
      /** Another branch, or repository, has what is made of the files. */
      sourceHydrator: z.object({}).nullish(),
      syncPolicy: z.object({ automated: z.object({ enabled: z.boolean().nullish() }).nullish() }).nullish(),
    })
    .nullish(),
  status: z
    .object({
      reconciledAt: z.string().nullish(),
      sync: Synced.nullish(),
      health: Health,
      /** The images of its pods, those that end among them. */
      summary: z.object({ images: z.array(z.string()).nullish() }).nullish(),
      operationState: z
        .object({
          phase: z.string().nullish(),
          message: z.string().nullish(),
          finishedAt: z.string().nullish(),
          operation: z
            .object({
              sync: z
                .object({ dryRun: z.boolean().nullish(), resources: z.array(z.unknown()).nullish() })
                .nullish(),
            })
            .nullish(),
          syncResult: z
            .object({
              revision: z.string().nullish(),
              revisions: z.array(z.string()).nullish(),
              resources: z.array(Resource.extend({ message: z.string().nullish() })).nullish(),
            })
            .nullish(),
        })
        .nullish(),
      resources: z
        .array(
          Resource.extend({
            /** It is only to be deleted. */
            requiresPruning: z.boolean().nullish(),
            health: Health,
          }),
        )
        .nullish(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            message: z.string().nullish(),
            lastTransitionTime: z.string().nullish(),
          }),
        )
        .nullish(),
      history: z
        .array(z.object({ revision: z.string().nullish(), revisions: z.array(z.string()).nullish() }))
        .nullish(),
    })
    .nullish(),
});
export type ArgoApplication = z.infer<typeof ArgoApplication>;

/** Commits of all sources of an application. */
export function revisionsIn(
  from:
    | {
        readonly revision?: string | null | undefined;
        readonly revisions?: readonly string[] | null | undefined;
      }
    | null
    | undefined,
): readonly string[] {
  return [from?.revision ?? '', ...(from?.revisions ?? [])].filter((one) => one !== '');
}

export function syncsByItself({ spec }: ArgoApplication): boolean {
  const automated = spec?.syncPolicy?.automated;
  return !!automated && automated.enabled !== false;
}

/** The commits that it has deployed: what it compares with when that is in sync, else those of its last good sync. */
export function deployedRevisions({ status }: ArgoApplication): readonly string[] {
  if (status?.sync?.status === 'Synced') return revisionsIn(status.sync);
  return revisionsIn(status?.history?.at(-1));
}

export function sourcesOf({ spec }: ArgoApplication): readonly ArgoSource[] {
  return spec?.sources?.length ? spec.sources : [spec?.source ?? {}];
}
