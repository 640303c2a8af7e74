import type { Refs } from '../../adapters/repositories/port.ts';
import { type Author, authorsOf } from '../../domain/promotion/authors.ts';
import { chooseFeature, type FeatureFolder, featureFolders } from '../../domain/promotion/feature.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import { Refusal, type Unavailable } from '../../domain/refusals/refusal.ts';
import type { Build, Commit, Live, Release, Sha } from '../../domain/release/release.ts';
import { withinTag } from '../../domain/release/tag-form.ts';
import { compareVersions } from '../../domain/release/version-key.ts';
import { readStateFiles } from '../../domain/state-file/read.ts';
import type { Reading, StateReading } from '../../domain/state-file/reading.ts';
import { given } from '../../domain/text/given.ts';
import { onceEach } from '../run/once-each.ts';
import type { Ports } from '../run/ports.ts';
import { inProduction, liveReleases, resolveCommit } from './known-releases.ts';
import { isMovedByOthers } from './moved-by-others.ts';
import { type ProposedRelease, proposeRelease } from './proposed-release.ts';
import { readEach } from './release-files.ts';
import { commitsOf, oursBy } from './service-commits.ts';

/** How long a version check may take to tell what is live, in ms. */
const TOLD_TIMEOUT_MS = 10_000;

/** A feature folder and what its state files say. */
export interface FeatureReading {
  readonly folder: FeatureFolder;
  readonly reading: StateReading;
  readonly stateFile: { readonly path: string; readonly blob: Sha };
  /** Where its state files are, links followed. */
  readonly places: readonly string[];
  /** Why one of them is not to be had. */
  readonly broken?: Refusal;
}

/**
 * What the gates and the plan are decided from, as of one moment. Each fact is fetched once, when the first gate asks for
 * it, and shared by all; a fact that cannot be fetched fails every gate that needs it.
 */
export class Facts {
  readonly ports: Ports;
  readonly request: PromotionRequest;
  readonly asked: Plan | null;
  /** Gates for which something outside did not answer, by id, and what that was. */
  readonly unavailable = new Map<string, Unavailable>();
  /** Whether what is live is only what a version check tells; once `live` was asked. */
  isLiveTold = false;
  readonly #once = onceEach();

  /** `asked`: what people are asked about, or have agreed to. */
  constructor(ports: Ports, request: PromotionRequest, asked: Plan | null = null) {
    this.ports = ports;
    this.request = request;
    this.asked = asked;
  }

  /** The gates have passed before, so a host that lets nobody in now counts as not answering. */
  get wasThere(): boolean {
    return this.asked !== null;
  }

  refs(): Promise<Refs> {
    return this.#once('refs', () => this.ports.repository.refs());
  }

  /**
   * The commit that the release would stand on: the tip of the branch; while people are asked, what they are asked about,
   * as long as only other services have moved the branch.
   */
  base(): Promise<Sha> {
    return this.#once('base', async () => {
      const { branch } = this.ports.service;
      const base = (await this.refs()).branches[branch];
      if (base === undefined) throw new Refusal('branch-missing', { branch });
      return this.asked && (await isMovedByOthers(this.ports, this.asked, base))
        ? this.asked.candidate.commit
        : base;
    });
  }

  /** All features at the base, and which one is called the current one. */
  features(): ReturnType<typeof readFeatures> {
    return this.#once('features', async () => readFeatures(this.ports, await this.base()));
  }

  feature(): Promise<FeatureReading> {
    return this.#once('feature', () => chosenFeature(this));
  }

  live(): Promise<Live | null> {
    return this.#once('live', async () => {
      const known = await this.ports.target.live();
      if (known !== null) return known;
      const told = await this.#toldLive();
      this.isLiveTold = told !== null;
      return told;
    });
  }

  /**
   * Whether it can be told that nothing is live. A target that knows only what was deployed from here cannot, where there
   * are releases and production itself does not tell its version.
   */
  async isLiveKnown(): Promise<boolean> {
    if ((await this.live()) !== null || this.ports.target.livesByRecord !== true) return true;
    const { service } = this.ports;
    return !(await this.refs()).tags.some(({ name }) => withinTag(service, name) !== null);
  }

  /** What the version check finds live, when the target has no way to ask. */
  async #toldLive(): Promise<Live | null> {
    if (this.ports.target.livesByRecord !== true) return null;
    for (const check of this.ports.checks) {
      const told = (await check.told?.(AbortSignal.timeout(TOLD_TIMEOUT_MS))) ?? null;
      if (told === null) continue;
      const { tags } = await this.refs();
      const isTag = tags.find(({ name }) => name === told);
      const version = isTag ? withinTag(this.ports.service, told) : told.replace(/^v(?=\d)/, '');
      return /^[0-9a-f]{40}$/.test(told) ? { commit: told } : { commit: '', version: version ?? told };
    }
    return null;
  }

  /** What a rollback would return to: of several releases that share production, the oldest one; null when nothing is live. */
  rollbackTo(): Promise<Release | null> {
    return this.#once('rollbackTo', async () => {
      const live = await this.live();
      if (live === null) return null;
      return oldest(await liveReleases(this.ports, await this.refs(), live));
    });
  }

  /** What was validated on staging, by its full commit; null when that is not known. */
  build(): Promise<Build | null> {
    return this.#once('build', async () => {
      const { validatedCommit, stagingDeployment } = (await this.feature()).reading;
      if (validatedCommit.kind !== 'value') return null;
      const commit = await resolveCommit(this.ports, await this.base(), validatedCommit.value);
      if (commit === null) return null;
      const deploymentId = stagingDeployment.kind === 'value' ? stagingDeployment.value.deploymentId : '';
      return { commit, ...(deploymentId ? { deploymentId } : {}) };
    });
  }

  /** Version, changelog and files of the release. */
  release(): Promise<ProposedRelease> {
    return this.#once('release', () => proposeRelease(this));
  }

  /** Everybody behind the commits between what is live and the base that touch the service, but for those that Slipway made. */
  authors(): Promise<readonly Author[]> {
    return this.#once('authors', async () => {
      const { repository, ledger, service } = this.ports;
      const [base, live] = await Promise.all([this.base(), this.rollbackTo()]);
      const ours = oursBy(ledger);
      const commits: Commit[] = [];
      for await (const { commit, isOurs } of commitsOf(repository, service, live?.commit ?? null, base)) {
        if (!isOurs || (await ours(commit)) !== null) continue;
        // There may be many, and of their messages only the trailers are of use.
        commits.push(/-by:/i.test(commit.message) ? commit : { ...commit, message: '' });
      }
      const shas = commits.map(({ sha }) => sha);
      const openers = (await repository.openers?.(shas, service.branch)) ?? null;
      const pushers = await repository.pushers?.(shas, service.branch);
      return authorsOf(
        commits,
        { openers, ...given({ pushers: pushers ?? undefined }) },
        service.policy.people,
      );
    });
  }

  /** Web address of a line of a file at the base, where the host has one. */
  async linkTo(): Promise<(path: string, line: number) => string | undefined> {
    const base = await this.base();
    return (path, line) => {
      const url = this.ports.repository.links.file(path, base);
      return url === undefined ? undefined : `${url}#L${line}`;
    };
  }
}

/** The oldest of those that are releases; without any, what is there. */
function oldest(all: readonly Release[]): Release | null {
  const [first] = all.filter(({ tag }) => tag !== '').sort((a, b) => compareVersions(a.version, b.version));
  return first ?? all[0] ?? null;
}

/** What the state files at a commit say, of every feature, and which feature they call the current one. */
export async function readFeatures(
  ports: Ports,
  base: Sha,
): Promise<{ readonly features: readonly FeatureReading[]; readonly currentFeature: Reading<string> }> {
  const { service, repository } = ports;
  const paths = await repository.list(base, service.featureDirs);
  const folders = featureFolders(paths, service.featureDirs);
  const wanted = [
    ...new Set([...folders.flatMap((folder) => folder.stateFiles), ...service.sharedStateFiles]),
  ];
  const found = await readEach(repository, base, wanted);
  const blobs = found.flatMap((one) => (one === null || one instanceof Refusal ? [] : [one]));
  const shared = blobs.filter((blob) => service.sharedStateFiles.includes(blob.path));
  const brokenAt = (paths: readonly string[]) =>
    found.find((one, index) => one instanceof Refusal && paths.includes(wanted[index] ?? '')) as
      | Refusal
      | undefined;
  const sharedBroken = brokenAt(service.sharedStateFiles);
  if (sharedBroken) throw sharedBroken;
  const features = folders.flatMap((folder): FeatureReading[] => {
    const own = blobs.filter((blob) => folder.stateFiles.includes(blob.path));
    const [file] = own;
    const broken = brokenAt(folder.stateFiles);
    if (!file && !broken) return [];
    const stateFile = { path: file?.path ?? folder.stateFiles[0] ?? folder.dir, blob: file?.blob ?? '' };
    const places = own.map((blob) => blob.at ?? blob.path);
    const reading = readStateFiles([...own, ...shared], folder);
    return [{ folder, reading, stateFile, places, ...given({ broken }) }];
  });
  return { features, currentFeature: readStateFiles(shared).currentFeature };
}

/** Chooses the feature among the state files at a commit and reads what they say of it. */
async function chosenFeature(facts: Facts): Promise<FeatureReading> {
  const { features, currentFeature } = await facts.features();
  const requested = facts.request.feature;
  const isChosen = requested || currentFeature.kind === 'value';
  const shipped = isChosen ? [] : await inProduction(facts.ports, features);
  const inAsked = facts.asked?.candidate.feature?.dir;
  const { folder } = chooseFeature({
    folders: features.map((feature) => feature.folder),
    requested,
    currentFeature,
    readings: new Map(features.map(({ folder: { dir }, reading }) => [dir, reading])),
    inProduction: new Set([...shipped].filter((dir) => dir !== inAsked)),
  });
  const chosen = features.find((feature) => feature.folder.dir === folder.dir);
  if (!chosen) throw new Refusal('feature-none', { shipped: [] });
  if (chosen.broken) throw chosen.broken;
  return chosen;
}
