import { expect, test } from 'vitest';
import { type CiCheck, ciGate } from '../../../src/domain/gates/ci.ts';

const COMMIT = '1a2b3c4d'.repeat(5);
const check = (name: string, state: CiCheck['state'], word: string = state): CiCheck => ({
  name,
  state,
  word,
});
const verdict = (...checks: readonly CiCheck[]) => ciGate(checks, COMMIT, 'the candidate');

test('passes only when everything that counts has passed', () => {
  expect(verdict(check('build', 'passed'), check('test', 'passed'))).toMatchObject({
    verdict: 'passed',
    reason: '2 checks passed on the candidate.',
  });
});

test('one that failed outweighs those that still run', () => {
  const gate = verdict(check('build', 'passed'), check('test', 'pending', 'in progress'), {
    ...check('lint', 'failed', 'timed out'),
    url: 'https://ci.test/lint',
  });
  expect(gate).toMatchObject({
    verdict: 'failed',
    reason: '1 of 3 checks failed on the candidate: lint (timed out).',
    link: 'https://ci.test/lint',
  });
  expect(gate.remedy).toMatch(/re-check/);
});

test('running ones, and required ones of which nothing is heard, are waited for', () => {
  const gate = verdict(check('build', 'pending', 'queued'), check('audit', 'missing', 'not reported'));
  expect(gate).toMatchObject({
    verdict: 'pending',
    reason: '2 of 2 checks on the candidate have not finished: build (queued), audit (not reported).',
    remedy: 'Slipway looks again by itself.',
  });
});

test('silence is not consent', () => {
  expect(verdict()).toMatchObject({
    verdict: 'unknown',
    reason: 'No check has reported on 1a2b3c4.',
    remedy: expect.stringContaining('ci: none'),
  });
});

test('names five and counts the rest', () => {
  const many = Array.from({ length: 8 }, (_, at) => check(`c${at}`, 'failed', 'failure'));
  expect(verdict(...many).reason).toMatch(/^8 of 8 checks failed .*c4 \(failure\) and 3 more\.$/);
});

test('links only to the web', () => {
  expect(verdict({ ...check('odd', 'failed'), url: 'javascript:alert(1)' })).not.toHaveProperty('link');
});
