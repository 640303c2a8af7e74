import { type Release, releaseName } from '../release/release.ts';
import { isoTime } from '../text/calendar.ts';
import { code, link, plain } from './markdown.ts';
import { bullets, type Names, type ShipFacts, shipReport, versionLine, watchSection } from './ship-report.ts';

export interface RolledBack {
  /** The release that was left. */
  readonly from: Release;
  readonly to: Release;
  /** When `to` was proven healthy, ms since the epoch. */
  readonly at: number;
  /** Slack user id; null for Slipway itself. */
  readonly by: string | null;
  /** Raw text. */
  readonly reason: string;
  readonly incident: { readonly path: string; readonly url?: string | undefined };
}

/**
 * The ship report, marked as rolled back below its title. What people wrote into it stays; the plan of a watch that
 * the rollback ended gives way to its result. Written anew where there is none of this release. Doing it twice
 * changes nothing more.
 */
export function rolledBackReport(before: string | null, facts: ShipFacts, rolledBack: RolledBack): string {
  const text = before?.includes(versionLine(facts)) ? before : shipReport(facts);
  const mark = section(rolledBack, facts.names);
  if (text.includes(mark)) return text;
  const { watch: _watch, ...open } = facts;
  return text
    .replace(watchSection(open), () => watchSection(facts))
    .replace(/^# .*$/m, (title) => `${title}\n\n${mark}`);
}

function section({ from, to, at, by, reason, incident }: RolledBack, names: Names): string {
  return bullets('## Rolled Back', [
    ['Rolled back', `${code(releaseName(from))} to ${code(releaseName(to))}`],
    ['At', isoTime(at)],
    ['By', by === null ? 'Slipway, by the policy of this service' : plain(names(by))],
    ['Reason', plain(reason)],
    ['Incident', incident.url ? link(incident.path, incident.url) : code(incident.path)],
  ]);
}
