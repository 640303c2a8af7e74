import { durationInWords } from '../../../domain/text/duration.ts';
import type { DeployHandle, DeployStatus } from '../port.ts';

/** A platform that has not come to an end by then is not followed any longer, in ms. */
const LONGEST_MS = 60 * 60_000;

/** A git host may show a branch as it was before a push for so long, in ms. */
export const SHOWN_MS = 60_000;

type Link = string | null | undefined;

/** `url`: where production answers. The end is never before the beginning, whatever the clocks say. */
export function succeeded(
  id: string,
  startedAt: number,
  finishedAt: number,
  { url, logUrl }: { readonly url?: Link; readonly logUrl?: Link } = {},
): DeployStatus {
  return {
    kind: 'succeeded',
    deployment: {
      id,
      ...(url ? { url } : {}),
      ...(logUrl ? { logUrl } : {}),
      startedAt,
      finishedAt: Math.max(startedAt, finishedAt),
    },
  };
}

interface FailedWith {
  readonly logUrl?: Link;
  /** The last lines, left out when there are none. */
  readonly log?: readonly string[] | undefined;
  /** The platform may still be at it, or takes it up again by itself. */
  readonly goesOn?: boolean;
}

export function failed(reason: string, { logUrl, log = [], goesOn = false }: FailedWith = {}): DeployStatus {
  return {
    kind: 'failed',
    reason,
    ...(goesOn ? { goesOn } : {}),
    ...(logUrl ? { logUrl } : {}),
    ...(log.length > 0 ? { log } : {}),
  };
}

/** Still at it, unless that has lasted for too long. */
export function running(
  handle: DeployHandle,
  now: number,
  detail: string,
  logUrl: Link,
  longestMs: number = LONGEST_MS,
): DeployStatus {
  const elapsed = Math.max(0, now - handle.startedAt);
  if (elapsed > longestMs) {
    const reason = `It has not come to an end within ${durationInWords(longestMs)}: ${detail}.`;
    return failed(reason, { logUrl, goesOn: true });
  }
  const askAgainMs = pauseAfter(elapsed, [1_000, 2_500, 5_000]);
  return { kind: 'running', detail, askAgainMs, ...(logUrl ? { logUrl } : {}) };
}

/**
 * How long to wait before the next look, in ms: often at first, then less, because every look is journaled. The
 * pauses are those of the first ten seconds, of the time until `slowAfterMs`, and from then on.
 */
export function pauseAfter(
  elapsedMs: number,
  [first, next, last]: readonly [number, number, number],
  slowAfterMs = 60_000,
): number {
  if (elapsedMs < 10_000) return first;
  return elapsedMs < slowAfterMs ? next : last;
}
