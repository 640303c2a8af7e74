import { z } from 'zod';
import type { AgentStatus } from './agent.ts';
import { fileBelow, type WrittenPlace } from './overrides.ts';

/** A Kustomization of kustomize.toolkit.fluxcd.io/v1, as far as a deployment takes it. */
export const FluxKustomization = z.object({
  metadata: z.object({ generation: z.int().nullish() }),
  spec: z
    .object({
      suspend: z.boolean().nullish(),
      wait: z.boolean().nullish(),
      healthChecks: z.array(z.unknown()).nullish(),
      path: z.string().nullish(),
      images: z
        .array(z.object({ name: z.string(), newTag: z.string().nullish(), digest: z.string().nullish() }))
        .nullish(),
      sourceRef: z.object({ kind: z.string().nullish() }).nullish(),
    })
    .nullish(),
  status: z
    .object({
      observedGeneration: z.int().nullish(),
      lastAppliedRevision: z.string().nullish(),
      /** The commit that was packed, where the source is an OCI artifact: the revision is the digest of that then. */
      lastAppliedOriginRevision: z.string().nullish(),
      lastAttemptedRevision: z.string().nullish(),
      /** Attempts that have ended, the newest first; none that could not be built, and none before Flux 2.7. */
      history: z
        .array(
          z.object({
            metadata: z
              .object({ revision: z.string().nullish(), originRevision: z.string().nullish() })
              .nullish(),
          }),
        )
        .nullish(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().nullish(),
            message: z.string().nullish(),
            lastTransitionTime: z.string().nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});
export type FluxKustomization = z.infer<typeof FluxKustomization>;

/** `main@sha1:<commit>`, or `main/<commit>` as older versions have it; null for what names no commit. */
export function commitIn(revision: Revision): string | null {
  return /(?:^|[:/])([0-9a-f]{64}|[0-9a-f]{40})$/.exec((revision ?? '').slice(-300))?.[1] ?? null;
}

export function appliedRevision({ status }: FluxKustomization): string | null {
  return status?.lastAppliedOriginRevision || status?.lastAppliedRevision || null;
}

/** What its source follows in git by its newest revision, where that is a branch or a tag: `main@sha1:…`. Null where it does not say it. */
export function followedRef({ spec, status }: FluxKustomization): string | null {
  if ((spec?.sourceRef?.kind ?? 'GitRepository') !== 'GitRepository') return null;
  const newest = status?.lastAttemptedRevision || status?.lastAppliedRevision || '';
  const [ref = '', digest] = newest.slice(0, 300).split('@sha');
  return digest === undefined || ref === '' ? null : ref.replace(/^refs\/heads\//, '');
}

/** Where the source is no git repository, a revision is the digest of what was packed, unless it was given that of one. */
function commitOf({ spec }: FluxKustomization, origin: Revision, revision: Revision): string | null {
  const isGit = (spec?.sourceRef?.kind ?? 'GitRepository') === 'GitRepository';
  return commitIn(origin) ?? (isGit || revision?.includes('sha1:') ? commitIn(revision) : null);
}
type Revision = string | null | undefined;

export function appliedCommit(one: FluxKustomization): string | null {
  return commitOf(one, one.status?.lastAppliedOriginRevision, one.status?.lastAppliedRevision);
}

export function attemptedCommit(one: FluxKustomization): string | null {
  const revision = one.status?.lastAttemptedRevision;
  const ended = one.status?.history?.find(({ metadata }) => metadata?.revision === revision);
  return commitOf(one, ended?.metadata?.originRevision, revision);
}

/** Whether Ready also says that what was applied is healthy; expressions only say how, of what one of these two names. */
export function provesHealth({ spec }: FluxKustomization): boolean {
  return spec?.wait === true || (spec?.healthChecks ?? []).length > 0;
}

/** Why nothing that is written would be deployed; null when nothing stands in the way. */
export function standsInTheWay({ spec }: FluxKustomization, { file, place }: WrittenPlace): string | null {
  if (spec?.suspend) return 'it is suspended; `flux resume` it';
  // One that names only another image takes the place of an entry of its own file, with the tag; what a base says keeps it.
  const isOwnFile = !fileBelow(spec?.path, file).includes('/');
  const isSet =
    place.kind === 'kustomize' &&
    spec?.images?.some((one) => one.name === place.image && (isOwnFile || one.newTag || one.digest));
  return isSet
    ? `it sets ${place.image} in its \`spec.images\`, so what ${file} says is not deployed; take that away`
    : null;
}

/** Words for what Flux gets over by itself: it waits for others, has no artifact for a moment, or was called off by a newer commit. */
const PASSING = new Set(['DependencyNotReady', 'Progressing', 'ArtifactFailed', 'HealthCheckCanceled']);

/** How far the clocks of the cluster and of Slipway may be apart, in ms. */
const SKEW_MS = 60_000;

/** How far Flux is with a commit, for an order that began at `since`; Flux tries again by itself what failed before. Ready counts only when that, or one that has it, is what was applied. */
export function fluxStatus(
  kustomization: FluxKustomization,
  isOurs: (revision: string) => boolean,
  since: number,
): AgentStatus {
  const { metadata, status } = kustomization;
  const isOn = (commit: string | null) => commit !== null && isOurs(commit);
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const words = `${ready?.reason ?? 'Progressing'}: ${ready?.message ?? 'Flux applies the commit'}`;
  const isApplied = isOn(appliedCommit(kustomization));
  const hasFailed = ready?.status === 'False' && !PASSING.has(ready.reason ?? '');
  if (!isApplied && !isOn(attemptedCommit(kustomization))) {
    const why = ready?.status === 'False' ? ` (${words})` : '';
    return { state: 'running', detail: `Flux has not applied the commit yet${why}` };
  }
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return { state: 'running', detail: 'Flux has not seen the newest settings yet' };
  if (ready?.status === 'True' && isApplied) return { state: 'done', detail: words };
  const isFailed = hasFailed && !(Date.parse(ready?.lastTransitionTime ?? '') < since - SKEW_MS);
  return { state: isFailed ? 'failed' : 'running', detail: words };
}
