import type { KnownBlock, ModalView } from '@slack/types';
import { letsGoOn } from '../../domain/gates/gate.ts';
import { bySeverity } from '../../domain/judge/verdict.ts';
import { CALLBACK } from '../kit/ids.ts';
import { count, shortSha, VERDICT } from '../kit/labels.ts';
import { LIMITS } from '../kit/limits.ts';
import {
  andMore,
  bold,
  bullets,
  code,
  header,
  type Inline,
  line,
  linked,
  para,
  plain,
  preformatted,
  rich,
  section,
} from '../kit/rich-text.ts';
import type { CardView } from '../kit/views.ts';
import { why } from './gates.ts';
import { findingLine, healthLine } from './monitor.ts';
import { changelogLines, chooserOf, grouped, planLine, riskDetails, versionPart } from './plan.ts';
import { outputPart, stepLine } from './progress.ts';

/** A view may hold more than a message, but more than this is not read. */
const MOST_COMMITS = 30;
const MOST_CHANGELOG = 150;
/** Of one block with a part of the patch, in characters. */
const MOST_PART = 2_400;

/** What the card leaves out: each gate in full, the whole plan, all checks and metrics. */
export function details(view: CardView): ModalView {
  const { promotion } = view;
  const blocks = [...gatesOf(view), ...planOf(view), ...previewOf(view), ...outcomeOf(view)];
  return {
    type: 'modal',
    callback_id: CALLBACK.details,
    title: plain(promotion.service, LIMITS.viewTitle),
    close: plain('Close', LIMITS.viewTitle),
    blocks:
      blocks.length > 0 ? blocks.slice(0, LIMITS.viewBlocks) : [rich(para('There is nothing to show yet.'))],
  };
}

function gatesOf({ promotion }: CardView): KnownBlock[] {
  const items = (promotion.data.gates ?? [])
    .slice(0, 60)
    .map((gate): readonly Inline[] => [
      `${VERDICT[gate.verdict].sign} `,
      bold(gate.title, 100),
      ` ${VERDICT[gate.verdict].words}: `,
      ...why(gate, 400),
      ...(gate.remedy && !letsGoOn(gate) ? [' → ', line(gate.remedy, 300)] : []),
      ...(gate.link ? [' ', linked(gate.link, 'open', 20)] : []),
      ...(gate.tookMs === undefined ? [] : [` (${gate.tookMs} ms)`]),
    ]);
  return section('Gates', items);
}

function planOf({ promotion, service }: CardView): KnownBlock[] {
  const { plan } = promotion.data;
  if (!plan) return [];
  const { candidate, commits, changelog, files } = plan;
  const lines = changelogLines(changelog);
  const subjects = commits.subjects
    .slice(0, MOST_COMMITS)
    .map(({ sha, subject }): readonly Inline[] => [
      linked(service.repository?.commit(sha), shortSha(sha)),
      ' ',
      line(subject, 150),
    ]);
  const rest = commits.total - subjects.length;
  const facts: Inline[][] = [['Fingerprint of this plan ', code(promotion.digest ?? 'none', 64)]];
  if (candidate.validated) {
    facts.push([
      'Validated on staging: ',
      linked(service.repository?.commit(candidate.validated.commit), shortSha(candidate.validated.commit)),
      ' (',
      code(candidate.validated.source, 100),
      ')',
    ]);
  }
  if (candidate.staging) {
    facts.push([
      'Staging: ',
      linked(
        candidate.staging.url,
        candidate.staging.url ?? candidate.staging.deploymentId ?? 'deployed',
        150,
      ),
    ]);
  }
  if (candidate.stateFile) facts.push(['State file: ', code(candidate.stateFile.path, 200)]);
  return [
    ...(promotion.data.risk ? riskDetails(promotion.data.risk) : []),
    header('Plan'),
    versionPart(plan, 20, 200, service.repository, chooserOf(promotion)),
    planLine(plan, service.repository),
    rich(bullets(facts)),
    rich(
      para(bold(`Files of the release commit (${files.length})`)),
      bullets((files.length > 0 ? files : ['none']).slice(0, 40).map((file) => [code(file, 200)])),
    ),
    ...(lines.length > 0
      ? [
          header('Changelog'),
          rich(
            ...grouped(lines.slice(0, MOST_CHANGELOG), 300),
            ...andMore(lines.length - MOST_CHANGELOG, 'more line'),
          ),
        ]
      : []),
    ...(subjects.length > 0
      ? [header(count(commits.total, 'commit')), rich(bullets(subjects), ...andMore(rest))]
      : []),
  ];
}

/** The edits of the release commit, and the message of its tag, as they would be written. */
function previewOf({ promotion }: CardView): KnownBlock[] {
  const { preview } = promotion.data;
  if (!preview) return [];
  return [
    header('Release commit'),
    ...(preview.patch === '' ? [rich(para('It changes no file.'))] : []),
    ...inParts(preview.patch).map((part) => rich(preformatted(part, MOST_PART))),
    ...(preview.isCut
      ? [rich(para('All of it: ', code(`slipway plan ${promotion.service} --diff`, 200)))]
      : []),
    header('Tag message'),
    rich(preformatted(preview.tagMessage, MOST_PART)),
  ];
}

/** Whole lines in parts that a block holds; a longer line is a part of its own. */
function inParts(text: string): string[] {
  const parts: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + line.length <= MOST_PART) parts[parts.length - 1] = last + line;
    else parts.push(line);
  }
  return parts;
}

function outcomeOf({ promotion }: CardView): KnownBlock[] {
  const { health = [], monitor, failure, steps = [] } = promotion.data;
  const begun = steps.filter(({ status }) => status !== 'waiting');
  const findings = bySeverity(monitor?.judgement.findings ?? []);
  return [
    ...section(
      'Steps',
      begun.map((step) => stepLine(step, 300)),
    ),
    ...(failure ? [header('Output'), ...outputPart(failure, 20, 300)] : []),
    ...section(
      'Health checks',
      health.slice(0, 60).map((result) => healthLine(result, 300)),
    ),
    ...section('Metrics', findings.slice(0, 40).map(findingLine)),
  ];
}
