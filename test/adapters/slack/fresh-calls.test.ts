import { expect, test } from 'vitest';
import { FreshCalls } from '../../../src/adapters/slack/fresh-calls.ts';

/** Calls that end when they are told to. */
function calls() {
  const open: { readonly answer: (value: string) => void; readonly fail: (error: Error) => void }[] = [];
  const fresh = new FreshCalls();
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
  expect(open).toHaveLength(2);
  open[0]?.answer('a');
  open[1]?.answer('b');
  expect(await Promise.all([first, other])).toEqual(['a', 'b']);
  await settled();
  void ask();
  expect(open).toHaveLength(3);
});

test('a call that fails fails for those who asked for it, and the next one is made all the same', async () => {
  const { open, ask } = calls();
  const first = ask();
  const second = ask();
  open[0]?.fail(new Error('silence'));
  await expect(first).rejects.toThrow('silence');
  await settled();
  open[1]?.answer('member');
  expect(await second).toBe('member');
});
