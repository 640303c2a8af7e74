import { undecided } from '../../domain/promotion/asking/undecided.ts';
import type { Notice } from '../../domain/promotion/notice.ts';
import { isOpen, type Promotion } from '../../domain/promotion/promotion.ts';
import { STATE } from '../kit/labels.ts';
import { at, type Inline, para, person, rich } from '../kit/rich-text.ts';
import { spoken } from '../kit/spoken.ts';
import type { Asked, NoticeMessage, NoticeOf } from './content.ts';

type Settling = (asked: Asked, promotion: Promotion, notice: never) => readonly Inline[] | null;

/** What a notice with buttons asks, by its kind; two of one question are answered by the same press. */
const QUESTIONS: Partial<Record<Notice['kind'], { readonly question: string; readonly settled: Settling }>> =
  {
    monitor: { question: 'production', settled: alarmSettled },
    'rollback-stopped': { question: 'production', settled: alarmSettled },
    'alarm-untaken': { question: 'production', settled: alarmSettled },
    health: { question: 'production', settled: healthSettled },
    undecided: { question: 'undecided', settled: takenOrDecided },
    'user-report': { question: 'production', settled: productionSettled },
    'hotfix-announced': { question: 'production', settled: productionSettled },
    'deploy-failed': { question: 'retry', settled: retrySettled },
    'release-refused': { question: 'retry', settled: retrySettled },
    'tag-missing': { question: 'retry', settled: retrySettled },
    'rollback-failed': { question: 'retry', settled: retrySettled },
    closed: { question: 'again', settled: startedLater },
    'next-in-queue': { question: 'queue', settled: startedLater },
    override: { question: 'debt', settled: debtSettled },
    'debt-reminder': { question: 'debt', settled: debtSettled },
  };

/** The question of a notice, or null when it asks nothing. */
export function questionOf({ kind }: Pick<Notice, 'kind'>): string | null {
  return QUESTIONS[kind]?.question ?? null;
}

/** The message with what became of its question in place of its buttons; as it is while that is open. */
export function withOutcome(
  message: NoticeMessage,
  notice: Notice,
  promotion: Promotion,
  asked: Asked,
): NoticeMessage {
  const outcome = outcomeOf(notice, promotion, asked);
  const { taken } = promotion.data.monitor?.alarm ?? {};
  const isTaken =
    questionOf(notice) === 'production' && taken !== undefined && promotion.state === 'monitoring';
  if (outcome === null && isTaken) {
    const row = message.blocks.findLastIndex(({ type }) => type === 'actions');
    // Where nothing can be pressed it comes last.
    const blocks = message.blocks.toSpliced(
      row < 0 ? message.blocks.length : row,
      0,
      rich(para(...by('🙋 Taken', taken.by, taken.at))),
    );
    return { ...message, blocks, text: spoken(blocks) };
  }
  if (outcome === null) return message;
  const blocks = [...message.blocks.filter(({ type }) => type !== 'actions'), rich(para(...outcome))];
  return { ...message, blocks, text: spoken(blocks) };
}

/** What a message has to press: the ids of its buttons; null for none. */
export function buttonsOf({ blocks }: Pick<NoticeMessage, 'blocks'>): string | null {
  const ids = blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.map((element) => element.action_id ?? '') : [],
  );
  return ids.length > 0 ? ids.join(' ') : null;
}

function outcomeOf(notice: Notice, promotion: Promotion, asked: Asked): readonly Inline[] | null {
  const settled = QUESTIONS[notice.kind]?.settled(asked, promotion, notice as never) ?? null;
  return settled ?? (asked.isRepeated ? ['⬇️ Asked again below.'] : null);
}

/** Slack user id, or null for Slipway itself; ms since the epoch. */
function by(what: string, who: string | null, when: number | undefined): readonly Inline[] {
  return [
    `${what} by `,
    who === null ? 'Slipway' : person(who),
    ...(when === undefined ? [] : [', ', at(when, 'time')]),
    '.',
  ];
}

function alarmSettled(asked: Asked, promotion: Promotion): readonly Inline[] | null {
  const { state, data, updatedAt } = promotion;
  if (data.stoppable !== undefined) return null;
  // An alarm is stored with what it asks.
  if (state === 'monitoring' && data.decision === undefined)
    return ['✅ Over since ', at(updatedAt, 'time'), '.'];
  return productionSettled(asked, promotion);
}

function healthSettled(asked: Asked, promotion: Promotion): readonly Inline[] | null {
  const { state, data } = promotion;
  if (data.stoppable !== undefined) return null;
  if (state === 'verifying' && data.decision === 'unhealthy') return null;
  if (state !== 'verifying' && state !== 'monitoring') return productionSettled(asked, promotion);
  return answered(asked) ?? ['🔁 Checked again.'];
}

/** Whether what is live stays. */
function productionSettled(asked: Asked, { state, data }: Promotion): readonly Inline[] | null {
  const { rollback, rollbackOrder, accepted, closedAt } = data;
  if (state === 'deploying' || state === 'verifying' || state === 'monitoring') return null;
  if (rollback) return by('↩️ Rolled back', rollback.by, rollback.startedAt);
  if (rollbackOrder) return by('↩️ Rolled back', rollbackOrder.by, undefined);
  if (accepted) return by('👌 Kept', accepted.by, closedAt);
  return answered(asked) ?? ended(state, closedAt);
}

function retrySettled(asked: Asked, { turn, state, data }: Promotion): readonly Inline[] | null {
  if (turn === asked.turn) return null;
  return answered(asked) ?? (isOpen(state) ? ['🔁 Tried again.'] : ended(state, data.closedAt));
}

function takenOrDecided(
  asked: Asked,
  promotion: Promotion,
  { since }: NoticeOf<'undecided'>,
): readonly Inline[] | null {
  const { state, data } = promotion;
  const waits = undecided(promotion);
  // It may be looked at again while it is asked, which is another turn of the same question.
  if (waits?.since === since) return waits.taken ? by('🙋 Taken', waits.taken.by, waits.taken.at) : null;
  return answered(asked) ?? (isOpen(state) ? ['🔁 Looked at again.'] : ended(state, data.closedAt));
}

function startedLater({ later }: Asked): readonly Inline[] | null {
  return later && by('🚢 Started', later.by, later.at);
}

function debtSettled(
  _asked: Asked,
  { data: { overrides = [] } }: Promotion,
  notice: NoticeOf<'override' | 'debt-reminder'>,
): readonly Inline[] | null {
  const { id } = notice.kind === 'override' ? notice.override : notice.debt;
  const { acknowledged } = overrides.find((one) => one.id === id) ?? {};
  return acknowledged ? by('✅ Acknowledged', acknowledged.by, acknowledged.at) : null;
}

const ANSWERS: Readonly<Record<string, string>> = {
  retry: '🔁 Tried again',
  rollback: '↩️ Rolled back',
  cancel: '🚫 Cancelled',
  accept: '👌 Kept',
};

function answered({ turn, answers }: Asked): readonly Inline[] | null {
  const answer = answers.find((one) => one.turn === turn);
  const what = answer && ANSWERS[answer.kind];
  return answer && what ? by(what, answer.by, answer.at) : null;
}

function ended(state: Promotion['state'], closedAt: number | undefined): readonly Inline[] {
  const { sign, words } = STATE[state];
  return [`${sign} ${words}`, ...(closedAt === undefined ? [] : [', ', at(closedAt, 'time')]), '.'];
}
