import type { KnownBlock, RichTextBlockElement, RichTextElement, RichTextSection } from '@slack/types';
import { isLarge } from '../../domain/promotion/earlier/risk.ts';
import { alsoShipsInWords, liveVersion, type Plan } from '../../domain/promotion/plan.ts';
import type { Promotion, PromotionRequest } from '../../domain/promotion/promotion.ts';
import type { Risk } from '../../domain/promotion/risk-facts.ts';
import type { Release } from '../../domain/release/release.ts';
import { stagesInWords } from '../../domain/release/stages.ts';
import { cleanLines } from '../kit/escape.ts';
import { count, shortSha } from '../kit/labels.ts';
import {
  andMore,
  at,
  bold,
  bullets,
  code,
  header,
  type Inline,
  line,
  linked,
  listOf,
  para,
  person,
  rich,
  words,
} from '../kit/rich-text.ts';
import type { RepositoryLinks } from '../kit/views.ts';

/** Where a rollback of this promotion would go; null when nothing was live before. */
export function rollbackTarget(promotion: Promotion): Release | null {
  return promotion.data.plan?.rollbackTo ?? null;
}

/** The size of the step that was asked for last. */
export function requestedBump({ request, data }: Promotion): PromotionRequest['bump'] {
  return data.wish?.bump ?? request.bump;
}

/** Who chose the version, by their Slack id. */
export function chooserOf({ request, data }: Promotion): string {
  return data.wish?.by ?? request.by;
}

/** `2.6.0 → 2.7.0`, from what is live; or the version alone for a first release. */
export function versionStep(plan: Plan): string {
  const from = liveVersion(plan);
  const { next } = plan.version;
  return from === null ? next : `${from} → ${next}`;
}

/** The earlier releases that ship with this one; nothing when all of them are in production. */
export function alsoShipsPart(plan: Plan): readonly RichTextSection[] {
  const said = alsoShipsInWords(plan);
  return said === null ? [] : [para('⚠️ ', bold(said, 400))];
}

/** Which version, how big a step, which commits ask for it, and who chose another one. */
export function versionPart(
  plan: Plan,
  reasons: number,
  textMax: number,
  repository?: RepositoryLinks,
  chooser?: string,
): KnownBlock {
  const { version } = plan;
  const whose: Inline = chooser === undefined ? 'a person' : person(chooser);
  const isCounted = version.current === liveVersion(plan);
  const step = isCounted ? version.bump : `${version.bump}, counted from ${version.current}`;
  const kind = version.current === null ? 'first release' : step;
  const head: Inline[] = [bold(`Version ${versionStep(plan)}`), ` (${kind})`];
  if (version.lowered) {
    head.push(' confirmed by ', whose, `, although the commits ask for ${version.suggested}`);
  } else if (version.bump !== version.suggested) {
    head.push(' chosen by ', whose, `; the commits ask for ${version.suggested}`);
  }
  // Reasons for a smaller step than the first one did not decide the version.
  const telling = version.reasons.filter((reason) => reason.bump === version.reasons[0]?.bump);
  const shown = telling.slice(0, reasons);
  const more = telling.length - shown.length;
  const items = shown.map((reason): readonly Inline[] => [
    reason.commit
      ? linked(repository?.commit(reason.commit), reason.text, textMax)
      : line(reason.text, textMax),
  ]);
  return rich(
    para(...head, ...(items.length > 0 ? [', because of'] : [])),
    ...listOf(items),
    ...(reasons > 0 && more > 0 ? [para(`and ${more} more like these`)] : []),
    ...(reasons > 0 ? alsoShipsPart(plan) : []),
  );
}

/** The section of the changelog: headings bold, items as bullets, their text without any syntax. */
export function changelogPart(plan: Plan, most: number, textMax: number): KnownBlock[] {
  const lines = changelogLines(plan.changelog);
  const shown = lines.slice(0, most);
  if (shown.length === 0) return [];
  const more = andMore(lines.length - shown.length, 'more line', ': see Details.');
  return [rich(para(bold('Changelog')), ...grouped(shown, textMax), ...more)];
}

type ChangelogLine = { readonly kind: 'heading' | 'item' | 'text'; readonly text: string };

/** The lines of the section, without its version heading and without link references. */
export function changelogLines(markdown: string): readonly ChangelogLine[] {
  return cleanLines(markdown)
    .split('\n')
    .map((raw) => raw.trim())
    .filter((text) => text !== '' && !/^##?\s/.test(text) && !/^\[[^\]]+\]:\s/.test(text))
    .map((text): ChangelogLine => {
      const heading = /^#{3,6}\s+(\S.*)$/.exec(text)?.[1];
      if (heading) return { kind: 'heading', text: heading };
      const item = /^[-*+]\s+(\S.*)$/.exec(text)?.[1];
      return item ? { kind: 'item', text: item } : { kind: 'text', text };
    });
}

export function grouped(lines: readonly ChangelogLine[], textMax: number): RichTextBlockElement[] {
  const elements: RichTextBlockElement[] = [];
  let items: Inline[][] = [];
  const flush = () => {
    elements.push(...listOf(items));
    items = [];
  };
  for (const { kind, text } of lines) {
    if (kind === 'item') items.push([line(text, textMax)]);
    else {
      flush();
      elements.push(para(kind === 'heading' ? bold(text, textMax) : line(text, textMax)));
    }
  }
  flush();
  return elements;
}

/** Commit, where it goes (without its size where that is said elsewhere), where a rollback goes: two short lines. */
export function planLine(plan: Plan, repository?: RepositoryLinks, withSize = true): KnownBlock {
  const { candidate, commits, target, rollbackTo } = plan;
  const since = plan.version.current === null ? '' : ` since ${plan.version.current}`;
  const besides = plan.alsoShips?.length ? ', besides those of the releases named above' : '';
  const feature: RichTextElement[] = candidate.feature
    ? [words(' for '), code(candidate.feature.slug, 80)]
    : [];
  return rich(
    para(
      'Commit ',
      linked(repository?.commit(candidate.commit), shortSha(candidate.commit)),
      ' of ',
      code(candidate.branch, 80),
      ...feature,
      withSize ? `, ${count(commits.total, 'commit')}${since}${besides}\n` : '\n',
      'Deploys to ',
      linked(target.url, target.name, 120),
      ...(plan.stages ? [`, in stages: ${stagesInWords(plan.stages)}`] : []),
      rollbackTo ? `, rolls back to ${rollbackTo.version}` : ', nothing live to roll back to',
    ),
  );
}

const SIGN = { shipped: '✅', accepted: '⚠️', 'rolled-back': '↩️', failed: '❌' } as const;
const ENDED = {
  shipped: 'shipped',
  accepted: 'shipped, accepted by a person',
  'rolled-back': 'rolled back',
  failed: 'failed',
} as const;

/** What people look at before they approve, in two lines: size, what it touches, and how the last ones went. */
export function riskPart(risk: Risk, plan: Plan): KnownBlock {
  return rich(para(...sizeLine(risk, plan)), para(...pastLine(risk, plan)));
}

function sizeLine(risk: Risk, plan: Plan): Inline[] {
  const { files, usual, authors, touched } = risk;
  const size = [
    count(plan.commits.total, 'commit'),
    ...(files === undefined ? [] : [count(files, 'file')]),
    ...(authors.length > 0 ? [`by ${count(authors.length, 'person', 'people')}`] : []),
  ].join(', ');
  const usually = [
    ...(usual?.commits === undefined ? [] : [count(usual.commits, 'commit')]),
    ...(usual?.files === undefined ? [] : [count(usual.files, 'file')]),
  ].join(', ');
  const compared = usually === '' ? '' : ` (usually ${usually})`;
  const large = isLarge(risk, plan.commits.total);
  const kinds = touched.map(({ kind, total }) => `${kind} (${total})`).join(', ');
  return [
    large ? bold(`⚠️ Larger than usual: ${size}`) : bold(`Size: ${size}`),
    compared,
    ...(kinds === '' ? [] : [', with ', bold(kinds)]),
  ];
}

function pastLine({ last, touched }: Risk, plan: Plan): Inline[] {
  const parts: Inline[][] = [];
  const deployedAt = Date.parse(plan.candidate.staging?.deployedAt ?? '');
  if (Number.isFinite(deployedAt)) parts.push(['On staging since ', at(deployedAt)]);
  if (last.length > 0) {
    const said = last.map(({ version, end }) => `${version} ${SIGN[end]}`).join(', ');
    parts.push(['Last releases: ', line(said, 200)]);
  } else parts.push(['The first release here']);
  if (touched.some(({ kind }) => kind === 'migrations'))
    parts.push([bold('⚠️ A rollback does not undo migrations')]);
  return parts.flatMap((part, index) => (index === 0 ? part : [' · ', ...part]));
}

/** All of it, for Details. */
export function riskDetails({ touched, authors, last }: Risk): KnownBlock[] {
  const items: Inline[][] = [
    ...touched.flatMap(({ kind, total, paths }): Inline[][] => [
      [
        bold(`${kind.charAt(0).toUpperCase()}${kind.slice(1)} (${total}):`),
        ' ',
        ...paths.flatMap((path, index): Inline[] => [...(index > 0 ? [', '] : []), code(path, 120)]),
        ...(total > paths.length ? [` and ${count(total - paths.length, 'more', 'more')}`] : []),
      ],
    ]),
    ...(authors.length > 0 ? [[bold('Authors:'), ' ', line(authors.join(', '), 600)]] : []),
    ...last.map(({ version, end }): Inline[] => [`${SIGN[end]} `, line(version, 80), ` ${ENDED[end]}`]),
  ];
  return items.length > 0 ? [header('Risk'), rich(bullets(items))] : [];
}
