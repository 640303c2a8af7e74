import { describe, expect, test } from 'vitest';
import { printedLine } from '../../../src/adapters/logs/printed-line.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { logs } from '../../support/all-adapters.ts';

const FROM = Date.parse('2030-01-07T10:00:00Z');
const RANGE = { fromMs: FROM, toMs: FROM + 60_000, most: 2_000 };

/** A program in one line of JavaScript; its arguments are argv[1] and on. */
const open = (script: string, settings: Record<string, unknown> = {}, more: readonly string[] = []) =>
  logs.open(
    logs.settings.parse({
      use: 'command',
      name: 'Journal',
      run: [process.execPath, '-e', script, ...more],
      ...settings,
    }),
    adapterContext({ env: { LOG_KEY: 'command-secret-1' }, now: () => FROM + 60_000 }),
  );

describe('a command', () => {
  test('prints lines with times, without them, or as JSON', async () => {
    const script = `
      const [from, to, service] = process.argv.slice(1);
      if (process.env.SLIPWAY_FROM !== from || process.env.SLIPWAY_SERVICE !== service) process.exit(3);
      console.log('2030-01-07T10:00:05Z ERROR no stock');
      console.log(JSON.stringify({ at: to, message: 'too late' }));
      console.log(JSON.stringify({ at: ${FROM + 7_000}, message: 'no price' }));
      console.log('');
      console.log('a bare line of ' + service);
      console.error('not counted');`;
    const read = await open(script, {}, ['{from}', '{to}', '{service}']).read(RANGE);
    expect(read).toEqual({
      lines: [
        { atMs: FROM + 5_000, text: 'ERROR no stock' },
        { atMs: FROM + 7_000, text: 'no price' },
        { atMs: FROM, text: 'a bare line of shop' },
      ],
      cut: false,
    });
  });

  test('is bounded, and says so', async () => {
    const { lines, cut } = await open('for (let i = 0; i < 5000; i++) console.log("line " + i)').read(RANGE);
    expect([lines.length, cut]).toEqual([1_000, true]);
  });

  test('that fails, hangs or is not there is no empty answer; what it says has no secret', async () => {
    const failed = await open('console.error("bad key " + process.env.LOG_KEY); process.exit(2)', {
      secrets: ['LOG_KEY'],
    })
      .read(RANGE)
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(Unavailable);
    expect(String(failed)).toContain('exit code 2: bad key ***');
    const hung = open('setInterval(() => {}, 1000)', { timeout: '200ms' }).read(RANGE);
    await expect(hung).rejects.toMatchObject({ reason: 'no answer within 200 ms, it was ended' });
    const gone = logs.open(
      logs.settings.parse({ use: 'command', run: ['./no-such-program'] }),
      adapterContext(),
    );
    await expect(gone.read(RANGE)).rejects.toMatchObject({ code: 'source-refused' });
  });

  test('may have no history', () => {
    expect(open('').forgets).toBeUndefined();
    expect(open('', { history: false }).forgets).toBe(true);
  });
});

test.each([
  ['2030-01-07T10:00:00Z no stock', FROM, 'no stock'],
  ['[2030-01-07 10:00:00,250] no stock', FROM + 250, 'no stock'],
  ['2030-01-07T11:00:00+01:00: no stock', FROM, 'no stock'],
  ['2030-99-07T11:00:00Z no stock', 7, 'no stock'],
  ['{"at":"2030-01-07T10:00:00Z","message":"no stock"}', FROM, 'no stock'],
  ['{"at":{},"message":"no stock"}', 7, 'no stock'],
  ['{"msg":"x"}', 7, '{"msg":"x"}'],
  ['2030-01-07T10:00:00Z', FROM, '2030-01-07T10:00:00Z'],
])('%j is of its time', (line, atMs, text) => {
  expect(printedLine(line, 7)).toEqual([{ atMs, text }]);
});
