import type { Sha } from '../../../../domain/release/release.ts';
import { GitSurprise, saidBy } from '../failure.ts';
import type { Git } from '../process.ts';
import type { WrittenObjects } from '../write-commit.ts';
import type { Signer } from './signer.ts';

/**
 * The same commit and tag with signatures; those without are left to be tidied away. Source of the format: git's
 * documentation of signatures (gitformat-signature): a header in a commit, the end of the message in a tag.
 */
export async function signObjects(
  git: Git,
  written: WrittenObjects,
  signer: Signer,
): Promise<WrittenObjects> {
  return signer.use(async (key) => {
    const commit = await object(git, 'commit', written.commit);
    const end = commit.indexOf('\n\n');
    const lines = (await key.sign(commit)).trimEnd().replaceAll('\n', '\n ');
    const header = written.commit.length === 64 ? 'gpgsig-sha256' : 'gpgsig';
    const signed = await store(
      git,
      'commit',
      `${commit.slice(0, end)}\n${header} ${lines}${commit.slice(end)}`,
    );
    if (written.tag === null) return { commit: signed, tag: null };
    const bare = (await object(git, 'tag', written.tag)).replace(/^object .*/, `object ${signed}`);
    const tag = bare.endsWith('\n') ? bare : `${bare}\n`;
    return { commit: signed, tag: await store(git, 'tag', tag + (await key.sign(tag))) };
  });
}

/** Whether git finds a good signature of the key on both, in words for the report. */
export async function signatureOf(git: Git, commit: Sha, tag: string, signer: Signer): Promise<string> {
  return signer.use(async ({ name, config, environment }) => {
    const settings = config.flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const problems: string[] = [];
    for (const [what, command, id] of [
      ['commit', 'verify-commit', commit],
      ['tag', 'verify-tag', tag],
    ] as const) {
      const { code, stderr } = await git.run([...settings, command, id], { environment });
      if (code !== 0) problems.push(`the ${what} has no good signature (${saidBy(stderr) || 'none'})`);
    }
    return problems.length === 0
      ? `commit and tag are signed with the ${name}, verified`
      : `not as wanted: ${problems.join('; ')}; wanted was the ${name}`;
  });
}

async function object(git: Git, type: 'commit' | 'tag', id: Sha): Promise<string> {
  const outcome = await git.run(['cat-file', type, id]);
  if (outcome.code !== 0) throw new GitSurprise('reading what is to be signed', outcome);
  return outcome.stdout.toString('utf8');
}

async function store(git: Git, type: 'commit' | 'tag', text: string): Promise<Sha> {
  const outcome = await git.run(['hash-object', '-t', type, '-w', '--stdin'], { input: text });
  if (outcome.code !== 0) throw new GitSurprise('writing what is signed', outcome);
  return outcome.stdout.toString('latin1').trim();
}
