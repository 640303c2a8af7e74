import { leaningOf } from '../../domain/state-file/vocabulary.ts';
import type { Facts } from './facts.ts';
import { commitsBetween } from './known-releases.ts';

const SHOWN = 3;

/**
 * Other features whose build on staging is part of what would be shipped, and of which nobody said yes, in a sentence; null
 * where there are none.
 */
export async function unapprovedBeside(facts: Facts): Promise<string | null> {
  const [chosen, { features }] = await Promise.all([facts.feature(), facts.features()]);
  const open = features.flatMap(({ folder, reading: { stagingValidation: said, validatedCommit: on } }) => {
    if (folder.dir === chosen.folder.dir || said.kind !== 'value' || on.kind !== 'value') return [];
    const isOpen = ['no', 'open'].includes(leaningOf(said.value));
    return isOpen ? [{ commit: on.value, words: `${folder.slug}: ${said.quote} (${said.source})` }] : [];
  });
  if (open.length === 0) return null;
  const live = await facts.rollbackTo();
  if (!live?.commit) return null;
  const range = [...(await commitsBetween(facts.ports.repository, live.commit, await facts.base()))];
  const within = open.filter(({ commit }) => range.some((sha) => sha.startsWith(commit)));
  if (within.length === 0) return null;
  const rest = within.length - SHOWN;
  const named = within.slice(0, SHOWN).map(({ words }) => words);
  return `Also in this release, and not approved: ${named.join('; ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
}
