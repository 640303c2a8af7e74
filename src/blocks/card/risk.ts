import type { KnownBlock } from '@slack/types';
import { isLarge } from '../../domain/promotion/earlier/risk.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { Risk } from '../../domain/promotion/risk-facts.ts';
import { count } from '../kit/labels.ts';
import { at, bold, bullets, code, header, type Inline, line, para, rich } from '../kit/rich-text.ts';

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
