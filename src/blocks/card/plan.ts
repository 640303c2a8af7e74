import type { KnownBlock, RichTextBlockElement, RichTextElement, RichTextSection } from '@slack/types';
import { alsoShipsInWords, liveVersion, type Plan } from '../../domain/promotion/plan.ts';
import type { Promotion, PromotionRequest } from '../../domain/promotion/promotion.ts';
import type { Release } from '../../domain/release/release.ts';
import { stagesInWords } from '../../domain/release/stages.ts';
import { cleanLines } from '../kit/escape.ts';
import { count, shortSha } from '../kit/labels.ts';
import {
  bold,
  bullets,
  code,
  type Inline,
  line,
  linked,
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
    ...(items.length > 0 ? [bullets(items)] : []),
    ...(reasons > 0 && more > 0 ? [para(`and ${more} more like these`)] : []),
    ...(reasons > 0 ? alsoShipsPart(plan) : []),
  );
}

/** The section of the changelog: headings bold, items as bullets, their text without any syntax. */
export function changelogPart(plan: Plan, most: number, textMax: number): KnownBlock[] {
  const lines = changelogLines(plan.changelog);
  const shown = lines.slice(0, most);
  if (shown.length === 0) return [];
  const more = lines.length - shown.length;
  return [
    rich(
      para(bold('Changelog')),
      ...grouped(shown, textMax),
      ...(more > 0 ? [para(`and ${count(more, 'more line')}: see Details.`)] : []),
    ),
  ];
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
    if (items.length > 0) elements.push(bullets(items));
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
