import { bold, bullets, line, person } from '../kit/rich-text.ts';
import { content, type NoticeMessage, type NoticeOf } from './content.ts';

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
