import { Refusal } from '../refusals/refusal.ts';
import { approvalOfEarlierBuild, approvalTimes } from '../state-file/earlier-build.ts';
import { isAfter, momentOf } from '../state-file/moment.ts';
import { type Reading, STATE_FILE_NAMES, type StateReading } from '../state-file/reading.ts';
import { featureNumber, isAfterProduction, isShipProd, namesFeature } from '../state-file/vocabulary.ts';
import { nearest } from '../text/nearest.ts';

/** A folder with a state file: `specs/014-checkout`. */
export interface FeatureFolder {
  readonly slug: string;
  readonly dir: string;
  /** Paths of its state files, canonical name first. */
  readonly stateFiles: readonly string[];
}

export interface FeatureChoice {
  readonly folder: FeatureFolder;
  /** How it was chosen; `highest-open` when none is ready: its gates will say what is missing. */
  readonly why: 'requested' | 'current' | 'highest-ready' | 'highest-open';
}

/** The feature folders among the paths of a tree, in the order of the configured folders and then by name. */
export function featureFolders(
  paths: readonly string[],
  featureDirs: readonly string[],
): readonly FeatureFolder[] {
  const files = new Map<string, Set<string>>();
  for (const path of paths) {
    const cut = path.lastIndexOf('/');
    const name = path.slice(cut + 1);
    if (cut < 0 || !(STATE_FILE_NAMES as readonly string[]).includes(name)) continue;
    const dir = path.slice(0, cut);
    files.set(dir, (files.get(dir) ?? new Set()).add(name));
  }
  return featureDirs.flatMap((parent) =>
    [...files.keys()]
      .filter((dir) => dir.slice(0, dir.lastIndexOf('/')) === parent.replace(/\/$/, ''))
      .sort()
      .map((dir) => ({
        slug: dir.slice(dir.lastIndexOf('/') + 1),
        dir,
        stateFiles: STATE_FILE_NAMES.filter((name) => files.get(dir)?.has(name)).map(
          (name) => `${dir}/${name}`,
        ),
      })),
  );
}

/**
 * Chooses the feature to ship: the one asked for, else the `current_feature` of the shared state files, else the
 * one with the highest number that is ready, else the highest that has not shipped. Never by modification time.
 *
 * @param readings by folder `dir`; needed for all folders only when neither of the first two decides
 * @throws Refusal `feature-unknown`, `feature-ambiguous`, `feature-unclear` or `feature-none`
 */
export function chooseFeature(input: {
  readonly folders: readonly FeatureFolder[];
  readonly requested: string | undefined;
  readonly currentFeature: Reading<string>;
  readonly readings: ReadonlyMap<string, StateReading>;
  /** Folders of which production has what was validated, as it went there with another feature. */
  readonly inProduction?: ReadonlySet<string>;
}): FeatureChoice {
  const { folders, requested, currentFeature, readings, inProduction } = input;
  if (requested !== undefined && requested.trim() !== '') {
    return { folder: named(folders, requested.trim()), why: 'requested' };
  }
  if (currentFeature.kind === 'value') {
    return { folder: named(folders, currentFeature.value, currentFeature.source), why: 'current' };
  }
  if (currentFeature.kind === 'contradiction') {
    const statements = currentFeature.statements.map(
      (statement) => `${statement.quote} (${statement.source})`,
    );
    throw new Refusal('feature-unclear', { statements, features: newestFirst(folders).map(slugOf) });
  }
  const newest = newestFirst(folders);
  const left = newest.filter(({ dir }) => !inProduction?.has(dir));
  const ready = left.find((folder) => isReady(readings.get(folder.dir)));
  if (ready) return { folder: ready, why: 'highest-ready' };
  const open = left.find((folder) => !hasShipped(readings.get(folder.dir)));
  if (open) return { folder: open, why: 'highest-open' };
  throw new Refusal('feature-none', { shipped: newest.map(slugOf) });
}

/** What is on staging now is approved and, as far as the files say, neither shipped since nor rolled back. */
export function isReady(reading: StateReading | undefined): boolean {
  if (reading?.stagingValidation.kind !== 'value') return false;
  const isApproved =
    reading.stagingValidation.value === 'approved' && approvalOfEarlierBuild(reading) === null;
  return isApproved && !hasShipped(reading);
}

/** Whether the state file is in the ship-prod phase. */
export function atShipProd(reading: StateReading): boolean {
  return reading.phase.kind === 'value' && isShipProd(reading.phase.value);
}

function hasShipped(reading: StateReading | undefined): boolean {
  if (reading === undefined) return false;
  const phase = reading.phase.kind === 'value' ? reading.phase.value : '';
  if (isAfterProduction(phase) || phase === 'rolled-back' || reading.shipProdDone)
    return !stagedSince(reading);
  if (reading.production.kind === 'missing' || reading.production.kind === 'unreadable') return false;
  if (reading.production.kind === 'contradiction') return true;
  if (staysRolledBack(reading)) return true;
  return !atShipProd(reading) && !stagedSince(reading);
}

/** A rollback stays rolled back until staging has had a deployment after it. */
export function staysRolledBack(reading: StateReading): boolean {
  const { production } = reading;
  return production.kind === 'value' && production.value.rolledBack && !stagedSince(reading);
}

/** Rolled back, and validated on staging again since: it can be shipped anew, wherever its phase stands. */
export function isFixedForward(reading: StateReading): boolean {
  const { production } = reading;
  return (
    production.kind === 'value' && production.value.rolledBack && stagedSince(reading) && isReady(reading)
  );
}

/**
 * Whether staging had a deployment, and an approval where the time of any is known, after what happened to production last.
 * After a rollback both have to have a time.
 */
function stagedSince(reading: StateReading): boolean {
  const { production, stagingDeployment } = reading;
  if (production.kind !== 'value' || stagingDeployment.kind !== 'value') return false;
  const { rolledBack, rolledBackAt, deployedAt } = production.value;
  const last = momentOf((rolledBack ? rolledBackAt : deployedAt) ?? '');
  const isSince = (time: string | undefined): boolean => isAfter(momentOf(time ?? ''), last);
  const approved = approvalTimes(reading);
  if (!isSince(stagingDeployment.value.deployedAt)) return false;
  return approved.length === 0 ? !rolledBack : approved.some(isSince);
}

function named(folders: readonly FeatureFolder[], wanted: string, source?: string): FeatureFolder {
  const path = wanted.replace(/\/$/, '').toLowerCase();
  const exact = folders.filter(({ dir, slug }) => [dir, slug].some((name) => name.toLowerCase() === path));
  const found =
    exact.length > 0
      ? exact
      : folders.filter(({ dir, slug }) => (path.includes('/') ? dir === path : namesFeature(wanted, slug)));
  const [only] = found;
  if (found.length === 1 && only) return only;
  if (found.length > 1) {
    throw new Refusal('feature-ambiguous', { feature: wanted, features: found.map(({ dir }) => dir) });
  }
  const slugs = newestFirst(folders).map(slugOf);
  const close = nearest(wanted, slugs);
  throw new Refusal('feature-unknown', {
    feature: wanted,
    ...(source ? { source } : {}),
    ...(close ? { suggestion: close } : {}),
    features: slugs.slice(0, 5),
  });
}

function newestFirst(folders: readonly FeatureFolder[]): FeatureFolder[] {
  const number = ({ slug }: FeatureFolder): number => featureNumber(slug) ?? -1;
  return folders.toSorted((a, b) => number(b) - number(a) || (a.slug < b.slug ? 1 : -1));
}

function slugOf({ slug }: FeatureFolder): string {
  return slug;
}
