import type { KnownBlock } from '@slack/types';
import type { Approval } from '../../domain/promotion/promotion.ts';
import type { DoraFigures } from '../../domain/statistics/dora.ts';
import { weeksChart } from '../../domain/statistics/weeks-chart.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { requester } from '../card/people.ts';
import { chooserOf } from '../card/plan.ts';
import { buttonFor, serviceValue } from '../kit/button-value.ts';
import { ACTION } from '../kit/ids.ts';
import { count, STATE } from '../kit/labels.ts';
import {
  at,
  bold,
  buttons,
  type Inline,
  linked,
  type Message,
  person,
  rich,
  words,
} from '../kit/rich-text.ts';
import { spoken } from '../kit/spoken.ts';
import { figuresLine } from './figures.ts';
import { type ListedPromotion, listing } from './listing.ts';

/** `/ship-prod history [service]`: newest first, and the figures of the service. */
export function history(
  entries: readonly ListedPromotion[],
  service?: string,
  figures: readonly DoraFigures[] = [],
): Message {
  const of = service ? ` of ${service}` : '';
  if (entries.length === 0)
    return listing([words(`Nothing${of} was shipped with Slipway yet. Start with /ship-prod.`)], []);
  const { text, blocks } = listing(
    [bold(`The last ${entries.length === 1 ? 'promotion' : count(entries.length, 'promotion')}${of}`)],
    entries.slice(0, 25).map(historyLine),
  );
  const shown: KnownBlock[] = figures.length === 0 ? [] : [rich(...figures.map(figuresLine))];
  const about = service ? serviceValue({ service }, 'command') : ({ via: 'command' } as const);
  const auditTrail = buttonFor(ACTION.auditTrail, 'Audit trail', about);
  const longest = figures.at(-1);
  const chart = longest && longest.deployments > 0 ? weeksChart(longest) : null;
  return {
    text: shown.length === 0 ? text : `${text}\n${spoken(shown)}`,
    blocks: [...blocks, ...shown, buttons([auditTrail])],
    ...(chart === null ? {} : { picture: chart }),
  };
}

function historyLine({ promotion, approvals, threadUrl }: ListedPromotion): readonly Inline[] {
  const { data, state } = promotion;
  const version = data.release?.version ?? data.plan?.version.next ?? '';
  const took =
    data.closedAt === undefined ? '' : ` in ${durationInWords(data.closedAt - promotion.createdAt)}`;
  return [
    `${STATE[state].sign} `,
    ...(data.overrides ? ['🚨 '] : []),
    linked(threadUrl, `${promotion.service} ${version}`.trim(), 150),
    ` ${STATE[state].words.toLowerCase()}${took}, `,
    at(data.closedAt ?? promotion.createdAt),
    ', asked by ',
    ...requester(promotion.request),
    ...approversOf(approvals),
    ...(promotion.request.hotfix ? [`, hotfix of ${promotion.request.hotfix.of.version.slice(0, 60)}`] : []),
    ...(data.accepted ? [`, ${data.accepted.verdict} accepted by `, person(data.accepted.by)] : []),
    ...(data.plan?.version.lowered ? [', lower version confirmed by ', person(chooserOf(promotion))] : []),
    ...(data.rollback ? [`, back to ${data.rollback.to.version}`] : []),
    ...(data.overrides ? [', glass broken by ', person(data.overrides.at(-1)?.by ?? '')] : []),
  ];
}

/** Who approved; votes that are void or were taken back are left out. */
function approversOf(approvals: readonly Approval[]): Inline[] {
  const given = approvals.filter(({ valid, decision }) => valid && decision === 'approve');
  const shown = given.slice(0, 4).flatMap(({ by }): Inline[] => [', ', person(by)]);
  if (shown.length === 0) return [];
  const more = given.length > 4 ? [` and ${count(given.length - 4, 'more', 'more')}`] : [];
  return [', approved by ', ...shown.slice(1), ...more];
}
