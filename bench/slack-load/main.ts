import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type AckTimes, measureAcks } from './acks.ts';
import { measureCards } from './cards.ts';

// How soon commands are acknowledged when fifty come at once, beside a bare Bolt app; and how far the cards of many open
// promotions are behind what is stored, within Slack's limits. Exits 1 when a goal is missed.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    promotions: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '90' },
    only: { type: 'string' },
  },
});

function at({ ms }: AckTimes, share: number): number {
  return Math.round(ms[Math.ceil(ms.length * share) - 1] ?? 0);
}

function held(isHeld: boolean): string {
  if (!isHeld) process.exitCode = 1;
  return isHeld ? 'held' : 'missed';
}

const lines = [`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}.`];
if (values.only !== 'cards') {
  lines.push('', '| acknowledged after, ms | median | p99 | worst | goal |', '|---|---:|---:|---:|---|');
  for (const transport of ['socket', 'HTTP'] as const) {
    const [bolt, slipway] = await measureAcks(transport, Number(values.rounds));
    if (!bolt || !slipway) continue;
    const most = Math.min(100, 2 * at(bolt, 0.99));
    for (const one of [bolt, slipway]) {
      const goal = one === slipway ? `p99 ≤ ${most}: ${held(at(one, 0.99) <= most)}` : '';
      lines.push(`| ${one.who} | ${at(one, 0.5)} | ${at(one, 0.99)} | ${at(one, 1)} | ${goal} |`);
    }
  }
}
if (values.only !== 'acks') {
  const cards = await measureCards(Number(values.promotions), Number(values.seconds));
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  lines.push(
    '',
    `| ${values.promotions} open promotions | measured | goal |`,
    '|---|---:|---|',
    `| answers 429 | ${cards.refused} | none: ${held(cards.refused === 0)} |`,
    `| cards that wait for people, and alarms: furthest behind | ${seconds(cards.people)} | ≤ 5 s: ${held(cards.people <= 5_000)} |`,
    `| other cards: furthest behind | ${seconds(cards.others)} | ≤ 60 s: ${held(cards.others <= 60_000)} |`,
    `| changes, updates of cards, messages | ${cards.changes}, ${cards.updates}, ${cards.posts} | |`,
  );
}
process.stderr.write('\r                                        \r');
console.log(lines.join('\n'));
