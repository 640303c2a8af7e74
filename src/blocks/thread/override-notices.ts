import { button } from '../card/buttons.ts';
import { approversInline, people } from '../card/people.ts';
import { ACTION } from '../kit/ids.ts';
import { at, bold, bullets, type Inline, line, para, person, quote, words } from '../kit/rich-text.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';

/** Also shown in the channel: who overrode what, why, and who has to acknowledge it. */
export function overridden(
  { override, approvers }: NoticeOf<'override'>,
  { promotion, service }: About,
): NoticeMessage {
  return content(
    [bold('🚨 Glass broken'), ' by ', person(override.by), ' to ship ', bold(service.name), ' in spite of:'],
    {
      more: [
        bullets(override.over.slice(0, 6).map((one): readonly Inline[] => [line(one, 300)])),
        quote(words(override.reason, 1_500)),
        para(
          bold('A second person has to acknowledge this'),
          ' by ',
          at(override.due),
          ': ',
          ...approversInline(approvers),
          ', but not whoever broke it. That does not hold the release back; approvals and all other gates do.',
        ),
      ],
      buttons: [button(ACTION.acknowledge, promotion, { via: 'thread' })],
      broadcast: true,
    },
  );
}

export function debtReminder(
  { debt, isOverdue, approvers }: NoticeOf<'debt-reminder'>,
  { promotion }: About,
): NoticeMessage {
  const head: readonly Inline[] = isOverdue
    ? [bold('🚨 Overdue'), ': nobody has acknowledged that ']
    : ['⏰ Still to be acknowledged: '];
  return content(
    [...head, person(debt.by), ' broke the glass ', at(debt.at), ': ', words(debt.reason, 500)],
    {
      more: [
        para(
          'By a second person: ',
          ...approversInline(approvers),
          isOverdue ? '; it was due ' : '; it is due ',
          at(debt.due),
          '.',
        ),
      ],
      buttons: [button(ACTION.acknowledge, promotion, { via: 'thread' })],
      broadcast: isOverdue,
    },
  );
}

export function debtAcknowledged({ by, owners }: NoticeOf<'debt-acknowledged'>): NoticeMessage {
  return content(['✅ ', person(by), ' acknowledged that the glass was broken by ', ...people(owners), '.']);
}

export function lockStolen({ by, from, reason }: NoticeOf<'lock-stolen'>, { service }: About): NoticeMessage {
  return content([
    '🔒 ',
    person(by),
    ' took the lock of ',
    bold(service.name),
    ' over from ',
    person(from),
    ': ',
    words(reason, 1_000),
  ]);
}

/** Also shown in the channel, where nothing else is said of it. */
export function unlocked({ by, reason }: NoticeOf<'unlocked'>, { service }: About): NoticeMessage {
  const why: Inline[] = reason === '' ? ['.'] : [': ', words(reason, 1_000)];
  return content(['🔓 ', person(by), ' unlocked ', bold(service.name), ...why], { broadcast: true });
}

export function riskAccepted({ by, risk, what }: NoticeOf<'risk-accepted'>): NoticeMessage {
  if (risk === 'lower-version') {
    return content([
      '⚠️ ',
      person(by),
      ' confirmed ',
      bold(what[0] ?? 'a lower version', 40),
      ', although the commits ask for more.',
    ]);
  }
  return content(['⚠️ ', person(by), ' goes on although checks failed:'], {
    more: [bullets(what.map((sentence) => [line(sentence, 300)]))],
  });
}
