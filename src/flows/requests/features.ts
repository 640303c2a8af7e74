import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Sha } from '../../domain/release/release.ts';
import { featureNumber } from '../../domain/state-file/vocabulary.ts';
import { namesOf } from '../documents/commit-document.ts';
import { commitValidation, type OnStaging, onStaging } from '../documents/record-validation.ts';
import { type FeatureReading, readFeatures } from '../plan/facts.ts';
import type { Ports } from '../run/ports.ts';
import { mustBeAllowed } from './permission.ts';
import { audited, type Caller, portsOf, type RequestContext } from './request.ts';

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
