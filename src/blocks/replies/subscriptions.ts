import { EVERY_SERVICE } from '../../domain/habits/habits.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import {
  andMore,
  at,
  bold,
  bullets,
  code,
  type Inline,
  line,
  linked,
  type Message,
  para,
  person,
  rich,
} from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';
import { answer } from './answer.ts';

const MOST_COMMITS = 5;

export function subscribed(service: string, email: string | null): Message {
  return answer(
    [
      '🔔 You get a direct message when your commits of ',
      ...serviceInWords(service),
      ' are in production, and when they are rolled back.',
    ],
    [
      [
        email === null ? 'Yours are those that slipway.yaml names you for.' : 'Yours are those by ',
        ...(email === null ? [] : [code(email, 200), '.']),
        ' To stop: ',
        code('/ship-prod unsubscribe'),
      ],
    ],
  );
}

/** `hearsOfAll`: they have subscribed to every service, and stay so. */
export function unsubscribed(service: string | undefined, hearsOfAll = false): Message {
  if (service !== undefined && hearsOfAll) {
    return answer([
      'You are subscribed to all services, so you still get direct messages about your commits of ',
      ...serviceInWords(service),
      '. To get none of any service: ',
      code('/ship-prod unsubscribe'),
    ]);
  }
  return answer([
    '🔕 No more direct messages about your commits of ',
    ...serviceInWords(service ?? EVERY_SERVICE),
    '.',
  ]);
}

/** ` shop, api`, or any service. */
export function serviceInWords(service: string): Inline[] {
  return service === EVERY_SERVICE ? ['any service'] : [bold(service, 100)];
}

/** To somebody whose commits are in production, or were taken back. Outside text is raw. */
export function authorNews(
  kind: 'live' | 'back',
  { service, state, data }: Promotion,
  commits: readonly { readonly subject: string; readonly url?: string | undefined }[],
): Message {
  const yours = commits.length === 1 ? 'Your commit' : `Your ${commits.length} commits`;
  const are = commits.length === 1 ? 'is' : 'are';
  const release = bold(`${service} ${data.release?.version ?? ''}`.trim(), 150);
  const until = state === 'monitoring' && data.monitor ? data.monitor.endsAt : null;
  const { rollback } = data;
  const head: Inline[] =
    kind === 'live'
      ? [
          `🎉 ${yours} ${are} in production with `,
          release,
          '.',
          ...(until === null ? [] : [' It is watched until ', at(until, 'time'), '.']),
        ]
      : [
          `↩️ ${yours} ${are} not in production any more: `,
          release,
          ' was rolled back',
          ...(rollback ? [' to ', bold(rollback.to.version, 60)] : []),
          ...(rollback?.by ? [' by ', person(rollback.by)] : []),
          ...(rollback ? [' (', line(rollback.reason, 300), ')'] : []),
          '.',
        ];
  return message([
    rich(
      para(...head),
      bullets(commits.slice(0, MOST_COMMITS).map(({ subject, url }) => [linked(url, subject, 150)])),
      ...andMore(commits.length - MOST_COMMITS),
      para('To get no more of these: ', code('/ship-prod unsubscribe')),
    ),
  ]);
}
