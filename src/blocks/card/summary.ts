import { milliseconds, percent } from '../../domain/judge/format.ts';
import { bySeverity, type MetricFinding } from '../../domain/judge/verdict.ts';
import { rollbackTakesMs } from '../../domain/promotion/earlier/usual-durations.ts';
import { hotfixOffer } from '../../domain/promotion/hotfix-offer.ts';
import { isOpen, type Promotion } from '../../domain/promotion/promotion.ts';
import { shareInWords } from '../../domain/release/stages.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { ACTION } from '../kit/ids.ts';
import { JUDGE, STATE } from '../kit/labels.ts';
import { at, bold, type Inline, line } from '../kit/rich-text.ts';
import type { CardView } from '../kit/views.ts';
import { actionsFor } from './buttons.ts';
import { notPassedInWords } from './monitor.ts';
import { missingApprovals } from './people.ts';
import { rollbackTarget, versionStep } from './plan.ts';

/** One sentence: service, version, state. Raw text. */
export function summary({ promotion, approvals }: Pick<CardView, 'promotion' | 'approvals'>): string {
  return `${title(promotion)}: ${stateWords({ promotion, approvals })}`;
}

/** Service and version, for a heading. Raw text. */
export function title(promotion: Promotion): string {
  const { plan, release, overrides = [] } = promotion.data;
  const sign = overrides.length > 0 ? '🚨 ' : '';
  if (plan) return `${sign}${promotion.service} ${versionStep(plan)}`;
  return `${sign}${promotion.service} ${release ? release.version : 'to production'}`;
}

/** What state it is in, or what people have to decide. Raw text. */
export function stateWords({ promotion, approvals }: Pick<CardView, 'promotion' | 'approvals'>): string {
  const asked = decisionWords(promotion);
  if (asked) return asked;
  const { sign, words: state } = STATE[promotion.state];
  const missing = missingApprovals(promotion, approvals);
  const { stage } = promotion.data;
  if (promotion.state === 'monitoring' && stage)
    return `${sign} Watching ${shareInWords(stage.share)} of the requests`;
  if (promotion.state === 'awaiting-approval' && missing) return `${sign} ${state} (${missing} missing)`;
  return `${sign} ${state}`;
}

/** What people have to decide, which is said instead of the state; null when there is nothing to decide. */
function decisionWords(promotion: Promotion): string | null {
  const { state, data } = promotion;
  const what = rollbackTarget(promotion) ? 'roll back, or accept it' : withoutRollback(promotion);
  switch (data.decision) {
    case 'lower-bump':
      return '⚠️ The chosen version is lower than the commits ask for';
    case 'release-refused':
      return '❌ The release was refused';
    case 'retry-release':
      return '❌ The release is half done';
    case 'retry-deploy':
      return state === 'rolling-back' ? '❌ The rollback failed' : '❌ The deploy failed';
    case 'unhealthy':
      return `❌ Production is not healthy: ${what}`;
    case 'warning':
      return data.monitor?.judgement.verdict === 'critical'
        ? `🔴 Production is in trouble: ${what}`
        : `🟠 Production looks worse: ${what}`;
    case 'unproven':
      return '⚪ The window is over and production is not proven healthy';
    default:
      return null;
  }
}

/** What can be done where there is nothing to go back to. */
function withoutRollback(promotion: Promotion): string {
  if (promotion.state === 'verifying') return 'mend it and check again, or accept it';
  return hotfixOffer(promotion) === 'offered' ? 'ship a fix, or accept it' : 'accept it, or hold';
}

/** Of what was seen or said, in characters: more would push the buttons off the first screen of a phone. */
const MOST = 180;

/** Decisions whose reason is the notice. */
const BY_NOTICE: readonly string[] = ['release-refused', 'retry-release', 'retry-deploy'];
/** What the words of the state say already. */
const SAID = /^The (?:deploy|deployment|rollback) failed: /;

/** Whether the headline has all of the notice. */
export function saysNotice({ state, data }: Promotion): boolean {
  const { notice } = data;
  const isTold = state === 'failed' || isByNotice({ data });
  return notice !== undefined && isTold && notice.text.length <= MOST;
}

function isByNotice({ data: { decision } }: Pick<Promotion, 'data'>): boolean {
  return decision !== undefined && BY_NOTICE.includes(decision);
}

/** How it stands, in numbers, and what the decision costs: all that whoever is woken up has to read. */
export function headline(view: CardView): Inline[] {
  const { promotion } = view;
  const { state, data } = promotion;
  const { monitor, health, decision } = data;
  const worst = monitor && bySeverity(monitor.judgement.findings)[0];
  if (state === 'monitoring' && monitor && worst && decision !== 'unproven') {
    const { verdict } = monitor.judgement;
    const isBad = verdict === 'warning' || verdict === 'critical';
    const said = inNumbers(worst, data.release?.version ?? 'the deploy');
    return isBad
      ? [bold(`${JUDGE[verdict].sign} ${said}`, MOST), ...backIn(promotion)]
      : [bold(`${stateWords(view)}: ${JUDGE[verdict].words}`), '. ', line(said, MOST)];
  }
  if (decision === 'unhealthy' && health) {
    const first = health.find(({ ok, unasked }) => !ok && !unasked);
    const what = first ? [': ', line(`${first.name} ${first.detail}`, MOST)] : [];
    return [bold(`❌ ${notPassedInWords(health, 'health check')}`), ...what, '.', ...backIn(promotion)];
  }
  const back = backIn(promotion);
  const isEnded = back.length === 0 || (isByNotice(promotion) && data.notice?.text.endsWith('.'));
  return [bold(stateWords(view)), ...more(promotion), ...(isEnded ? [] : ['.']), ...back];
}

function more({ state, data, createdAt }: Promotion): Inline[] {
  const { closedAt, notice, gates = [], usual, rollback } = data;
  const reason: Inline[] = notice ? [': ', line(notice.text.replace(SAID, ''), MOST)] : [];
  if (!isOpen(state)) {
    const took =
      closedAt === undefined
        ? []
        : [' ', at(closedAt), `, ${durationInWords(closedAt - createdAt)} after the start`];
    return [...took, ...(state === 'failed' ? reason : [])];
  }
  if (isByNotice({ data })) return reason;
  const started = data.steps?.find(({ status }) => status === 'running')?.startedAt;
  const since: Inline[] = started === undefined ? [] : [' since ', at(started, 'time')];
  const usually = (ms: number | undefined) => (ms === undefined ? '' : `, usually ${durationInWords(ms)}`);
  switch (state) {
    case 'awaiting-approval':
      return data.expiresAt === undefined ? [] : [', expires ', at(data.expiresAt)];
    case 'blocked': {
      const inTheWay = gates.filter(({ verdict }) => verdict !== 'passed' && verdict !== 'overridden');
      const names = inTheWay.map(({ title }) => title).join(', ');
      return names === '' || data.decision !== undefined ? [] : [' by ', line(names, MOST)];
    }
    case 'deploying':
      return [...since, usually(usual?.deployMs)];
    case 'rolling-back':
      return rollback === undefined
        ? []
        : [` to ${rollback.to.version} since `, at(rollback.startedAt, 'time'), usually(usual?.rollbackMs)];
    default:
      return [];
  }
}

/** ` A rollback takes about 40 s.`, where that is one of the things to press. */
function backIn(promotion: Promotion): Inline[] {
  const { decision, monitor } = promotion.data;
  const verdict = promotion.state === 'monitoring' ? monitor?.judgement.verdict : undefined;
  const isAsked = decision !== undefined || verdict === 'warning' || verdict === 'critical';
  const takes = rollbackTakesMs(promotion.data);
  if (!isAsked || takes === null || !actionsFor(promotion).includes(ACTION.rollback)) return [];
  return [` A rollback takes about ${durationInWords(takes)}.`];
}

/** `30 % of requests fail since 1.3.0, before: 0 %.` */
function inNumbers({ metric, unit, now, baseline, reason }: MetricFinding, since: string): string {
  const figure = unit === 'ratio' ? percent : milliseconds;
  if (now === undefined || unit === 'count') return `${metric}: ${reason}`;
  const before = baseline === undefined ? 'unknown' : figure(baseline);
  const what = metric === 'error rate' ? `${figure(now)} of requests fail` : `${metric} is ${figure(now)}`;
  return `${what} since ${since}, before: ${before}.`;
}
