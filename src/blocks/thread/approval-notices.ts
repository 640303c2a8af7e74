import { clearAt, letsGoOn } from '../../domain/gates/gate.ts';
import { button } from '../card/buttons.ts';
import { alike, gateSummary, why } from '../card/gates.ts';
import { offerButtons } from '../card/offer-buttons.ts';
import { approversInline, hotfixInline, people, requester } from '../card/people.ts';
import { alsoShipsPart } from '../card/plan.ts';
import { ACTION } from '../kit/ids.ts';
import { count, STATE, VERDICT } from '../kit/labels.ts';
import {
  andMore,
  at,
  bold,
  bullets,
  code,
  type Inline,
  italic,
  line,
  linked,
  listOf,
  para,
  person,
  words,
} from '../kit/rich-text.ts';
import { wishInWords } from '../replies/start.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';

export function started(
  { by, token, note, hotfix, rights = [] }: NoticeOf<'started'>,
  { service }: About,
): NoticeMessage {
  const mends: Inline[] = hotfix ? [' as a ', ...hotfixInline(hotfix)] : [];
  const what = [
    ...requester({ by, token }),
    ' wants to ship ',
    bold(service.name),
    ...mends,
    '. The gates are being checked.',
  ];
  return content(what, {
    more: [
      ...(note ? [para('Note: ', italic(note, 1_000))] : []),
      ...(rights.length > 0
        ? [para('This is the first time. Who may do what:'), bullets(rights.map(approversInline))]
        : []),
    ],
  });
}

export function blocked({ gates, voided = [] }: NoticeOf<'blocked'>): NoticeMessage {
  const open = gates.filter((gate) => !letsGoOn(gate));
  const onlyPending = open.length > 0 && open.every((gate) => gate.verdict === 'pending');
  const head = onlyPending ? '⏳ Waiting for gates' : '⛔ Blocked';
  const groups = alike(open, ({ reason, remedy }) => `${reason} ${remedy ?? ''}`);
  const items = groups
    .slice(0, 12)
    .map(({ titles, gate }): readonly Inline[] => [
      `${VERDICT[gate.verdict].sign} `,
      bold(titles, 80 * 4),
      ` ${VERDICT[gate.verdict].words}: `,
      ...why(gate, 200),
      ...(gate.remedy ? [' → ', line(gate.remedy, 200)] : []),
      ...(gate.link ? [' ', linked(gate.link, 'open', 20)] : []),
    ]);
  return content(
    [bold(`${head}: ${open.length === 0 ? gateSummary(gates) : count(open.length, 'gate')} not passed`)],
    {
      more: [
        ...listOf(items),
        ...andMore(groups.length - items.length, 'more', ': see the card.'),
        ...(voided.length > 0
          ? [
              para(
                voided.length === 1 ? 'The approval of ' : 'The approvals of ',
                ...people(voided),
                voided.length === 1 ? ' no longer counts' : ' no longer count',
                ': people are asked again when this is out of the way.',
              ),
            ]
          : []),
        ...(onlyPending || clearAt(open) !== null
          ? [para('Slipway looks again by itself.')]
          : [para('When that is done, press Re-check on the card.')]),
      ],
    },
  );
}

export function ready(
  { approvals, approvers, expiresAt }: NoticeOf<'ready'>,
  { promotion }: About,
): NoticeMessage {
  const { plan } = promotion.data;
  const head: readonly Inline[] = [
    bold(`🔔 ${count(approvals, 'approval')} needed`),
    ` to ship ${promotion.service}${plan ? ` ${plan.version.next}` : ''}, from `,
    ...approversInline(approvers),
    '. Read the card above and press Approve there. Open until ',
    at(expiresAt),
    '.',
  ];
  return content(head, { more: plan ? alsoShipsPart(plan) : [] });
}

export function approved({ by, missing }: NoticeOf<'approved'>): NoticeMessage {
  const left =
    missing === 0 ? ' No more approvals are needed.' : ` ${count(missing ?? 0, 'approval')} still missing.`;
  return content(['👍 ', person(by), ` approved.${missing === undefined ? '' : left}`]);
}

export function withdrawn({ by, missing }: NoticeOf<'withdrawn'>): NoticeMessage {
  const left = missing === undefined ? '' : ` ${count(missing, 'approval')} missing now.`;
  return content(['↩️ ', person(by), ` took the approval back.${left}`]);
}

export function declined({ by, reason }: NoticeOf<'declined'>): NoticeMessage {
  return content(['👎 ', person(by), ' declined', ...(reason ? [': ', words(reason, 1_000)] : ['.'])]);
}

export function unproven({ by, decision }: NoticeOf<'unproven'>): NoticeMessage {
  return content(
    [
      bold(`🚨 ${decision === 'approve' ? 'An approval' : 'A decline'} in the name of`),
      ' ',
      person(by),
      ' ',
      bold('does not count.'),
    ],
    {
      more: [
        para(
          'It is in the database, but the audit log has no signed entry for it: somebody wrote it there past Slipway. Whoever may approve can do so with the button. Please tell those who run Slipway: ',
          code('slipway audit verify', 40),
          ' shows what else was changed.',
        ),
      ],
      broadcast: true,
    },
  );
}

export function voided({ changes, isWithdrawn }: NoticeOf<'voided'>): NoticeMessage {
  const items = changes.slice(0, 12).map((change): readonly Inline[] => [line(change, 300)]);
  const what = isWithdrawn ? 'What people approved no longer holds' : 'What would be shipped has changed';
  return content([bold(`⚠️ ${what}. Approvals so far do not count.`)], { more: listOf(items) });
}

export function closed({ state, by, reason }: NoticeOf<'closed'>, { promotion }: About): NoticeMessage {
  const { sign, words: name } = STATE[state];
  const again =
    promotion.state === 'cancelled' || promotion.state === 'expired' || promotion.state === 'failed';
  return content(
    [
      bold(`${sign} ${name}`),
      ...(by === null ? [] : [' by ', person(by)]),
      ...(reason ? [': ', words(reason, 1_500)] : ['.']),
    ],
    {
      buttons: again ? [button(ACTION.start, promotion, { via: 'thread' })] : [],
      broadcast: state === 'failed',
    },
  );
}

/** As earlier versions said it in the thread: today it is a direct message. */
export function nextInQueue({ user, service, wish }: NoticeOf<'next-in-queue'>): NoticeMessage {
  return content([person(user), ', ', bold(service), ' is free now and you are next in line.'], {
    more: wish ? [para('You wanted to ship ', words(wishInWords(wish)), '.')] : [],
    buttons: offerButtons({ ...wish, service }),
  });
}
