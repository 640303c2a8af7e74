import type { HealthResult } from './health.ts';
import type { Judgement } from './judge.ts';
import { code, link, plain, table } from './markdown.ts';
import type { Plan } from './plan.ts';
import type { RollbackRecord } from './promotion.ts';
import type { Deployment, Release } from './release.ts';
import { bullets, findings, healthChecks, isoTime, type Names, type ReportLinks } from './report.ts';
import { durationInWords } from './time.ts';

/** One line of the timeline; `by` is a Slack user id, null for Slipway itself. */
interface Happening {
  /** ms since the epoch */
  readonly at: number;
  readonly what: string;
  readonly by?: string | null;
}

export interface IncidentFacts {
  readonly service: string;
  /** Absent when the rollback came from outside a promotion. */
  readonly plan?: Plan;
  /** The release that was left. */
  readonly release: Release;
  readonly deployment?: Deployment;
  readonly rollback: RollbackRecord;
  /** Checks that failed, or passed, before the rollback. */
  readonly health?: readonly HealthResult[];
  /** What the monitor saw last before the rollback. */
  readonly judgement?: Judgement;
  /** In any order. */
  readonly timeline: readonly Happening[];
  readonly notUndone: readonly string[];
  readonly names: Names;
  readonly links: ReportLinks;
}

/** The document for the post-mortem of a rollback. The same facts give the same text; times are ISO, UTC. */
export function incidentReport(facts: IncidentFacts): string {
  const { service, release, rollback } = facts;
  const sections = [
    `# Incident: ${plain(service)} ${plain(release.version)} rolled back`,
    summary(facts),
    timeline(facts),
    evidence(facts),
    `## Not Undone by the Rollback\n\n${list(facts.notUndone, 'Nothing is known to be left behind.')}`,
    followUp(facts),
    rollback.health
      ? healthChecks(rollback.health).replace('## Health Checks', '## Health After the Rollback')
      : '',
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function summary({ service, release, rollback, deployment, names, links, plan }: IncidentFacts): string {
  const exposed =
    deployment && rollback.finishedAt ? durationInWords(rollback.finishedAt - deployment.finishedAt) : null;
  return bullets('## Summary', [
    ['Service', plain(service)],
    ['Feature', plan?.candidate.feature ? plain(plan.candidate.feature.slug) : null],
    ['Rolled back', `${code(release.tag)} to ${code(rollback.to.tag)}`],
    ['Reason', plain(rollback.reason)],
    [
      'Started by',
      rollback.by === null ? 'Slipway, by the policy of this service' : plain(names(rollback.by)),
    ],
    ['Started at', isoTime(rollback.startedAt)],
    ['Finished at', rollback.finishedAt ? isoTime(rollback.finishedAt) : null],
    ['Production ran the faulty release for', exposed],
    ['Thread', links.thread ? link('conversation in Slack', links.thread) : null],
    ['Changes', links.compare ? link('compare', links.compare) : null],
  ]);
}

function timeline({ timeline: happenings, names }: IncidentFacts): string {
  const rows = happenings
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, what, by }) => [isoTime(at), plain(what), by == null ? 'Slipway' : plain(names(by))]);
  return `## Timeline\n\n${table(['Time (UTC)', 'What happened', 'By'], rows)}`;
}

function evidence({ health, judgement }: IncidentFacts): string {
  const parts = [
    judgement ? `### Metrics\n\nVerdict: ${judgement.verdict}.\n\n${findings(judgement)}` : '',
    health && health.length > 0 ? healthChecks(health).replace('## ', '### ') : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? `## Evidence\n\n${parts.join('\n\n')}` : '';
}

function followUp({ service, rollback }: IncidentFacts): string {
  const items = [
    'Find the cause and write it down below',
    'Check what the rollback does not undo',
    'Add the check, alert or test that would have caught it on staging',
    `Fix it, deploy to staging and validate again; then ${code(`/ship-prod unlock ${service}`)} (it stays on ${rollback.to.tag} until then)`,
  ];
  return `## Follow-up\n\n${items.map((item) => `- [ ] ${item}`).join('\n')}\n\n### Cause\n\n_To be written._`;
}

function list(items: readonly string[], none: string): string {
  return items.length === 0 ? none : items.map((item) => `- ${plain(item)}`).join('\n');
}
