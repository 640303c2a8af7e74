import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/adapters/checks/port.ts';
import type { Release } from '../../src/domain/release/release.ts';

export const EXPECTED: Release = {
  version: '1.3.0',
  tag: 'v1.3.0',
  commit: 'c0ffee1234567890c0ffee1234567890c0ffee12',
};

/** How to bring production into a state in which the check must say what is asked. */
export interface CheckDescriptor {
  readonly name: string;
  readonly well: () => Promise<Check>;
  readonly unwell: () => Promise<Check>;
  /** Nothing answers at all. */
  readonly gone: () => Promise<Check>;
}

/** What every check promises. */
export function checkContract(descriptor: CheckDescriptor): void {
  describe(`${descriptor.name} keeps the contract of a check`, () => {
    const look = async (check: Check) => check.attempt(EXPECTED, AbortSignal.timeout(10_000));

    test('has a name and a kind', async () => {
      const check = await descriptor.well();
      expect(check.name).not.toBe('');
      expect(check.kind).toMatch(/^[a-z][a-z-]*$/);
    });

    test('says that a good production is good, in words', async () => {
      const attempt = await look(await descriptor.well());
      expect(attempt).toMatchObject({ ok: true, detail: expect.stringMatching(/\w/) });
    });

    test('says what is wrong', async () => {
      const attempt = await look(await descriptor.unwell());
      expect(attempt).toMatchObject({ ok: false, detail: expect.stringMatching(/\w/) });
    });

    test('takes silence for an answer, not for an exception', async () => {
      const attempt = await look(await descriptor.gone());
      expect(attempt).toMatchObject({ ok: false, detail: expect.stringMatching(/\w/) });
    });

    test('gives up at once when it is told to', async () => {
      const check = await descriptor.well();
      const started = performance.now();
      expect(await check.attempt(EXPECTED, AbortSignal.abort())).toMatchObject({ ok: false });
      expect(performance.now() - started).toBeLessThan(1_000);
    });

    test('answers in plain JSON', async () => {
      const attempt = await look(await descriptor.unwell());
      expect(JSON.parse(JSON.stringify(attempt))).toEqual(attempt);
    });
  });
}
