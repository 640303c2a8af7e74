import { expect, test } from 'vitest';
import { FreshCalls } from '../../../src/adapters/slack/fresh-calls.ts';

/** Calls that end when they are told to. */
function calls() {
  const open: { readonly answer: (value: string) => void; readonly fail: (error: Error) => void }[] = [];
  const fresh = new FreshCalls(() => 0);
  return {
    open,
    ask: (question = 'who') =>
      fresh.ask(
        question,
        () => new Promise<string>((resolve, reject) => open.push({ answer: resolve, fail: reject })),
      ),
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('whoever asks while a call is under way gets the answer of the next one, which all of them share', async () => {
  const { open, ask } = calls();
  const first = ask();
  await settled();
  const others = Array.from({ length: 199 }, () => ask());
  expect(open).toHaveLength(1);
  open[0]?.answer('member');
  expect(await first).toBe('member');
  await settled();
  expect(open).toHaveLength(2);
  open[1]?.answer('deactivated');
  expect(new Set(await Promise.all(others))).toEqual(new Set(['deactivated']));
});

test('nothing is kept, and another question does not wait', async () => {
  const { open, ask } = calls();
  const first = ask();
  const other = ask('which');
  await settled();
  expect(open).toHaveLength(2);
  open[0]?.answer('a');
  open[1]?.answer('b');
  expect(await Promise.all([first, other])).toEqual(['a', 'b']);
  await settled();
  void ask();
  await settled();
  expect(open).toHaveLength(3);
});

test('a call that fails fails for those who asked for it, and the next one is made all the same', async () => {
  const { open, ask } = calls();
  const first = ask();
  await settled();
  const second = ask();
  open[0]?.fail(new Error('silence'));
  await expect(first).rejects.toThrow('silence');
  await settled();
  open[1]?.answer('member');
  expect(await second).toBe('member');
});

test('what is asked in one breath is one call, and each call of a kind is counted for a minute', async () => {
  let now = 0;
  const fresh = new FreshCalls(() => now);
  const made: string[] = [];
  const ask = (question: string) =>
    fresh.ask(question, async () => {
      made.push(question);
      return made.length;
    });
  expect(await Promise.all([ask('user U1'), ask('user U1'), ask('user U2')])).toEqual([1, 1, 2]);
  expect(made).toEqual(['user U1', 'user U2']);
  expect([fresh.made('user'), fresh.made('groups')]).toEqual([2, 0]);
  now = 60_001;
  expect(fresh.made('user')).toBe(0);
});
