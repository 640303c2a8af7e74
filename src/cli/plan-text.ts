import { type GateResult, letsGoOn } from '../domain/gates/gate.ts';
import { alsoShips, digestOf, liveVersion, type Plan } from '../domain/promotion/plan.ts';
import { stagesInWords } from '../domain/release/stages.ts';
import { durationInWords } from '../domain/text/duration.ts';
import { visible } from '../domain/text/visible.ts';
import type { ReleasePreview } from '../flows/plan/preview.ts';
import type { Inspection } from '../flows/steps/inspect.ts';
import { onOneLine } from './output.ts';

const SIGNS = { passed: '✓', failed: '✗', pending: '…', unknown: '?', overridden: '!' } as const;

/** Gates and plan for a terminal. */
export function planText({ gates, plan, lowerBump }: Inspection): string {
  const gateLines = gates.flatMap((gate) => [
    `  ${SIGNS[gate.verdict]} ${gate.title}${gate.tookMs === undefined ? '' : ` (${durationInWords(gate.tookMs)})`}: ${onOneLine(gate.reason)}${momentOf(gate)}`,
    ...(!letsGoOn(gate) && gate.remedy ? [`    → ${onOneLine(gate.remedy)}`] : []),
  ]);
  const open = gates.filter((gate) => !letsGoOn(gate)).length;
  const verdict =
    open > 0
      ? `Blocked: ${open === 1 ? 'one gate does' : `${open} gates do`} not pass.`
      : lowerBump
        ? 'The chosen bump is below what the changes ask for; a person would have to confirm it.'
        : 'Ready: people could approve this now.';
  return `${['Gates', ...gateLines, '', ...(plan === null ? [] : planLines(plan)), verdict].join('\n')}\n`;
}

/**
 * The release commit as a patch that `git apply` takes, below its message and that of the tag; the gates where no release
 * would be cut.
 */
export function diffText(inspection: Inspection, preview: ReleasePreview | null): string {
  const { plan } = inspection;
  if (preview === null) return planText(inspection);
  const quoted = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => (line === '' ? '' : `    ${visible(line)}`));
  const lines = [
    `Release commit${plan === null ? '' : ` on ${plan.candidate.commit.slice(0, 12)}`}`,
    '',
    ...quoted(preview.message),
    '',
    `Tag ${plan?.version.tag ?? ''}`.trim(),
    '',
    ...quoted(preview.tagMessage),
    '',
  ];
  return `${lines.join('\n')}\n${visible(preview.patch)}`;
}

function momentOf({ moment }: GateResult): string {
  return moment === undefined ? '' : ` ${moment.words} ${new Date(moment.at).toISOString()}`;
}

function planLines(plan: Plan): string[] {
  const { version, candidate, target, rollbackTo, commits } = plan;
  const facts: [string, string][] = [
    [
      'Version',
      `${liveVersion(plan) ?? 'none'} → ${version.next} (${version.bump}; the changes ask for ${version.suggested})`,
    ],
    ...(plan.alsoShips?.length ? [['Also ships', alsoShips(plan).join(', ')] as [string, string]] : []),
    [
      'Candidate',
      `${candidate.commit.slice(0, 12)} on ${candidate.branch}${candidate.feature ? `, ${candidate.feature.dir}` : ''}`,
    ],
    ['Release', plan.release.kind === 'cut' ? `a new tag ${version.tag}` : `the existing tag ${version.tag}`],
    ['Files', plan.files.join(', ') || 'none'],
    ['Target', `${target.name} (${target.kind})`],
    ...(plan.stages ? [['Stages', stagesInWords(plan.stages)] as [string, string]] : []),
    [
      'Rollback to',
      rollbackTo
        ? `${rollbackTo.tag || rollbackTo.version} (${rollbackTo.commit.slice(0, 12)})`
        : 'nothing is live yet',
    ],
    ['Approvals', String(plan.policy.approvals)],
    ['Digest', digestOf(plan)],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    'Plan',
    ...facts.map(([name, value]) => `  ${name.padEnd(width)}  ${onOneLine(value)}`),
    '',
    `Why ${version.suggested}`,
    ...version.reasons.map((reason) => `  ${reason.bump}: ${onOneLine(reason.text)}`),
    '',
    `Changelog (${commits.total === 1 ? '1 commit' : `${commits.total} commits`})`,
    ...plan.changelog
      .trim()
      .split('\n')
      .map((line) => `  ${onOneLine(line)}`),
    '',
  ];
}
