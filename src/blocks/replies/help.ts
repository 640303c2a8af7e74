import type { CommandDeclaration } from '../../domain/commands/declaration.ts';
import { COMMANDS } from '../../domain/commands/table.ts';
import { bullets, code, type Inline, type Message, para, rich } from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';

type Help = Pick<CommandDeclaration, 'usage' | 'meaning'>;

/** What is typed without a word of its own. */
const BARE: readonly Help[] = [
  { usage: '', meaning: 'choose what to ship in a form' },
  {
    usage: 'shop',
    meaning:
      'ship shop; add minor, major or patch to choose the step, --feature 014-checkout to choose the feature, --note "why"',
  },
  {
    usage: 'shop api',
    meaning: 'ship several: each starts when the one before is shipped and its watch is over',
  },
];

/** `/ship-prod help` */
export function help(commands: readonly Help[] = COMMANDS): Message {
  const lines = [...BARE, ...commands].flatMap(({ usage, meaning }): (readonly Inline[])[] =>
    meaning === null ? [] : [[code(`/ship-prod ${usage}`.trim()), ` ${meaning}`]],
  );
  return message([
    rich(
      para(
        'Slipway ships what was validated on staging to production: gates, version, approvals, release, deploy, health checks, and a watch.',
      ),
      bullets(lines),
      para(
        'In the thread of a promotion you can write ',
        code('status'),
        ', ',
        code('rollback'),
        ', ',
        code('extend 15m'),
        ' or ',
        code('hold'),
        '; or mention me: “ship shop to prod”. Words never act by themselves: you are asked to confirm.',
      ),
    ),
  ]);
}
