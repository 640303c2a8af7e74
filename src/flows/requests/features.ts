import { Refusal } from '../../domain/refusals/refusal.ts';
import { featureNumber } from '../../domain/state-file/vocabulary.ts';
import { type FeatureReading, readFeatures } from '../plan/facts.ts';
import type { Ports } from '../run/ports.ts';

/** All features of a service with what their state files say, highest number first. */
export async function featuresOf(ports: Ports): Promise<readonly FeatureReading[]> {
  const { branch } = ports.service;
  const base = (await ports.repository.refs()).branches[branch];
  if (base === undefined) throw new Refusal('branch-missing', { branch });
  const { features } = await readFeatures(ports, base);
  const number = ({ folder }: FeatureReading) => featureNumber(folder.slug) ?? -1;
  return features.toSorted((a, b) => number(b) - number(a));
}
