import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { git, importHistory, type PlannedCommit, type PlannedTag } from './fast-import.ts';
import {
  BREAKING,
  COUPONS_SOURCE,
  cartFile,
  changelog,
  contentFile,
  DEPLOY_WORKFLOW,
  packageFiles,
  SERVER_SOURCE,
  UNRELEASED,
} from './files.ts';
import { couponsState, type FeatureState, wishListState } from './state-file.ts';

/** Where the sample's story begins. Everything left out: a release waits to be shipped, all gates pass. */
export interface ShopRemoteOptions {
  readonly staging?: FeatureState['staging'];
  readonly rollbackGate?: FeatureState['rollbackGate'];
  /** Whether staging runs the candidate. */
  readonly stagingDeployment?: boolean;
  readonly phase?: string;
  /** False: the releases were never tagged. */
  readonly tags?: boolean;
  /** A repository without a commit. */
  readonly empty?: boolean;
  /** `diverged`: production has a commit that main lacks. */
  readonly production?: 'released' | 'missing' | 'diverged';
  /** False: CHANGELOG.md has no Unreleased section. */
  readonly unreleased?: boolean;
  /** A breaking change among the commits. */
  readonly breaking?: boolean;
  /** A code commit after the one that was validated on staging. */
  readonly drift?: boolean;
  /** A commit whose title tries to be markup. */
  readonly hostile?: boolean;
  /** A workflow of GitHub Actions that deploys. */
  readonly workflow?: boolean;
  /** Time of the newest commit, ms since the epoch. */
  readonly now?: number;
}

const ADA = { name: 'Ada Marsh', email: 'ada@shop.example' };
const BEA = { name: 'Bea Quill', email: 'bea@shop.example' };
const CY = { name: 'Cy Ortega', email: 'cy@shop.example' };

const HOUR = 3_600_000;
const DEFAULT_NOW = Date.UTC(2026, 10, 20, 9, 30);
const FEATURE = '014-coupons';
export const WORKFLOW_PATH = '.github/workflows/deploy.yml';
export const STATE_PATH = `specs/${FEATURE}/state.yaml`;
export const HOSTILE_TITLE = 'feat: <!channel> *urgent* <https://evil|approve>';

/** The sample's git remote: a bare repository on this machine. */
export interface ShopRemote {
  /** Folder of the bare repository. */
  readonly path: string;
  /** `file://…`, so that git talks to it as to any remote. */
  readonly url: string;
  /** The commit that was validated on staging; empty in an empty repository. */
  readonly validated: string;
  /** Commit of a branch or tag, or null. */
  resolve(name: string): Promise<string | null>;
  /** Text of a file at a branch, tag or commit; null when it is not there. */
  read(name: string, path: string): Promise<string | null>;
  /** Adds a commit to a branch, as a teammate would; answers with its id. */
  commit(change: {
    readonly message: string;
    readonly files: Readonly<Record<string, string | null>>;
    readonly branch?: string;
    readonly from?: string;
  }): Promise<string>;
  /** Writes the feature's state file anew and commits it. */
  setState(change: Partial<FeatureState>): Promise<string>;
}

/** Makes `dir/remote.git` with a small, realistic history. The same options give the same commits. */
export async function createShopRemote(dir: string, options: ShopRemoteOptions = {}): Promise<ShopRemote> {
  const path = join(dir, 'remote.git');
  await mkdir(path, { recursive: true });
  await git(path, ['init', '--quiet', '--bare', '--initial-branch=main']);
  await git(path, ['config', 'uploadpack.allowFilter', 'true']);
  const now = options.now ?? DEFAULT_NOW;
  const at = (hoursAgo: number) => now - hoursAgo * HOUR;

  let state: FeatureState = {
    staging: options.staging ?? 'approved',
    rollbackGate: options.rollbackGate ?? 'passed',
    stagingCommit: null,
    stagingAt: new Date(at(3)).toISOString(),
    phase: options.phase ?? 'ship-prod',
  };
  let validated = '';
  let newest = now;
  if (!options.empty) {
    validated = await writeHistory(path, options, at);
    if (options.stagingDeployment ?? true) state = { ...state, stagingCommit: validated };
    await importHistory(path, [stateCommit(state, at(2)), ...drift(options, at(1))]);
  }

  const commit: ShopRemote['commit'] = async (change) => {
    newest += 60_000;
    const planned = { branch: 'main', author: CY, at: newest, ...change };
    const [sha = ''] = await importHistory(path, [planned]);
    return sha;
  };
  return {
    path,
    url: pathToFileURL(path).href,
    validated,
    resolve: async (name) =>
      (await git(path, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(() => '')).trim() ||
      null,
    read: (name, file) => git(path, ['cat-file', 'blob', `${name}:${file}`]).catch(() => null),
    commit,
    setState: (change) => {
      state = { ...state, ...change };
      const { message, files } = stateCommit(state, newest);
      return commit({ message, files });
    },
  };
}

/** Everything up to the commit that was validated on staging; answers with that commit. */
async function writeHistory(
  path: string,
  options: ShopRemoteOptions,
  at: (hoursAgo: number) => number,
): Promise<string> {
  const released: PlannedCommit[] = [
    {
      branch: 'main',
      message: 'feat: sell mugs\n',
      author: ADA,
      at: at(1_200),
      files: {
        ...packageFiles('1.0.0'),
        ...contentFile({ features: [] }),
        ...cartFile('plain'),
        'src/server.js': SERVER_SOURCE,
        'README.md': '# shop\n\nSells mugs. `npm start` serves it on port 8080.\n',
        ...(options.workflow ? { [WORKFLOW_PATH]: DEPLOY_WORKFLOW } : {}),
      },
    },
    {
      branch: 'main',
      message: 'chore(release): v1.1.0\n',
      author: ADA,
      at: at(1_050),
      files: { ...packageFiles('1.1.0'), 'CHANGELOG.md': changelog('', '1.1.0') },
    },
    {
      branch: 'main',
      message: 'feat(wish-list): keep a mug for later\n',
      author: BEA,
      at: at(600),
      files: contentFile(),
    },
    {
      branch: 'main',
      message: 'chore(release): v1.2.0\n',
      author: ADA,
      at: at(550),
      files: {
        ...packageFiles('1.2.0'),
        'CHANGELOG.md': changelog(options.unreleased === false ? null : ''),
      },
    },
  ];
  const tags: PlannedTag[] = [
    { name: 'v1.1.0', at: 1, message: 'Release v1.1.0\n', tagger: ADA, when: at(1_050) },
    {
      name: 'v1.2.0',
      at: 3,
      message: 'Release v1.2.0\n\nAdded:\n\n- Wish list: keep a mug for later.\n',
      tagger: ADA,
      when: at(550),
    },
  ];
  const shas = await importHistory(path, released, options.tags === false ? [] : tags);
  const live = shas[3] ?? '';
  await startProduction(path, options.production ?? 'released', live, at(540));

  const work = await importHistory(path, [
    {
      branch: 'main',
      message: 'chore(specs): 013-wish-list is shipped\n',
      author: ADA,
      at: at(549),
      files: {
        'specs/013-wish-list/state.yaml': wishListState(live, '1.2.0', new Date(at(548)).toISOString()),
        'specs/013-wish-list/spec.md': '# Wish list\n\nKeep a mug for later.\n',
      },
    },
    ...unreleasedWork(options, at),
  ]);
  return work.at(-1) ?? live;
}

function unreleasedWork(options: ShopRemoteOptions, at: (hoursAgo: number) => number): PlannedCommit[] {
  const log = (text: string): Record<string, string> =>
    options.unreleased === false ? {} : { 'CHANGELOG.md': changelog(text) };
  const notes = options.breaking ? `${UNRELEASED}\n${BREAKING}` : UNRELEASED;
  const commits: PlannedCommit[] = [
    {
      branch: 'main',
      message:
        'feat(cart): coupons at checkout\n\nA code takes off a share or an amount, never more than the total.\n',
      author: BEA,
      at: at(30),
      files: {
        ...cartFile('coupons'),
        ...contentFile({ features: ['Wish list', 'Coupons at checkout'], accent: '#8a3ffc' }),
        'src/coupons.js': COUPONS_SOURCE,
        'specs/014-coupons/spec.md': '# Coupons at checkout\n\nA code takes off a share or an amount.\n',
        ...log('### Added\n\n- Coupons at checkout: a code takes off a share or an amount.\n'),
      },
    },
    {
      branch: 'main',
      message: 'fix(cart): round totals half up\n',
      author: ADA,
      at: at(26),
      files: { ...cartFile('rounded'), ...log(notes) },
    },
  ];
  if (options.breaking) {
    commits.push({
      branch: 'main',
      message:
        'feat(api)!: prices come from the catalogue\n\nBREAKING CHANGE: /api/cart no longer takes prices from the browser.\n',
      author: CY,
      at: at(24),
      files: { 'src/prices.js': "export { products as prices } from './catalogue.js';\n" },
    });
  }
  if (options.hostile ?? true) {
    commits.push({
      branch: 'main',
      message: `${HOSTILE_TITLE}\n`,
      author: CY,
      at: at(22),
      files: { 'src/banner.js': "export const banner = 'Free tea with two mugs';\n" },
    });
  }
  commits.push({
    branch: 'main',
    message: 'docs: how coupons work\n',
    author: BEA,
    at: at(5),
    files: { 'docs/coupons.md': '# Coupons\n\nEnter a code at checkout.\n' },
  });
  return commits;
}

function stateCommit(state: FeatureState, at: number): PlannedCommit {
  return {
    branch: 'main',
    message: `chore(specs): ${FEATURE}, staging validation ${state.staging}\n`,
    author: BEA,
    at,
    files: { [STATE_PATH]: couponsState(state) },
  };
}

function drift(options: ShopRemoteOptions, at: number): PlannedCommit[] {
  if (!options.drift) return [];
  const files = { 'src/late.js': 'export const late = true;\n' };
  return [{ branch: 'main', message: 'fix: one more thing\n', author: CY, at, files }];
}

async function startProduction(
  path: string,
  how: NonNullable<ShopRemoteOptions['production']>,
  live: string,
  at: number,
): Promise<void> {
  if (how === 'missing') return;
  await git(path, ['update-ref', 'refs/heads/production', live]);
  if (how === 'released') return;
  const files = { 'src/hotfix.js': 'export const hotfix = true;\n' };
  await importHistory(path, [
    { branch: 'production', message: 'fix: patched by hand on production\n', author: CY, at, files },
  ]);
}
