import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AdapterContext } from '../../shared/context.ts';
import { GitSurprise } from './failure.ts';
import { Git } from './process.ts';
import { MIRROR } from './refs.ts';
import type { Remote } from './remote.ts';

const MOST_REMEMBERED = 50;
const Remembered = z.object({ key: z.string(), value: z.array(z.string()) });
type Remembered = z.infer<typeof Remembered>;

/** The bare copy of one remote in the data folder. It can be deleted at any time; it is fetched again. */
export class Cache {
  readonly git: Git;
  readonly #folder: string;
  readonly #globalConfig: string;
  readonly #config: readonly (readonly [string, string])[];
  readonly #listing: string;
  readonly #memoryFile: string;
  readonly #wholeMark: string;
  #format: 'sha1' | 'sha256' = 'sha1';
  #ready: Promise<void> | null = null;
  #tail: Promise<unknown> = Promise.resolve();

  /** One per remote among the adapters that are opened together, so that all who use it wait for each other. */
  static for({ shared, dataDir }: Pick<AdapterContext, 'shared' | 'dataDir'>, remote: Remote): Cache {
    return shared.get('git', [dataDir, remote.url], () => new Cache(dataDir, remote));
  }

  private constructor(dataDir: string, remote: Remote) {
    this.#folder = join(dataDir, 'git');
    this.#globalConfig = join(this.#folder, 'gitconfig');
    this.#config = cacheConfig(remote);
    const name = remote.url
      .replace(/\.git\/?$/, '')
      .replace(/[^A-Za-z0-9]+/g, '-')
      .slice(-40);
    const hash = createHash('sha256').update(remote.url).digest('hex').slice(0, 12);
    const gitDir = join(this.#folder, `${name}-${hash}.git`);
    this.#listing = join(gitDir, 'slipway-remote-refs');
    this.#memoryFile = join(gitDir, 'slipway-memory.json');
    this.#wholeMark = join(gitDir, 'slipway-whole');
    this.git = new Git(gitDir, this.#globalConfig, this.#config);
  }

  /** Makes the empty repository, once. Safe when other processes do the same. */
  ready(): Promise<void> {
    this.#ready ??= this.#prepare().catch((error) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  /** One writer at a time, in this process; against others git's own locks and our retries guard. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** The refs, as `git ls-remote` lists them, that the copy has all objects of; null when that is not known. */
  async inStepWith(): Promise<string | null> {
    return readFile(this.#listing, 'utf8').catch(() => null);
  }

  /** Remembers that the copy has everything that these refs lead to. */
  async inStep(listing: string): Promise<void> {
    await writeFile(this.#listing, listing);
  }

  /** Answers from the memory of the copy, or finds out and remembers; for what can never change. */
  async remembered(key: string, findOut: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const known = await this.#memory();
    const found = known.find((entry) => entry.key === key);
    if (found) return found.value;
    const value = await findOut();
    await this.exclusive(async () => {
      const others = (await this.#memory()).filter((entry) => entry.key !== key);
      const entries = [{ key, value: [...value] }, ...others].slice(0, MOST_REMEMBERED);
      await writeFile(this.#memoryFile, JSON.stringify(entries));
    });
    return value;
  }

  async #memory(): Promise<readonly Remembered[]> {
    try {
      return z.array(Remembered).parse(JSON.parse(await readFile(this.#memoryFile, 'utf8')));
    } catch {
      return [];
    }
  }

  /** Makes the copy one of objects whose ids have so many digits, 40 or 64, unless it is one. */
  async haveIdsOf(digits: number): Promise<void> {
    const config = await readFile(join(this.git.gitDir, 'config'), 'utf8').catch(() => '');
    const format = digits === 64 ? 'sha256' : 'sha1';
    if (/objectformat *= *sha256/i.test(config) === (format === 'sha256')) return;
    this.#format = format;
    await this.reset();
  }

  /** Whether the remote gives objects away that no ref leads to, which a copy without file contents lives on. */
  givesObjects(): boolean {
    return !existsSync(this.#wholeMark);
  }

  /** Remembers that it does not. */
  async takesAll(): Promise<void> {
    await writeFile(this.#wholeMark, '');
  }

  /** Throws the copy away and begins an empty one. */
  async reset(): Promise<void> {
    await this.#remove();
    this.#ready = null;
    await this.ready();
  }

  async #prepare(): Promise<void> {
    const { gitDir } = this.git;
    // What the clones hold is for those who may read the repository; also where an older Slipway made the folder.
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await chmod(this.#folder, 0o700);
    if (existsSync(join(gitDir, 'HEAD')) && existsSync(this.#globalConfig)) return;
    // Also the other end of a local remote reads this one: repositories of other users are fine.
    await writeFile(this.#globalConfig, '[safe]\n\tdirectory = *\n');
    if (existsSync(join(gitDir, 'HEAD'))) return;
    const fresh = `${gitDir}.new-${process.pid}-${process.hrtime.bigint()}`;
    const init = new Git(fresh, this.#globalConfig, this.#config);
    const outcome = await init.run([
      'init',
      '--quiet',
      '--bare',
      '--initial-branch=main',
      '--template=',
      `--object-format=${this.#format}`,
    ]);
    if (outcome.code !== 0) throw new GitSurprise('making the local copy', outcome);
    await rename(fresh, gitDir).catch(async () => {
      // Another process was faster, or what stands there is no repository any more.
      if (existsSync(join(gitDir, 'HEAD'))) return rm(fresh, { recursive: true, force: true });
      await this.#remove();
      await rename(fresh, gitDir);
    });
  }

  /** Renames it first: half of a repository must never stand there. */
  async #remove(): Promise<void> {
    const { gitDir } = this.git;
    const old = `${gitDir}.old-${process.pid}-${process.hrtime.bigint()}`;
    await rename(gitDir, old).catch(() => undefined);
    await rm(old, { recursive: true, force: true });
  }
}

function cacheConfig(remote: Remote): readonly (readonly [string, string])[] {
  return [
    ['core.hooksPath', '/dev/null'],
    ['credential.helper', ''],
    ['core.logAllRefUpdates', 'false'],
    // What is in the copy can be fetched again; the remote decides for itself how it makes things durable.
    ['core.fsync', 'none'],
    ['gc.autoDetach', 'false'],
    ['maintenance.autoDetach', 'false'],
    // Reading ten thousand commits is twice as fast with it.
    ['fetch.writeCommitGraph', 'true'],
    // A pack per release is cheaper to write than loose objects; maintenance joins them.
    ['fastimport.unpackLimit', '1'],
    ['remote.origin.url', remote.url],
    ['remote.origin.fetch', `+refs/heads/*:${MIRROR}heads/*`],
    ['remote.origin.fetch', `+refs/tags/*:${MIRROR}tags/*`],
  ];
}
