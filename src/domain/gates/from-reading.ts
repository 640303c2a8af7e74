import { isAfter, momentOf } from '../state-file/moment.ts';
import type { Reading, StateReading } from '../state-file/reading.ts';
import type { Leaning } from '../state-file/vocabulary.ts';
import type { GateAnswer, Verdict } from './gate.ts';

/** Gives the web address of a line of a file, where the host has one. */
export type LinkTo = (path: string, line: number) => string | undefined;

/** By what the word of a status leans to: the verdict, why, and the remedy. */
export type Words = Readonly<Record<Leaning, readonly [verdict: Verdict, why: string, remedy: string]>>;

/** What the gates on state files share: every reading but a value is `unknown`, with what to do about it. */
export function unread(
  reading: Exclude<Reading<unknown>, { kind: 'value' }>,
  wanted: { readonly what: string; readonly key: string; readonly remedy: string },
  linkTo?: LinkTo,
): GateAnswer {
  const verdict = 'unknown';
  switch (reading.kind) {
    case 'missing': {
      const where = reading.looked.length > 0 ? reading.looked.join(', ') : 'no state file was found';
      return {
        verdict,
        reason: `Nothing says ${wanted.what}: \`${wanted.key}\` is missing (${where}).`,
        remedy: wanted.remedy,
      };
    }
    case 'contradiction':
      return {
        verdict,
        reason: `The state files contradict each other: ${reading.statements
          .map((statement) => `${statement.quote} (${statement.source})`)
          .join(' but ')}.`,
        remedy: `Make both say the same, or remove the outdated one, commit, then re-check. ${wanted.remedy}`,
        ...linkOf(reading.statements[0]?.source, linkTo),
      };
    case 'unreadable':
      return {
        verdict,
        reason: `The state file cannot be trusted: ${reading.reason}.`,
        remedy: 'Repair the file, commit it, then re-check.',
        ...linkOf(reading.reason.split(' ', 1)[0], linkTo),
      };
  }
}

/**
 * Production was rolled back, and what staging says is older than that, or no time proves that it is not: it may have
 * been said of the build that failed there. Null when there was no rollback, or one of its times is after it.
 */
export function notAfterRollback(
  { production }: StateReading,
  said: { readonly what: string; readonly times: readonly string[]; readonly remedy: string },
  linkTo?: LinkTo,
): GateAnswer | null {
  const { what, times, remedy } = said;
  if (production.kind === 'contradiction') {
    return unread(production, { what: '', key: 'deployment.production', remedy }, linkTo);
  }
  if (production.kind !== 'value' || !production.value.rolledBack) return null;
  const since = `production was rolled back: ${production.quote} (${production.source}).`;
  const rolledBack = momentOf(production.value.rolledBackAt ?? '');
  if (times.some((time) => isAfter(momentOf(time), rolledBack))) return null;
  const older = times.find((time) => isAfter(rolledBack, momentOf(time)));
  if (older !== undefined) {
    return {
      verdict: 'failed',
      reason: `The ${what} is too old: ${older} is before ${since}`,
      remedy,
    };
  }
  const reason = `No time says that the ${what} came after ${since}`;
  const more = rolledBack === null ? 'Write down when that was, as `rolled_back_at` beside it. ' : '';
  return { verdict: 'unknown', reason, remedy: more + remedy };
}

/** What was said of staging is older than what is there now, and only its time could tie it to that. */
export function ofEarlierBuild(
  { stagingDeployment: staging }: StateReading,
  said: { readonly what: string; readonly at: string; readonly why: string; readonly remedy: string },
  linkTo?: LinkTo,
): GateAnswer {
  const { what, at, why, remedy } = said;
  const deployed = staging.kind === 'value' ? staging : null;
  const since = `${deployed?.value.deployedAt} (${deployed?.source})`;
  const reason = `The ${what} of ${at} is older than the deployment of what is on staging now, ${since}; ${why}.`;
  return { verdict: 'failed', reason, remedy, ...linkOf(deployed?.source, linkTo) };
}

/** The file in which something is to be written that none of them says. */
export function stateFileOf(reading: Reading<unknown>): string {
  const [path] = reading.kind === 'missing' ? reading.looked : [];
  return path ?? 'the state file of the feature';
}

/** `{ link }` for a source such as `specs/014/state.yaml:12`, or nothing. */
export function linkOf(source: string | undefined, linkTo: LinkTo | undefined): Pick<GateAnswer, 'link'> {
  const at = /^(.+):(\d+)$/.exec(source ?? '');
  const link = at?.[1] ? linkTo?.(at[1], Number(at[2])) : undefined;
  return link === undefined ? {} : { link };
}
