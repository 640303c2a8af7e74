import type { Button, KnownBlock } from '@slack/types';
import type { GateResult } from '../../domain/gates/gate.ts';
import { EVERYTHING } from '../../domain/policy/lock.ts';
import type { Debt } from '../../domain/policy/override.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import { type Approval, isOpen, type Promotion } from '../../domain/promotion/promotion.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { startDialog } from '../card/buttons.ts';
import { summary } from '../card/card.ts';
import { gateRemedies, gateSummary, gateTable } from '../card/gates.ts';
import { changelogPart, planLine, versionPart, versionStep } from '../card/plan.ts';
import { ACTION, actionId, encodeValue } from '../kit/ids.ts';
import { count, STATE } from '../kit/labels.ts';
import { firstThatFits } from '../kit/limits.ts';
import {
  at,
  bold,
  bullets,
  code,
  header,
  type Inline,
  line,
  linked,
  type Message,
  para,
  person,
  plain,
  rich,
  words,
} from '../kit/rich-text.ts';
import type { ServiceView } from '../kit/views.ts';
import { spoken } from '../thread/content.ts';

/** More lines than this are for `history`. */
const MOST_LINES = 30;

/** A lock in force. */
export interface LockView {
  readonly service: string;
  readonly owner: string;
  readonly reason: string;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** A freeze of the config that is in force. */
export interface FreezeView {
  readonly service: string;
  readonly reason: string;
  readonly until?: number;
}

/** A debt that waits for a second person. */
export interface DebtView {
  readonly debt: Debt;
  /** Permalink of the card. */
  readonly threadUrl?: string | undefined;
}

/** A promotion in a list. */
export interface Entry {
  readonly promotion: Promotion;
  readonly approvals: readonly Approval[];
  /** Permalink of its card. */
  readonly threadUrl?: string | undefined;
}

export interface StatusView {
  /** Open promotions, then the newest closed one of each service. */
  readonly entries: readonly Entry[];
  readonly locks: readonly LockView[];
  readonly freezes?: readonly FreezeView[];
  readonly debts?: readonly DebtView[];
  /** Services of the config without any promotion. */
  readonly idle: readonly string[];
  /** Which version is live, of services whose target says so. */
  readonly live?: ReadonlyMap<string, string>;
}

/** `/ship-prod status`: one line per service. */
export function status({ entries, locks, freezes = [], debts = [], idle, live }: StatusView): Message {
  const liveOf = (service: string): readonly Inline[] => {
    const version = live?.get(service);
    return version === undefined ? [] : [', ', bold(`${version} is live`, 100)];
  };
  const lines = [
    ...entries.slice(0, MOST_LINES).map((entry) => [...entryLine(entry), ...liveOf(entry.promotion.service)]),
    ...idle
      .slice(0, MOST_LINES)
      .map((name): readonly Inline[] => [bold(name, 100), ': not shipped with Slipway yet', ...liveOf(name)]),
  ];
  const isQuiet = entries.every(({ promotion }) => !isOpen(promotion.state));
  const head: Inline[] = [bold(isQuiet ? 'Nothing is under way.' : 'What is under way and what is live')];
  const held = [...locks.map(lockLine), ...freezes.map(freezeLine)];
  return listed(head, lines, [
    { title: 'To be acknowledged by a second person', lines: debts.slice(0, 20).map(debtLine) },
    { title: 'Locked or frozen', lines: held.slice(0, MOST_LINES) },
  ]);
}

/** `/ship-prod history [service]`: newest first. */
export function history(entries: readonly Entry[], service?: string): Message {
  const of = service ? ` of ${service}` : '';
  if (entries.length === 0)
    return listed([words(`Nothing${of} was shipped with Slipway yet. Start with /ship-prod.`)], []);
  const { text, blocks } = listed(
    [bold(`The last ${count(entries.length, 'promotion')}${of}`)],
    entries.slice(0, 25).map(historyLine),
  );
  const trail: Button = {
    type: 'button',
    action_id: actionId(ACTION.auditTrail),
    text: plain('Audit trail', 75),
    value: encodeValue({ ...(service ? { service: service.slice(0, 200) } : {}), via: 'command' }),
  };
  return { text, blocks: [...blocks, { type: 'actions', elements: [trail] }] };
}

function listed(
  head: readonly Inline[],
  lines: readonly (readonly Inline[])[],
  more: readonly { readonly title: string; readonly lines: readonly (readonly Inline[])[] }[] = [],
): Message {
  const blocks = firstThatFits(
    [MOST_LINES, 12, 5].map((most) => (): KnownBlock[] => {
      const shown = lines.slice(0, most);
      const rest = lines.length - shown.length;
      return [
        rich(
          para(...head),
          ...(shown.length > 0 ? [bullets(shown)] : []),
          ...(rest > 0 ? [para(`and ${count(rest, 'more')}`)] : []),
          ...more
            .filter((part) => part.lines.length > 0)
            .flatMap((part) => [para(bold(part.title)), bullets(part.lines.slice(0, most))]),
        ),
      ];
    }),
  );
  return { text: spoken(head), blocks };
}

function entryLine({ promotion, approvals, threadUrl }: Entry): readonly Inline[] {
  return [
    linked(threadUrl, summary({ promotion, approvals }), 200),
    ', asked by ',
    person(promotion.request.by),
    ' ',
    at(promotion.createdAt),
  ];
}

function historyLine({ promotion, approvals, threadUrl }: Entry): readonly Inline[] {
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
    person(promotion.request.by),
    ...approversOf(approvals),
    ...(data.rollback ? [`, back to ${data.rollback.to.version}`] : []),
    ...(data.overrides ? [', glass broken by ', person(data.overrides.at(-1)?.by ?? '')] : []),
  ];
}

/** Who approved what was shipped in the end: votes that were taken back or void do not count. */
function approversOf(approvals: readonly Approval[]): Inline[] {
  const given = approvals.filter(({ valid, decision }) => valid && decision === 'approve');
  const shown = given.slice(0, 4).flatMap(({ by }): Inline[] => [', ', person(by)]);
  if (shown.length === 0) return [];
  const more = given.length > 4 ? [` and ${count(given.length - 4, 'more', 'more')}`] : [];
  return [', approved by ', ...shown.slice(1), ...more];
}

export function lockLine(lock: LockView): readonly Inline[] {
  const isAll = lock.service === EVERYTHING;
  return [
    '🔒 ',
    bold(isAll ? 'Everything' : lock.service, 100),
    isAll ? ', stopped by ' : ', locked by ',
    person(lock.owner),
    ': ',
    line(lock.reason || 'no reason given', 300),
    ...(lock.until === undefined
      ? [isAll ? ', until someone thaws it' : ', until someone unlocks it']
      : [', until ', at(lock.until)]),
  ];
}

export function freezeLine({ service, reason, until }: FreezeView): readonly Inline[] {
  const end: readonly Inline[] = until === undefined ? [] : [', until ', at(until)];
  return ['❄️ ', bold(service, 100), ': ', line(reason, 200), ...end];
}

export function debtLine({ debt, threadUrl }: DebtView): readonly Inline[] {
  return [
    '🚨 ',
    linked(threadUrl, debt.service, 100),
    ': glass broken by ',
    person(debt.by),
    ' ',
    at(debt.at),
    ': ',
    line(debt.reason, 200),
    '. Due ',
    at(debt.due),
  ];
}

/** For everybody in the channel; `from` is the lock that was taken over. */
export function locked(lock: LockView, from?: LockView | null): Message {
  const isAll = lock.service === EVERYTHING;
  const head: Inline[] = [
    ...lockLine(lock),
    isAll
      ? '. Nothing is started or deployed until then; what is being deployed already goes on.'
      : '. Nobody can ship it until then.',
    ...(from ? [' Taken over from ', person(from.owner), ' (', line(from.reason, 200), ').'] : []),
  ];
  return { text: spoken(head), blocks: [rich(para(...head))] };
}

/** For who locked, when the channel has heard the rest: how to take it off. */
export function lockDone({ service }: LockView): Message {
  const isAll = service === EVERYTHING;
  const head: Inline[] = [
    '🔒 Done, and said in the channel. To end it: ',
    code(isAll ? '/ship-prod thaw all' : `/ship-prod unlock ${service}`, 150),
  ];
  return { text: spoken(head), blocks: [rich(para(...head))] };
}

/** Who took which lock off, for everybody in the channel. */
export function unlockSaid(lock: LockView, by: string): Message {
  const isAll = lock.service === EVERYTHING;
  const head: Inline[] = [
    '🔓 ',
    person(by),
    isAll ? ' thawed ' : ' unlocked ',
    bold(isAll ? 'everything' : lock.service, 100),
    '. It was locked by ',
    person(lock.owner),
    ': ',
    line(lock.reason || 'no reason given', 300),
  ];
  return { text: spoken(head), blocks: [rich(para(...head))] };
}

/** For whoever had the lock. */
export function lockTaken(lock: LockView, from: LockView): Message {
  const isAll = lock.service === EVERYTHING;
  const head: Inline[] = [
    '🔒 ',
    person(lock.owner),
    ' took your lock of ',
    bold(isAll ? 'everything' : lock.service, 100),
    ' over: ',
    line(lock.reason, 300),
    '. Yours was: ',
    line(from.reason, 300),
  ];
  return { text: spoken(head), blocks: [rich(para(...head))] };
}

/** What was taken off, and what keeps people from shipping all the same. */
export function unlocked(
  lock: LockView,
  still: readonly LockView[],
  freezes: readonly FreezeView[],
): Message {
  const isAll = lock.service === EVERYTHING;
  const held = [...still.map(lockLine), ...freezes.map(freezeLine)];
  const head: Inline[] = [
    '🔓 ',
    bold(isAll ? 'Everything' : lock.service, 100),
    isAll ? ' is thawed' : ' is unlocked',
    held.length === 0 && !isAll ? ' and can be shipped again.' : '.',
    ' It was locked by ',
    person(lock.owner),
    ': ',
    line(lock.reason || 'no reason given', 600),
  ];
  const rest = held.length > 0 ? [para('In force all the same:'), bullets(held.slice(0, 20))] : [];
  return { text: spoken(head), blocks: [rich(para(...head), ...rest)] };
}

export interface PlanView {
  readonly service: ServiceView;
  readonly gates: readonly GateResult[];
  /** Null when the gates do not even let a plan be made. */
  readonly plan: Plan | null;
  readonly feature?: string | undefined;
  readonly bump?: 'auto' | 'major' | 'minor' | 'patch' | undefined;
}

/** `/ship-prod plan shop`: what would happen. Nothing has. */
export function planMessage(view: PlanView): Message {
  const { service, gates, plan } = view;
  const name = plan ? `${service.name} ${versionStep(plan)}` : service.name;
  const start: Button = {
    type: 'button',
    action_id: actionId(ACTION.start),
    style: 'primary',
    text: plain(`Ship ${service.name}${plan ? ` ${plan.version.next}` : ''}`, 75),
    value: encodeValue({
      service: service.name.slice(0, 200),
      ...(view.feature ? { feature: view.feature.slice(0, 300) } : {}),
      ...(view.bump ? { bump: view.bump } : {}),
      via: 'offer',
    }),
    confirm: startDialog(service.name),
  };
  const render = (text: number, most: number, table: boolean) => (): KnownBlock[] => [
    header(`Plan: ${name}`),
    rich(
      para(gates.length > 0 ? bold(gateSummary(gates)) : 'No gates were asked.', '. Nothing was changed.'),
    ),
    ...gateRemedies(gates, most, text),
    ...(table && gates.length > 0 ? [gateTable(gates, text)] : []),
    ...(plan
      ? [
          versionPart(plan, most, text, service.repository),
          ...changelogPart(plan, most * 2, text),
          planLine(plan, service.repository),
        ]
      : []),
    { type: 'actions', elements: [start] },
  ];
  const head: Inline[] = [words(`Plan of ${name}: ${gateSummary(gates)}. Nothing was changed.`)];
  return {
    text: spoken(head),
    blocks: firstThatFits([render(200, 6, true), render(120, 3, true), render(60, 2, false)]),
  };
}
