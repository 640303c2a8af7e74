import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/domain/refusal.ts';
import { parseCommand } from '../../src/handlers/parse-command.ts';
import { parseMention, parseThreadReply } from '../../src/handlers/parse-talk.ts';

const SERVICES = ['shop', 'billing'];
const refused = (text: string, services = SERVICES) => {
  try {
    parseCommand(text, services);
  } catch (error) {
    if (error instanceof Refusal) return [error.code, error.facts['suggestion']];
    throw error;
  }
  return null;
};

describe('/ship-prod', () => {
  test.each([
    ['', { kind: 'form' }],
    ['shop', { kind: 'start', wish: { service: 'shop', bump: 'auto' } }],
    ['shop MINOR', { kind: 'start', wish: { service: 'shop', bump: 'minor' } }],
    [
      'shop --feature 014-checkout',
      { kind: 'start', wish: { service: 'shop', bump: 'auto', feature: '014-checkout' } },
    ],
    [
      'shop --note="payday release" patch',
      { kind: 'start', wish: { service: 'shop', bump: 'patch', note: 'payday release' } },
    ],
    ['plan billing', { kind: 'plan', wish: { service: 'billing', bump: 'auto' } }],
    [
      'lock shop “database migration” 2h',
      { kind: 'lock', service: 'shop', reason: 'database migration', forMs: 7_200_000 },
    ],
    ['unlock shop', { kind: 'unlock', service: 'shop' }],
    ['lock shop mine --steal', { kind: 'lock', service: 'shop', reason: 'mine', steal: true }],
    [
      'lock shop —steal "all of it" 30m',
      { kind: 'lock', reason: 'all of it', forMs: 1_800_000, steal: true },
    ],
    ['freeze all "incident 7" 2h', { kind: 'lock', service: '*', reason: 'incident 7', forMs: 7_200_000 }],
    ['freeze all incident', { kind: 'lock', service: '*', reason: 'incident' }],
    ['freeze shop "incident 7"', { kind: 'lock', service: 'shop', reason: 'incident 7' }],
    [
      'freeze all "incident 7" 1h 30m',
      { kind: 'lock', service: '*', reason: 'incident 7', forMs: 5_400_000 },
    ],
    ['lock shop "x" 2 weeks', { kind: 'lock', service: 'shop', reason: 'x', forMs: 1_209_600_000 }],
    ['lock shop the 2 of us', { kind: 'lock', service: 'shop', reason: 'the 2 of us' }],
    ['lock shop wait 2 hours', { kind: 'lock', service: 'shop', reason: 'wait', forMs: 7_200_000 }],
    ['thaw', { kind: 'unlock', service: '*' }],
    ['thaw all', { kind: 'unlock', service: '*' }],
    ['thaw billing', { kind: 'unlock', service: 'billing' }],
    ['rollback shop v1.2.0', { kind: 'rollback', service: 'shop', to: 'v1.2.0' }],
    ['history', { kind: 'history' }],
    ['history shop', { kind: 'history', service: 'shop' }],
    ['history --audit', { kind: 'history', audit: true }],
    ['history shop —audit', { kind: 'history', service: 'shop', audit: true }],
  ])('%s', (text, command) => {
    expect(parseCommand(text, SERVICES)).toMatchObject(command);
  });

  test('with one service its name may be left out', () => {
    expect(parseCommand('minor', ['shop'])).toMatchObject({
      kind: 'start',
      wish: { service: 'shop', bump: 'minor' },
    });
    expect(parseCommand('plan', ['shop'])).toMatchObject({ kind: 'plan', wish: { service: 'shop' } });
  });

  test.each([
    ['shpo', 'command-unknown', 'shop'],
    ['statsu', 'command-unknown', 'status'],
    ['plan', 'service-missing', undefined],
    ['shop minro', 'option-unknown', 'minor'],
    ['shop --feature', 'option-empty', undefined],
    ['lock shop', 'reason-missing', undefined],
    ['lock shop "x" 5 parsecs', 'duration-unclear', undefined],
    ['lock shop "x" --steal 2fortnights', 'duration-unclear', undefined],
    ['freeze all', 'reason-missing', undefined],
    ['freeze all --steal', 'reason-missing', undefined],
    ['freeze', 'service-missing', undefined],
    ['thaw all now', 'too-many-words', undefined],
    ['freez all', 'command-unknown', 'freeze'],
    ['unlock shop now', 'too-many-words', undefined],
    ['history shop --audti', 'too-many-words', undefined],
  ])('%s is refused with a way on', (text, code, suggestion) => {
    expect(refused(text)).toEqual([code, suggestion]);
  });

  test('any text is a command or a refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        refused(text);
      }),
    );
  });
});

describe('words in a thread', () => {
  test.each([
    'rollback',
    'Rollback!',
    'roll back please',
    'please roll it back',
    'revert this',
    '<@U0BOT> rollback now',
  ])('%s asks for a rollback', (text) => {
    expect(parseThreadReply(text)).toEqual({ kind: 'rollback' });
  });

  test.each([
    'no rollback needed',
    'should we roll back?',
    'do not roll back',
    'the rollback worked',
    '> rollback',
    '&gt; rollback',
    'rollback of the database is not possible',
  ])('%s is talk between people', (text) => {
    expect(parseThreadReply(text)).toBeNull();
  });

  test('extend takes a length, a quarter of an hour without one', () => {
    expect(parseThreadReply('extend 30m')).toEqual({ kind: 'extend', ms: 1_800_000 });
    expect(parseThreadReply('extend by 20 minutes')).toEqual({ kind: 'extend', ms: 1_200_000 });
    expect(parseThreadReply('extend')).toEqual({ kind: 'extend', ms: 900_000 });
    expect(parseThreadReply('extend 400d')).toBeNull();
    expect(parseThreadReply('hold')).toEqual({ kind: 'hold' });
    expect(parseThreadReply('status?')).toEqual({ kind: 'status' });
  });
});

describe('mentions', () => {
  test.each([
    ['<@U0BOT> ship shop to prod', 'shop'],
    ['<@U0BOT> deploy billing to production please', 'billing'],
    ['<@U0BOT> production release', null],
    ['<@U0BOT> can you deploy to production', null],
  ])('%s', (text, service) => {
    expect(parseMention(text, SERVICES)).toEqual({ service });
  });

  test('anything else is not a request', () => {
    expect(parseMention('<@U0BOT> hello', SERVICES)).toBeNull();
  });
});
