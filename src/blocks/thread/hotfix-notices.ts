import { fixInWords } from '../../domain/release/fix.ts';
import { button } from '../card/buttons.ts';
import { rollbackTarget } from '../card/plan.ts';
import { ACTION } from '../kit/ids.ts';
import { bold, code, type Inline, para, person, words } from '../kit/rich-text.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';

export function hotfixAnnounced(
  { by, fix }: NoticeOf<'hotfix-announced'>,
  { promotion, service }: About,
): NoticeMessage {
  const canGoBack = rollbackTarget(promotion) !== null && promotion.state === 'monitoring';
  const name = [service.name, promotion.data.release?.version].filter(Boolean).join(' ');
  const using: Inline[] = fix ? [', with ', code(fixInWords(fix), 120)] : [];
  return content(['🩹 ', person(by), ' prepares a hotfix of ', bold(name), ...using, '.'], {
    more: [
      para(
        'The window is held open until it ships or somebody rolls back. Staging has to validate the fix as usual; then press Ship the hotfix on the card.',
      ),
    ],
    buttons: canGoBack ? [button(ACTION.rollback, promotion, { via: 'thread' })] : [],
  });
}

export function hotfixWaits({ by, open }: NoticeOf<'hotfix-waits'>): NoticeMessage {
  return content([
    '⏳ The hotfix that ',
    person(by),
    ' asked for could not begin: another promotion',
    words(open === '' ? '' : ` (${open})`, 80),
    ' was faster. They are in line and hear when it is over.',
  ]);
}
