import { execFile } from 'node:child_process';

/** One commit to write. `null` deletes a file. */
export interface PlannedCommit {
  readonly branch: string;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** ms since the epoch */
  readonly at: number;
  readonly files: Readonly<Record<string, string | null>>;
  /** Where the branch begins, when this commit begins it: another branch, a tag or a commit. */
  readonly from?: string;
}

export interface PlannedTag {
  readonly name: string;
  /** The commit, by its place in the list of commits, or a full commit id. */
  readonly at: number | string;
  readonly message: string;
  readonly tagger: { readonly name: string; readonly email: string };
  readonly when: number;
}

/** git, untouched by the configuration of whoever runs the demo. */
export function git(dir: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      ['--git-dir', dir, ...args],
      {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`git ${args[0]} failed: ${stderr.trim() || error.message}`));
        else resolve(stdout);
      },
    );
    child.stdin?.on('error', () => {}); // git died before it read everything: its exit status says why
    child.stdin?.end(input ?? '');
  });
}

/** Writes commits and tags with one git process; answers with the commit ids, in order. */
export async function importHistory(
  dir: string,
  commits: readonly PlannedCommit[],
  tags: readonly PlannedTag[] = [],
): Promise<readonly string[]> {
  const begun = new Set<string>();
  const known = new Set(
    (await git(dir, ['for-each-ref', '--format=%(refname:short)', 'refs/heads'])).split('\n').filter(Boolean),
  );
  const lines: string[] = [];
  commits.forEach((commit, index) => {
    lines.push(`commit refs/heads/${commit.branch}`, `mark :${index + 1}`);
    lines.push(`author ${person(commit.author, commit.at)}`, `committer ${person(commit.author, commit.at)}`);
    lines.push(data(commit.message));
    if (commit.from !== undefined) lines.push(`from ${commit.from}`);
    else if (!begun.has(commit.branch) && known.has(commit.branch)) {
      lines.push(`from refs/heads/${commit.branch}^0`);
    }
    begun.add(commit.branch);
    for (const [path, text] of Object.entries(commit.files)) {
      if (text === null) lines.push(`D ${path}`);
      else lines.push(`M 100644 inline ${path}`, data(text));
    }
    lines.push('');
  });
  for (const tag of tags) {
    lines.push(`tag ${tag.name}`, `from ${typeof tag.at === 'number' ? `:${tag.at + 1}` : tag.at}`);
    lines.push(`tagger ${person(tag.tagger, tag.when)}`, data(tag.message));
  }
  commits.forEach((_, index) => {
    lines.push(`get-mark :${index + 1}`);
  });
  lines.push('done', '');
  const answer = await git(dir, ['fast-import', '--quiet', '--done', '--force'], lines.join('\n'));
  return answer.split('\n').filter(Boolean);
}

function person(who: { readonly name: string; readonly email: string }, at: number): string {
  return `${who.name} <${who.email}> ${Math.floor(at / 1_000)} +0000`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
