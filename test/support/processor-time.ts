/** Processor time of `reference`, in milliseconds, on the machine that limits in tests are meant for. */
const REFERENCE_MS = 10;

/**
 * Processor time of `work`, in milliseconds: the best of so many tries, as the compiler and the collector of garbage
 * may fall into some, and divided by how much slower this machine is now than the one that limits are meant for.
 * Tries end when one takes less than `enough`. What `work` throws is thrown.
 */
export function processorMs(
  work: () => unknown,
  { tries = 3, enough = 0 }: { readonly tries?: number; readonly enough?: number } = {},
): number {
  let best = Number.POSITIVE_INFINITY;
  for (let nr = 0; nr < tries && best >= enough; nr++) {
    const ms = spent(work);
    best = Math.min(best, ms < enough ? ms : ms / Math.max(1, spent(reference) / REFERENCE_MS));
  }
  return best;
}

function spent(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Honest work of a reader of text: a slow or crowded machine takes longer for it, and may take longer for others. */
function reference(): number {
  const text = 'some words [a](b) of a "text"\n'.repeat(20_000);
  return text.split('\n').map((line) => line.replace(/\[(\w+)\]\((\w+)\)/g, '$1 $2').trim()).length;
}
