import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Sha } from '../../domain/release/release.ts';
import { recordValidation } from '../../domain/state-file/record-validation.ts';
import { featureNumber } from '../../domain/state-file/vocabulary.ts';
import { given } from '../../domain/text/given.ts';
import { namesOf } from '../documents/commit-document.ts';
import { Facts, type FeatureReading, readFeatures } from '../plan/facts.ts';
import type { Ports } from '../run/ports.ts';
import { mustBeAllowed } from './permission.ts';
import { audited, type Caller, portsOf, type RequestContext } from './request.ts';

/** What is on staging and would be validated. */
export interface OnStaging {
  readonly feature: string;
  /** Of the state file. */
  readonly path: string;
  readonly commit: Sha;
  /** What the file says of it now, word for word; null when it says nothing. */
  readonly said: string | null;
}

/** What a feature's state file has on staging. Refusals: those of choosing a feature, `staging-commit-unknown`. */
async function onStaging(ports: Ports, feature?: string): Promise<OnStaging & { readonly base: Sha }> {
  const request = {
    service: ports.service.name,
    bump: 'auto',
    by: 'slipway',
    ...given({ feature }),
  } as const;
  const facts = new Facts(ports, request);
  const [base, { folder, reading, stateFile }] = await Promise.all([facts.base(), facts.feature()]);
  const { validatedCommit: commit, stagingValidation: status } = reading;
  if (commit.kind !== 'value') {
    throw new Refusal('staging-commit-unknown', { feature: folder.slug, path: stateFile.path });
  }
  const said = status.kind === 'value' ? status.quote : null;
  return { feature: folder.slug, path: stateFile.path, commit: commit.value, said, base };
}

/**
 * Commits the validation of what a person has seen on staging. Refusals: those of `onStaging`, `staging-moved`, and what the
 * repository refuses.
 */
export async function commitValidation(
  ports: Ports,
  seen: { readonly feature?: string; readonly commit?: Sha },
  by: string,
): Promise<OnStaging & { readonly url?: string; readonly waitsIn?: string }> {
  const { base, ...staging } = await onStaging(ports, seen.feature);
  const { feature, path, commit } = staging;
  if (seen.commit !== undefined && seen.commit !== commit) {
    throw new Refusal('staging-moved', { feature, was: seen.commit.slice(0, 7), now: commit.slice(0, 7) });
  }
  const at = ports.clock.now();
  const change = {
    branch: ports.service.branch,
    message: `docs(${feature}): staging validated by ${by.replaceAll(/\s+/g, ' ').trim()}`,
    since: base,
    edits: [{ path, edit: (text: string | null) => recordValidation(path, text ?? '', { by, at, commit }) }],
  };
  const key = `validation-${ports.service.name}-${commit.slice(0, 12)}-${base.slice(0, 12)}`;
  const { commit: made, waitsIn } = await ports.repository.commitFiles(change, key);
  const url = ports.repository.links.file(path, made);
  return { ...staging, ...given({ url, waitsIn }) };
}

/** All features of a service with what their state files say, highest number first. */
export async function featuresOf(ports: Ports): Promise<readonly FeatureReading[]> {
  const { branch } = ports.service;
  const base = (await ports.repository.refs()).branches[branch];
  if (base === undefined) throw new Refusal('branch-missing', { branch });
  const { features } = await readFeatures(ports, base);
  const number = ({ folder }: FeatureReading) => featureNumber(folder.slug) ?? -1;
  return features.toSorted((a, b) => number(b) - number(a));
}

/** What is on staging, for whoever may validate it. Refusals: `not-allowed`, `person-not-full-member`, and of `onStaging`. */
export async function mayValidate(
  requests: RequestContext,
  caller: Caller,
  service: string,
  feature?: string,
): Promise<OnStaging> {
  const ports = portsOf(requests, service);
  await mustBeAllowed(ports, caller.user, 'approve');
  return onStaging(ports, feature);
}

/** Records that a person validated what they saw on staging. Refusals: those of `mayValidate` and `commitValidation`. */
export function validateStaging(
  requests: RequestContext,
  caller: Caller,
  service: string,
  seen: { readonly feature: string; readonly commit: Sha },
): ReturnType<typeof commitValidation> {
  return audited(requests, caller, { action: 'staging.validated', service }, async () => {
    const ports = portsOf(requests, service);
    await mustBeAllowed(ports, caller.user, 'approve');
    const name = await namesOf(ports, [caller.user]);
    return commitValidation(ports, seen, name(caller.user));
  });
}
