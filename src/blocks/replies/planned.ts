import type { Button } from '@slack/types';
import { isOpen, type Promotion } from '../../domain/promotion/promotion.ts';
import {
  notStarted,
  type PlannedService,
  REMIND_MS,
  type Sequence,
  type SequenceEnd,
  type ValidatedBuild,
} from '../../domain/schedule/sequence.ts';
import { cancelPlannedDialog } from '../card/dialogs.ts';
import { type ButtonPlace, buttonFor } from '../kit/button-value.ts';
import { ACTION, actionId } from '../kit/ids.ts';
import { STATE } from '../kit/labels.ts';
import { LIMITS } from '../kit/limits.ts';
import {
  at,
  bold,
  bullets,
  buttons as buttonRow,
  code,
  type Inline,
  line,
  type Message,
  para,
  person,
  plain,
  rich,
  words,
} from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';
import { answer } from './answer.ts';
import { besides, withPeople } from './refusal.ts';

type Promotions = ReadonlyMap<string, Promotion>;

const MOST_PLANS = 20;
const MOST_BUTTONS = 10;
const IN_ORDER = 'Each starts when the one before is shipped and its watch is over.';

/** The message in the channel about what somebody planned: how far it is, and a button to cancel what is left. */
export function plannedLine(sequence: Sequence, promotions: Promotions): Message {
  const { services, started, end, by } = sequence;
  const isMany = services.length > 1;
  const head: Inline[] = ['🗓️ ', person(by), ' ships ', ...namesOf(services), ...whenOf(sequence), '.'];
  const lines = services.map((one, index) => serviceLine(one, index < started, sequence, promotions));
  const row = cancelButton(sequence, 'offer');
  return message([
    rich(
      para(...head, ...(isMany && end === undefined ? [` ${IN_ORDER}`] : [])),
      ...(isMany || started > 0 ? [bullets(lines)] : []),
      ...(end === undefined || end.kind === 'done' ? [] : [para(...endInWords(sequence, end))]),
    ),
    ...(row.length > 0 ? [buttonRow(row, 'planned')] : []),
  ]);
}

/** Tells whoever planned it what happens when. `frozen`: what is in force at that time by the config, as things are. */
export function plannedAnswer(sequence: Sequence, frozen: string | null = null): Message {
  const { services, at: time, afterFreeze, createdAt } = sequence;
  const isLater = time !== undefined || afterFreeze === true;
  const isReminded = time !== undefined && time - createdAt >= 2 * REMIND_MS;
  const head: Inline[] = isLater
    ? ['🗓️ Planned: ', ...namesOf(services), ...whenOf(sequence), '.']
    : [
        '🚢 ',
        ...namesOf(services.slice(0, 1)),
        ' starts now: its card is in the channel. Then ',
        ...namesOf(services.slice(1)),
        '.',
      ];
  const order: Inline[] = services.length > 1 ? [` ${IN_ORDER}`] : [];
  const later =
    'At that time it starts like a /ship-prod of yours: rights, locks and gates are checked then, and people approve then.';
  const more = isLater ? [[isReminded ? `${later} You are reminded ten minutes before.` : later]] : [];
  const freeze: Inline[][] =
    frozen === null
      ? []
      : [['⚠️ It would not start at that time: ', line(frozen, 500), '. Cancel this and plan a later time.']];
  return answer([...head, ...order], [...freeze, ...more], cancelButton(sequence, 'command'));
}

/** `/ship-prod schedule`: what is planned, each with a button. */
export function plannedList(sequences: readonly Sequence[]): Message {
  if (sequences.length === 0)
    return answer(
      ['Nothing is planned.'],
      [['To plan something: ', code('/ship-prod schedule shop tomorrow 9:00')]],
    );
  return message([
    rich(
      para(bold('What is planned')),
      bullets(sequences.slice(0, MOST_PLANS).map(plannedInWords)),
      ...(sequences.length > MOST_BUTTONS
        ? [para('Those without a button: ', code('/ship-prod schedule cancel SERVICE'), '.')]
        : []),
      ...(sequences.length > MOST_PLANS
        ? [para(`There are ${sequences.length - MOST_PLANS} more, which begin later.`)]
        : []),
    ),
    buttonRow(plannedButtons(sequences, 'command'), 'planned'),
  ]);
}

/** One line of a list. */
export function plannedInWords(sequence: Sequence): readonly Inline[] {
  const left = notStarted(sequence);
  const running = sequence.services[sequence.started - 1];
  const how: Inline[] =
    running === undefined ? whenOf(sequence) : [', after ', bold(running.service, 100), ' is shipped'];
  return ['🗓️ ', ...namesOf(left), ...how, ', by ', person(sequence.by)];
}

/** A button to cancel each of the first ones, named by its services. */
export function plannedButtons(sequences: readonly Sequence[], via: ButtonPlace): Button[] {
  return sequences.slice(0, MOST_BUTTONS).flatMap((one) => {
    const names = notStarted(one).map(({ service }) => service);
    return cancelButton(one, via).map((button) => ({
      ...button,
      action_id: actionId(ACTION.cancelPlanned, one.id),
      text: plain(`Cancel ${names.join(', ')}`, LIMITS.buttonText),
    }));
  });
}

export function cancelledAnswer({ services, started }: Sequence): Message {
  const running = services[started - 1];
  return answer([
    'Cancelled: ',
    ...namesOf(services.slice(started)),
    ' will not be started.',
    ...(running ? [' What was started before goes on: ', bold(running.service, 100), '.'] : []),
  ]);
}

/** Some minutes before it begins, to whoever planned it. */
export function plannedReminder(sequence: Sequence, time: number, inTheWay: readonly string[]): Message {
  const more: Inline[][] =
    inTheWay.length === 0
      ? []
      : [['⚠️ As things are it would not start: ', line(inTheWay.join('; '), 500), '.']];
  return answer(
    ['⏰ ', ...namesOf(sequence.services), ' starts at ', at(time, 'time'), ', as you planned.'],
    more,
    cancelButton(sequence, 'command'),
  );
}

/** Staging has validated another build since somebody planned it. */
export function plannedSuperseded({ service, seen, taken }: PlannedService): Message {
  return answer([
    '🔁 ',
    bold(service, 100),
    ': staging has validated another build since you planned this. ',
    ...takenInWords(seen, taken),
  ]);
}

/** Why nothing more of it is started, to whoever planned it. */
export function plannedEnd(sequence: Sequence, end: SequenceEnd): Message {
  const left = notStarted(sequence).map(({ service }) => service);
  const again = ['To start it now: ', code(`/ship-prod ${left.join(' ')}`, 300)];
  const retry = left.length === 0 || end.kind === 'cancelled' ? [] : [again];
  const why = end.kind === 'refused' ? besides(end.hint, end.facts ?? {}) : [];
  return answer(endInWords(sequence, end), [...why, ...retry]);
}

function endInWords(sequence: Sequence, end: SequenceEnd): Inline[] {
  const left = notStarted(sequence);
  const are: Inline[] =
    left.length === 0 ? [] : [...namesOf(left), left.length === 1 ? ' is not started.' : ' are not started.'];
  switch (end.kind) {
    case 'done':
      return ['✅ Everything is shipped.'];
    case 'stopped':
      return [
        '✋ ',
        bold(end.service, 100),
        end.state === 'hotfix'
          ? ' needs a hotfix'
          : ` was not shipped (${STATE[end.state].words.toLowerCase()})`,
        ...(are.length === 0 ? ['.'] : [', so ', ...are]),
      ];
    case 'refused':
      return [
        '✋ ',
        bold(end.service, 100),
        ' could not be started: ',
        ...withPeople(end.text, 1_000, end.facts ?? {}),
        ...(left.length > 1 ? [' ', ...are] : []),
      ];
    case 'missed':
      return [
        '✋ ',
        ...are,
        ...(end.away === undefined
          ? [' Slipway was not running when it was due']
          : [' When it was due, ', words(end.away, 100), ' did not answer']),
        ...(sequence.at === undefined ? [] : [' (', at(sequence.at), ')']),
        end.away === undefined ? ', and does not start it' : ', and Slipway does not start it',
        ' later by itself.',
      ];
    case 'cancelled':
      return ['🚫 ', person(end.by), ' cancelled this plan: ', ...are];
  }
}

function serviceLine(
  { service, promotionId, seen, taken }: PlannedService,
  isStarted: boolean,
  { end }: Sequence,
  promotions: Promotions,
): readonly Inline[] {
  const name = bold(service, 100);
  if (!isStarted) return end === undefined ? ['⏳ ', name, ': waits'] : ['➖ ', name, ': not started'];
  const promotion = promotions.get(promotionId);
  const build: Inline[] = taken ? ['. ', ...takenInWords(seen, taken)] : [];
  if (promotion === undefined || isOpen(promotion.state)) return ['▶️ ', name, ': under way', ...build];
  const { sign, words: state } = STATE[promotion.state];
  return [`${sign} `, name, `: ${state.toLowerCase()}`, ...build];
}

function takenInWords(seen: ValidatedBuild | undefined, taken: ValidatedBuild | undefined): Inline[] {
  if (!seen || !taken) return [];
  const build = ({ feature, commit }: ValidatedBuild): Inline[] => [
    code(feature, 100),
    ' at ',
    code(commit.slice(0, 7), 10),
  ];
  return ['It takes ', ...build(taken), ', not ', ...build(seen), '.'];
}

function namesOf(services: readonly PlannedService[]): Inline[] {
  return services.flatMap(({ service }, index) => [...(index === 0 ? [] : [', then ']), bold(service, 100)]);
}

/** `, tomorrow 9:00 (given in Europe/Berlin time)`; empty where it starts at once. */
function whenOf({ at: time, afterFreeze, zone }: Sequence): Inline[] {
  if (afterFreeze) return time === undefined ? [' after the freeze'] : [' after the freeze, ', at(time)];
  if (time === undefined) return [];
  return [', ', at(time), ...(zone ? [` (given in ${zone} time)`] : [])];
}

function cancelButton(sequence: Sequence, via: ButtonPlace): Button[] {
  const left = notStarted(sequence);
  const [first] = left;
  if (sequence.end !== undefined || first === undefined) return [];
  const name = sequence.started > 0 ? 'Cancel the rest' : 'Cancel';
  const value = { sequence: sequence.id, service: first.service.slice(0, 200), via };
  const confirm = cancelPlannedDialog(left.map(({ service }) => service));
  return [buttonFor(ACTION.cancelPlanned, name, value, { confirm })];
}
