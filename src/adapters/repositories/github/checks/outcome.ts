import type { CommitCheck } from '../../port.ts';

const GOOD = new Set(['success', 'neutral', 'skipped']);

/** What GitHub says of a check, a suite of them or a workflow run. */
export function outcomeOf(
  status: string | null,
  conclusion: string | null,
): Pick<CommitCheck, 'word' | 'state'> {
  const word = (status === 'completed' ? (conclusion ?? 'no conclusion') : (status ?? 'queued')).replaceAll(
    '_',
    ' ',
  );
  if (status !== 'completed') return { word, state: 'pending' };
  return { word, state: GOOD.has(conclusion ?? '') ? 'passed' : 'failed' };
}
