import type { KnownBlock, RichTextBlockElement } from '@slack/types';
import { undecided } from '../../domain/promotion/asking/undecided.ts';
import {
  isOpen,
  type Promotion,
  type PromotionState,
  type StepProgress,
} from '../../domain/promotion/promotion.ts';
import { truncate } from '../kit/escape.ts';
import { firstThatFits, LIMITS } from '../kit/limits.ts';
import {
  at,
  bold,
  bullets,
  header,
  type Inline,
  inRole,
  line,
  linked,
  type Message,
  para,
  quote,
  rich,
  words,
} from '../kit/rich-text.ts';
import { message, spoken } from '../kit/spoken.ts';
import type { CardView } from '../kit/views.ts';
import { buttonRow } from './buttons.ts';
import { gateRemedies, gateSummary, gateTable, notableGates } from './gates.ts';
import { healthPart, monitorPart, rollbackPart, takenLine, uncheckedInWords } from './monitor.ts';
import { overridesPart, peoplePart } from './people.ts';
import { changelogPart, chooserOf, planLine, riskPart, versionPart } from './plan.ts';
import { outputPart, progressPart } from './progress.ts';
import { headline, saysNotice, stateWords, title } from './summary.ts';

/** How much of each part is shown. */
interface CardSize {
  readonly reasons: number;
  readonly changelogLines: number;
  readonly text: number;
  readonly remedies: number;
  readonly findings: number;
  readonly people: number;
  /** Lines of the output of a failed deployment. */
  readonly output: number;
  readonly table: boolean;
}

/** The first that fits in Slack's limits is used. */
const SIZES: readonly CardSize[] = [
  {
    reasons: 5,
    changelogLines: 12,
    text: 200,
    remedies: 12,
    findings: 6,
    people: 10,
    output: 10,
    table: true,
  },
  { reasons: 3, changelogLines: 8, text: 140, remedies: 8, findings: 4, people: 6, output: 6, table: true },
  { reasons: 2, changelogLines: 4, text: 90, remedies: 5, findings: 3, people: 3, output: 4, table: true },
  { reasons: 1, changelogLines: 0, text: 60, remedies: 3, findings: 2, people: 3, output: 2, table: false },
];

/** What is read aloud. */
const HEARD: CardSize = {
  reasons: 2,
  changelogLines: 4,
  text: 140,
  remedies: 5,
  findings: 3,
  people: 3,
  output: 0,
  table: false,
};

/** The message that shows the present state of a promotion. It depends on nothing but what is stored. */
export function card(view: CardView): Message {
  const blocks = firstThatFits(SIZES.map((size) => () => shown(partsOf(view, size))));
  return { text: heard(partsOf(view, HEARD)), blocks };
}

/** The card with little that came from outside, for when Slack refuses the whole one. */
export function smallCard(view: CardView): Message {
  const { promotion } = view;
  const row = buttonRow(promotion, view.approvals);
  return message([
    ...inRole('title', [header(title(promotion))]),
    ...inRole('state', [rich(para(bold(stateWords(view))))]),
    ...(row ? [row] : []),
  ]);
}

/** Before the release the plan is what matters; after it, how it goes. */
const PLANNING: readonly PromotionState[] = [
  'checking',
  'blocked',
  'awaiting-approval',
  'cancelled',
  'expired',
];

interface Parts {
  /** Service and version, and how it stands, in a line. */
  readonly verdict: readonly KnownBlock[];
  /** What stands behind the verdict. */
  readonly why: readonly KnownBlock[];
  /** What is decided on, or how it went. */
  readonly more: readonly KnownBlock[];
  readonly people: KnownBlock;
  readonly links: readonly KnownBlock[];
  readonly buttons: readonly KnownBlock[];
}

/** The verdict, what can be done about it, and then all that it rests on: on a phone the decision is on the first screen. */
function shown({ verdict, why, more, people, links, buttons }: Parts): KnownBlock[] {
  return [...verdict, ...buttons, ...why, ...more, ...inRole('people', [people]), ...inRole('links', links)];
}

/** Who only hears the card hears first what is asked, of whom, and what can be pressed. */
function heard({ verdict, why, more, people, buttons }: Parts): string {
  return spoken([...verdict, ...why, people, ...buttons, ...more]);
}

function partsOf(view: CardView, size: CardSize): Parts {
  const { promotion } = view;
  const row = buttonRow(promotion, view.approvals);
  const isPlanning = PLANNING.includes(promotion.state);
  return {
    verdict: [
      ...inRole('title', [header(title(promotion))]),
      ...inRole('state', [rich(para(...headline(view)))]),
    ],
    why: [
      ...inRole('overrides', overridesPart(promotion.data.overrides, size.text)),
      ...inRole('notice', noticePart(promotion, size)),
      ...(isPlanning ? inRole('gates', gatesPart(view, size)) : inRole('now', nowParts(view, size))),
    ],
    more: isPlanning ? inRole('plan', planPart(view, size)) : inRole('progress', progressParts(view, size)),
    people: peoplePart(promotion, view.approvals, view.service, size.people, size.text),
    links: isPlanning ? [] : linksPart(view),
    buttons: row ? [row] : [],
  };
}

/** What was said of it last, and why approvals do not count any more. */
function noticePart(promotion: Promotion, size: CardSize): KnownBlock[] {
  const { state, data } = promotion;
  const notice = saysNotice(promotion) ? undefined : data.notice;
  const voided = state === 'awaiting-approval' ? data.voided : undefined;
  const elements: RichTextBlockElement[] = [
    ...(notice ? [quote(notice.kind === 'problem' ? '⚠️ ' : 'ℹ️ ', words(notice.text, size.text * 4))] : []),
    ...(data.pageProblem ? [quote('⚠️ ', words(data.pageProblem, size.text * 4))] : []),
    ...(voided
      ? [
          para(
            bold('Earlier approvals do not count'),
            ': what would be shipped changed at ',
            at(voided.at, 'time'),
          ),
          bullets(voided.changes.slice(0, size.remedies).map((change) => [line(change, size.text)])),
        ]
      : []),
  ];
  return elements.length > 0 ? [rich(...elements)] : [];
}

/** All gates while they are checked or block the promotion; afterwards only those that did not pass. */
function gatesPart({ promotion }: CardView, size: CardSize): KnownBlock[] {
  const { gates = [] } = promotion.data;
  if (gates.length === 0) return [];
  const { state } = promotion;
  const notPassed = gates.filter(({ verdict }) => verdict !== 'passed');
  const rows = state === 'checking' || state === 'blocked' ? gates : notPassed;
  return [
    ...(state === 'blocked' ? gateRemedies(gates, size.remedies, size.text) : []),
    rich(
      para(...(notPassed.length === 0 ? ['✅ '] : []), bold(gateSummary(gates))),
      ...(rows === gates ? [] : notableGates(gates, size.text)),
    ),
    ...(size.table && rows.length > 0
      ? [gateTable(rows, size.text, state === 'checking' ? 'each' : 'together')]
      : []),
  ];
}

/** What people approve; while it is blocked, only what they have to decide. */
function planPart({ promotion, service }: CardView, size: CardSize): KnownBlock[] {
  const { plan, decision, risk } = promotion.data;
  if (!plan) return [];
  const isBlocked = promotion.state === 'blocked';
  const isVersionAsked = !isBlocked || decision === 'lower-bump';
  return [
    ...(risk && !isBlocked ? [riskPart(risk, plan)] : []),
    ...(isVersionAsked
      ? [versionPart(plan, size.reasons, size.text, service.repository, chooserOf(promotion))]
      : []),
    ...(isBlocked ? [] : changelogPart(plan, size.changelogLines, size.text)),
    planLine(plan, service.repository, risk === undefined || isBlocked),
  ];
}

/** How production does now, and what failed. */
function nowParts({ promotion, service, picture }: CardView, size: CardSize): KnownBlock[] {
  const { monitor, stage, health, rollback, failure } = promotion.data;
  const unwell = health?.some((result) => !result.ok) ?? false;
  const taken = takenLine(undecided(promotion));
  return [
    ...(taken.length > 0 ? [rich(...taken)] : []),
    ...(failure ? outputPart(failure, size.output, size.text) : []),
    ...(rollback ? [rollbackPart(rollback, isOpen(promotion.state), size.text * 2)] : []),
    ...(monitor && !rollback
      ? [monitorPart({ monitor, stage }, service, promotion.state === 'monitoring', size.findings)]
      : []),
    ...(picture ? [picturePart(picture)] : []),
    ...(health && (unwell || health.length === 0 || promotion.state === 'verifying')
      ? healthPart(health, size.remedies, size.text, uncheckedInWords(promotion.data, service))
      : []),
  ];
}

/** A new chart is a new block: what Slack keeps of the one before does not stay. */
function picturePart({ file, alt }: NonNullable<CardView['picture']>): KnownBlock {
  return {
    type: 'image',
    block_id: `chart:${file}`,
    slack_file: { id: file },
    alt_text: truncate(alt, LIMITS.altText),
  };
}

/** The steps so far, and the version where people chose another. The changelog is shown again when it has shipped. */
function progressParts({ promotion, service }: CardView, size: CardSize): KnownBlock[] {
  const { plan, steps } = promotion.data;
  const chosen = plan !== undefined && plan.version.bump !== plan.version.suggested;
  return [
    ...progressPart(
      (steps ?? []).map(withoutSaid),
      isOpen(promotion.state) && promotion.data.rollback === undefined,
      size.text,
    ),
    ...(plan && chosen ? [versionPart(plan, 0, size.text, service.repository, chooserOf(promotion))] : []),
    ...(plan && promotion.state === 'shipped'
      ? changelogPart(plan, Math.min(6, size.changelogLines), size.text)
      : []),
  ];
}

/** A step whose failure is told above in its own words: the checks that failed. */
function withoutSaid({ detail, ...step }: StepProgress): StepProgress {
  const isSaid = detail === undefined || (step.name === 'health' && step.status === 'failed');
  return isSaid ? step : { ...step, detail };
}

/** Everything that can be opened, in one line. */
function linksPart({ promotion, service }: CardView): KnownBlock[] {
  const { gates, release, deployment, reportPath, reportUrl, pageProblem } = promotion.data;
  const links: Inline[] = [];
  const add = (...parts: Inline[]) => links.push(...(links.length > 0 ? [' · '] : []), ...parts);
  if (gates) add(words(gateSummary(gates)));
  if (release) {
    const page = release.url ?? service.repository?.tag(release.tag);
    const url = pageProblem === undefined ? page : service.repository?.commit(release.commit);
    add('release ', linked(url, release.tag, 80));
  }
  if (deployment) add(linked(deployment.url ?? service.links.production, 'production'));
  else if (service.links.production) add(linked(service.links.production, 'production'));
  if (deployment?.logUrl) add(linked(deployment.logUrl, 'deploy log'));
  if (reportPath) add(linked(reportUrl, 'ship report'));
  return links.length > 0 ? [rich(para(...links))] : [];
}
