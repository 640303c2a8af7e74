import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { FileChange, Sha } from '../../../domain/release/release.ts';
import type { Identity, NewCommit } from '../commit.ts';
import { isFolder, isPlainFile, kindOf } from '../links.ts';
import { GitSurprise } from './failure.ts';
import type { Git } from './process.ts';

/** A commit with all that goes into its object, and a tag on it. */
export interface CommitOrder extends NewCommit {
  readonly by: Identity;
  /** ms since the epoch */
  readonly at: number;
  /** An annotated tag on the commit. */
  readonly tag?: { readonly name: string; readonly message: string };
}

export interface WrittenObjects {
  readonly commit: Sha;
  /** The tag object. */
  readonly tag: Sha | null;
}

/**
 * Writes blobs, trees, commit and tag with one `git fast-import`, without index and work tree; files keep the
 * mode that they have in the parent. Measured against hash-object, update-index, write-tree, commit-tree and
 * mktag it takes a quarter of the time, and it never needs the blobs of a partial clone.
 */
export async function writeCommit(git: Git, commit: CommitOrder): Promise<WrittenObjects> {
  const importer = git.start(['fast-import', '--quiet', '--force', '--done', '--cat-blob-fd=3'], {
    interactive: true,
  });
  const replies = lines(importer.replies ?? []);
  const write = (text: string | Buffer) => importer.stdin?.write(text);
  importer.stdout.resume();
  try {
    const folders = foldersOf(commit.files);
    for (const path of [...folders, ...commit.files.map((file) => file.path)])
      write(`ls ${commit.parent} ${quotePath(path)}\n`);
    for (const at of folders) mustBeFolder(commit, at, (await replies.next()).value);
    const modes: string[] = [];
    for (const file of commit.files) modes.push(modeOf(file, (await replies.next()).value));

    const signature = `${person(commit.by)} ${Math.floor(commit.at / 1_000)} +0000`;
    write(`commit refs/slipway/written-${process.pid}\nmark :1\n`);
    write(`committer ${signature}\n`);
    writeData(write, commit.message);
    write(`from ${commit.parent}\n`);
    commit.files.forEach(({ path, text }, index) => {
      if (text === null) {
        write(`D ${quotePath(path)}\n`);
        return;
      }
      write(`M ${modes[index]} inline ${quotePath(path)}\n`);
      writeData(write, text);
    });
    if (commit.tag) {
      write(`tag ${commit.tag.name}\nmark :2\nfrom :1\ntagger ${signature}\n`);
      writeData(write, commit.tag.message);
    }
    write(`get-mark :1\n${commit.tag ? 'get-mark :2\n' : ''}done\n`);
    importer.stdin?.end();
    const written = (await replies.next()).value;
    const tag = commit.tag ? (await replies.next()).value : null;
    const outcome = await importer.done;
    if (outcome.code !== 0 || !written || tag === undefined)
      throw new GitSurprise('writing a commit', outcome);
    return { commit: written, tag };
  } catch (error) {
    if (error instanceof GitSurprise) throw error;
    importer.stop();
    if (error instanceof Refusal) throw error;
    throw new GitSurprise('writing a commit', await importer.done);
  }
}

function writeData(write: (text: string | Buffer) => void, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  write(`data ${bytes.length}\n`);
  write(bytes);
  write('\n');
}

/** Of `100755 blob <id>\t<path>`; null for `missing <path>`. */
function entryIn(reply = ''): { readonly mode: string } | null {
  const mode = /^(\d+) (?:blob|tree|commit) /.exec(reply)?.[1];
  return mode === undefined ? null : { mode };
}

/** The mode that a file keeps or gets. Refusal `not-a-file` for a folder, a link or a submodule. */
function modeOf({ path, text }: FileChange, reply: string | undefined): string {
  const entry = entryIn(reply) ?? { mode: '100644' };
  if (text !== null && !isPlainFile(entry)) {
    throw new Refusal('not-a-file', { path, what: kindOf(entry), at: path });
  }
  return entry.mode;
}

/** Folders of files that are written, outer ones first. */
function foldersOf(files: readonly FileChange[]): readonly string[] {
  const found = new Set<string>();
  for (const { path, text } of files) {
    if (text === null) continue;
    for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1))
      found.add(path.slice(0, cut));
  }
  return [...found];
}

/** Git would put a folder in place of what is there. */
function mustBeFolder({ files }: NewCommit, at: string, reply: string | undefined): void {
  const entry = entryIn(reply);
  if (entry === null || isFolder(entry)) return;
  const path = files.find((file) => file.path.startsWith(`${at}/`))?.path ?? at;
  throw new Refusal('not-a-file', { path, what: kindOf(entry), at });
}

/** Always quoted: then a path may hold anything but NUL. */
function quotePath(path: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

function person({ name, email }: Identity): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the line
  const clean = (text: string) => text.replace(/[<>\u0000-\u001f]/g, '').trim();
  return `${clean(name)} <${clean(email)}>`;
}

async function* lines(stream: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const chunk of stream) {
    rest += chunk.toString('utf8');
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield rest.slice(0, end);
      rest = rest.slice(end + 1);
    }
  }
  return undefined;
}
