import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { parseCommand } from '../../../src/handlers/parse/command.ts';
import { parseMention } from '../../../src/handlers/parse/mention.ts';
import { guessThreadReply, parseThreadReply } from '../../../src/handlers/parse/thread-reply.ts';
import { processorMs } from '../../support/processor-time.ts';

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
    ['shop', { kind: 'start', request: { service: 'shop', bump: 'auto' } }],
    ['shop MINOR', { kind: 'start', request: { service: 'shop', bump: 'minor' } }],
    [
      'shop --feature 014-checkout',
      { kind: 'start', request: { service: 'shop', bump: 'auto', feature: '014-checkout' } },
    ],
    [
      'shop --note="payday release" patch',
      { kind: 'start', request: { service: 'shop', bump: 'patch', note: 'payday release' } },
    ],
    [
      'shop billing',
      {
        kind: 'in-order',
        requests: [
          { service: 'shop', bump: 'auto' },
          { service: 'billing', bump: 'auto' },
        ],
      },
    ],
    [
      'Shop, then billing --note "payday" please',
      {
        kind: 'in-order',
        requests: [
          { service: 'shop', bump: 'auto', note: 'payday' },
          { service: 'billing', bump: 'auto', note: 'payday' },
        ],
      },
    ],
    ['subscribe', { kind: 'subscribe', service: '*' }],
    ['subscribe Shop please', { kind: 'subscribe', service: 'shop' }],
    ['subscribe all', { kind: 'subscribe', service: '*' }],
    ['unsubscribe', { kind: 'unsubscribe' }],
    ['unsubscribe billing', { kind: 'unsubscribe', service: 'billing' }],
    ['schedule', { kind: 'planned' }],
    ['schedule cancel shop', { kind: 'cancel-planned', service: 'shop' }],
    [
      'schedule shop tomorrow 9:00',
      { kind: 'schedule', requests: [{ service: 'shop', bump: 'auto' }], when: ['tomorrow', '9:00'] },
    ],
    [
      'schedule shop minor after the freeze --feature 014-a',
      {
        kind: 'schedule',
        requests: [{ service: 'shop', bump: 'minor', feature: '014-a' }],
        when: ['after', 'the', 'freeze'],
      },
    ],
    [
      'schedule shop and billing in 2h',
      {
        kind: 'schedule',
        requests: [
          { service: 'shop', bump: 'auto' },
          { service: 'billing', bump: 'auto' },
        ],
        when: ['in', '2h'],
      },
    ],
    [
      'schedule shpo tomorrow 9:00',
      { kind: 'schedule', requests: [{ service: 'shpo', bump: 'auto' }], when: ['tomorrow', '9:00'] },
    ],
    ['plan billing', { kind: 'plan', request: { service: 'billing', bump: 'auto' } }],
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
    [
      'lock shop db migration for 2 hours please',
      { kind: 'lock', service: 'shop', reason: 'db migration', forMs: 7_200_000 },
    ],
    ['lock shop "x" for 2h, thanks', { kind: 'lock', service: 'shop', reason: 'x', forMs: 7_200_000 }],
    ['lock shop "x" please', { kind: 'lock', service: 'shop', reason: 'x' }],
    ['lock shop "please"', { kind: 'lock', service: 'shop', reason: 'please' }],
    ['lock shop "until 17:00"', { kind: 'lock', service: 'shop', reason: 'until 17:00' }],
    ['lock shop until tests pass', { kind: 'lock', service: 'shop', reason: 'until tests pass' }],
    [
      'freeze all incident 1 hour 30 minutes',
      { kind: 'lock', service: '*', reason: 'incident', forMs: 5_400_000 },
    ],
    ['lock shop the 2 of us', { kind: 'lock', service: 'shop', reason: 'the 2 of us' }],
    ['lock shop wait 2 hours', { kind: 'lock', service: 'shop', reason: 'wait', forMs: 7_200_000 }],
    [
      'unlock shop because the fix is on main',
      { kind: 'unlock', service: 'shop', because: 'the fix is on main' },
    ],
    ['unlock shop because …', { kind: 'unlock', service: 'shop' }],
    ['thaw all because it is over', { kind: 'unlock', service: '*', because: 'it is over' }],
    ['thaw', { kind: 'unlock', service: '*' }],
    ['thaw all', { kind: 'unlock', service: '*' }],
    ['thaw billing', { kind: 'unlock', service: 'billing' }],
    ['rollback shop v1.2.0', { kind: 'rollback', service: 'shop', to: 'v1.2.0' }],
    ['history', { kind: 'history' }],
    ['history shop', { kind: 'history', service: 'shop' }],
    ['history --audit', { kind: 'history', audit: true }],
    ['plan shop —feature 014', { kind: 'plan', request: { service: 'shop', bump: 'auto', feature: '014' } }],
    ['history shop —audit', { kind: 'history', service: 'shop', audit: true }],
  ])('%s', (text, command) => {
    expect(parseCommand(text, SERVICES)).toMatchObject(command);
  });

  const plain = { kind: 'plan', request: { service: 'shop', bump: 'auto' } };
  test.each([
    ['Plan shop.', plain],
    ['PLAN SHOP', plain],
    ['plan #shop', plain],
    ['plan <#C0SHOP|shop>', plain],
    ['<@U0BOT|slipway> plan shop', plain],
    ['@Slipway plan shop', plain],
    ['/ship-prod plan shop', plain],
    ['plan\u00a0shop\u200b', plain],
    ['Shop Minor.', { kind: 'start', request: { service: 'shop', bump: 'minor' } }],
    [
      'plan shop — feature 014.',
      { kind: 'plan', request: { service: 'shop', bump: 'auto', feature: '014' } },
    ],
    ['plan shop —Feature 014', { kind: 'plan', request: { service: 'shop', bump: 'auto', feature: '014' } }],
    ['plan shop —feature=014', { kind: 'plan', request: { service: 'shop', bump: 'auto', feature: '014' } }],
    ['shop —note ‘payday release’', { kind: 'start', request: { service: 'shop', note: 'payday release' } }],
    ['shop –note «it’s payday.»', { kind: 'start', request: { service: 'shop', note: "it's payday." } }],
    ['Rollback shop V1.2.0.', { kind: 'rollback', service: 'shop', to: 'v1.2.0' }],
    ['roll back shop', { kind: 'rollback', service: 'shop' }],
    ['Rollback <http://shop.example|shop>', { kind: 'rollback', service: 'shop' }],
    ['validate shop', { kind: 'validate', service: 'shop' }],
    ['validate shop 014-checkout', { kind: 'validate', service: 'shop', feature: '014-checkout' }],
    ['Adopt Shop 2.6.0.', { kind: 'adopt', service: 'shop', version: '2.6.0' }],
    ['history Shop — audit', { kind: 'history', service: 'shop', audit: true }],
    ['Unlock shop!', { kind: 'unlock', service: 'shop' }],
    ['Thaw All.', { kind: 'unlock', service: '*' }],
    ['Freeze All “incident 7” 2h.', { kind: 'lock', service: '*', reason: 'incident 7', forMs: 7_200_000 }],
    [
      'Lock Shop ‘it’s down’ 2 hours.',
      { kind: 'lock', service: 'shop', reason: "it's down", forMs: 7_200_000 },
    ],
    ['lock shop “x” — steal', { kind: 'lock', service: 'shop', reason: 'x', steal: true }],
    ['lock shop "ask <@U123|ada>"', { kind: 'lock', service: 'shop', reason: 'ask @ada' }],
    ['lock shop R&amp;D — it moves', { kind: 'lock', service: 'shop', reason: 'R&D — it moves' }],
    ['Cancel shop too early.', { kind: 'cancel', service: 'shop', reason: 'too early.' }],
  ])('as phones, dictation and Slack write it: %s', (text, command) => {
    expect(parseCommand(text, SERVICES)).toMatchObject(command);
  });

  test.each([
    ['lock', '3D viewer import', undefined],
    ['lock', '5M rows are moved', undefined],
    ['lock', 'ask the 2 of us', undefined],
    ['lock', 'we hit 500 m limit', '500 m'],
    ['lock', 'P1 14d retention', '14d'],
    ['lock', '24h soak test', '24h'],
    ['lock', '2 days of data lost', '2 days'],
    ['freeze', 'incident 10 minute errors', '10 minute'],
    ['lock', '30m outage, do not ship', '30m'],
    ['lock', 'not before 17:00', '17:00'],
    ['lock', 'db 1,5h', '1,5h'],
    ['lock', 'db for 100 years', '100 years'],
    ['lock', 'x 99999999999d', '99999999999d'],
    ['lock', 'db migration until 17:00', 'until 17:00'],
    ['freeze', 'broken until Monday', 'until Monday'],
    ['lock', '2h db', '2h'],
  ])('%s … %s holds without an end, and says what was not heard as a time', (word, reason, unheard) => {
    const service = word === 'lock' ? 'shop' : 'all';
    expect(parseCommand(`${word} ${service} ${reason}`, SERVICES)).toEqual({
      kind: 'lock',
      service: service === 'all' ? '*' : 'shop',
      reason,
      ...(unheard === undefined ? {} : { unheard }),
    });
  });

  test('every way to write a dash or a quote means the same, in every command with an option', () => {
    const dash = fc.constantFrom('--', '—', '–', '‒', '―', '−', '— ', '––', '-–', '‑‑', '-- ', '－－');
    const quotes = fc.constantFrom('“”', '""', '„“', '«»', '‘’', '＂＂', '『』');
    const blank = fc.constantFrom(' ', '\u00a0', '\u2007', '\u202f', '\u3000', ' \u200b', '\u2009 ');
    fc.assert(
      fc.property(dash, quotes, blank, (dashes, [open, close], gap) => {
        const read = (line: string) => parseCommand(line.replaceAll(' ', gap), SERVICES);
        expect(read(`shop ${dashes}note ${open}one two${close} patch`)).toMatchObject({
          request: { service: 'shop', bump: 'patch', note: expect.stringMatching(/^one\s+two$/) },
        });
        expect(read(`plan shop ${dashes}feature 014`)).toMatchObject({ request: { feature: '014' } });
        expect(read(`history shop ${dashes}audit`)).toEqual({
          kind: 'history',
          service: 'shop',
          audit: true,
        });
        expect(read(`lock shop ${open}x${close} 2h ${dashes}steal`)).toMatchObject({
          kind: 'lock',
          reason: 'x',
          forMs: 7_200_000,
          steal: true,
        });
      }),
    );
  });

  test('with one service its name may be left out', () => {
    expect(parseCommand('minor', ['shop'])).toMatchObject({
      kind: 'start',
      request: { service: 'shop', bump: 'minor' },
    });
    expect(parseCommand('plan', ['shop'])).toMatchObject({ kind: 'plan', request: { service: 'shop' } });
  });

  test.each([
    ['shpo', 'command-unknown', 'shop'],
    ['statsu', 'command-unknown', 'status'],
    ['plan', 'service-missing', undefined],
    ['shop minro', 'option-unknown', 'minor'],
    ['shop --feature', 'option-empty', undefined],
    ['lock shop', 'reason-missing', undefined],
    ['lock shop 2h', 'reason-missing', undefined],
    ['freeze all 1h 30m', 'reason-missing', undefined],
    ['lock shop "x" 99999999999d', 'duration-unclear', undefined],
    ['lock shop "x" until 17:00', 'duration-unclear', undefined],
    ['freeze all until tomorrow', 'duration-unclear', undefined],
    ['lock shop until 17:00.', 'duration-unclear', undefined],
    ['lock shop 1,5h', 'duration-unclear', undefined],
    ['lock shop 100 years please', 'duration-unclear', undefined],
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
    'rollback plz',
    'hey rollback',
    'ok please roll back now!',
    'please roll it back',
    'revert this',
    '<@U0BOT> rollback now',
    'Rollback.',
    'roll\u200bback',
    'Please, rollback。',
    '<@U0BOT|slipway> rollback',
    '<@W0BOT|slipway>\u00a0Rollback …',
    '*rollback*',
    '`rollback`',
    '“Rollback.”',
    'ｒｏｌｌｂａｃｋ！',
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
    '&gt;&gt;&gt; rollback',
    '&gt;&gt;&gt; grace wrote:\nrollback',
    '~rollback~',
    'rollback of the database is not possible',
  ])('%s is talk between people', (text) => {
    expect(parseThreadReply(text)).toBeNull();
  });

  test('extend takes a length, a quarter of an hour without one', () => {
    expect(parseThreadReply('extend 30m')).toEqual({ kind: 'extend', ms: 1_800_000 });
    expect(parseThreadReply('extend by 20 minutes')).toEqual({ kind: 'extend', ms: 1_200_000 });
    expect(parseThreadReply('extend')).toEqual({ kind: 'extend', ms: 900_000 });
    expect(parseThreadReply('extend by 1 hour')).toEqual({ kind: 'extend', ms: 3_600_000 });
    expect(parseThreadReply('extend by 1 hour 30 minutes')).toEqual({ kind: 'extend', ms: 5_400_000 });
    expect(parseThreadReply('extend 2 hours plz')).toEqual({ kind: 'extend', ms: 7_200_000 });
    expect(parseThreadReply('extend 400d')).toBeNull();
    expect(parseThreadReply('hold')).toEqual({ kind: 'hold' });
    expect(parseThreadReply('status?')).toEqual({ kind: 'status' });
    expect(parseThreadReply('Status ?')).toEqual({ kind: 'status' });
    expect(parseThreadReply('what’s the status??')).toEqual({ kind: 'status' });
    expect(parseThreadReply('let’s roll back')).toEqual({ kind: 'rollback' });
  });
});

describe('words in a thread that are nearly a request', () => {
  test.each([
    ['rolback', 'rollback', { kind: 'rollback' }],
    ['Rollbakc!', 'rollback', { kind: 'rollback' }],
    ['orllback please', 'rollback', { kind: 'rollback' }],
    ['roll bakc', 'rollback', { kind: 'rollback' }],
    ['rollback?', 'rollback', { kind: 'rollback' }],
    ['revret this', 'revert', { kind: 'rollback' }],
    ['statsu', 'status', { kind: 'status' }],
    ['extned 30m', 'extend', { kind: 'extend', ms: 1_800_000 }],
    ['extnd by 20 minutes', 'extend', { kind: 'extend', ms: 1_200_000 }],
    ['extend the window', 'extend', { kind: 'extend', ms: 900_000 }],
    ['extend 30', 'extend', { kind: 'extend', ms: 1_800_000 }],
    ['extend by 2 days', 'extend', { kind: 'extend', ms: 86_400_000 }],
    ['extend the window by 15m', 'extend', { kind: 'extend', ms: 900_000 }],
    ['Extend the window by 15 minutes, please', 'extend', { kind: 'extend', ms: 900_000 }],
    ['extend it by 15m', 'extend', { kind: 'extend', ms: 900_000 }],
    ['extend window 15m', 'extend', { kind: 'extend', ms: 900_000 }],
    ['extend this 1h', 'extend', { kind: 'extend', ms: 3_600_000 }],
    ['extend another 15 min', 'extend', { kind: 'extend', ms: 900_000 }],
    ['extend 15 more minutes', 'extend', { kind: 'extend', ms: 900_000 }],
    ['extend +10m', 'extend', { kind: 'extend', ms: 600_000 }],
    ['extend by an hour', 'extend', { kind: 'extend', ms: 3_600_000 }],
    ['extend for half an hour', 'extend', { kind: 'extend', ms: 1_800_000 }],
    ['let’s extend this by 1h 30m 🙏', 'extend', { kind: 'extend', ms: 5_400_000 }],
    ['roll the release back', 'rollback', { kind: 'rollback' }],
    ['undo the deploy', 'revert', { kind: 'rollback' }],
    ['roll back to the previous version', 'rollback', { kind: 'rollback' }],
    ['ROLL BACK PROD!!', 'rollback', { kind: 'rollback' }],
    ['rollback immediately', 'rollback', { kind: 'rollback' }],
    ['hold the window open', 'hold', { kind: 'hold' }],
    ['roll back the release', 'rollback', { kind: 'rollback' }],
    ['hodl', 'hold', { kind: 'hold' }],
    ['<@U0BOT> rolback now', 'rollback', { kind: 'rollback' }],
  ])('%s', (text, word, request) => {
    expect(guessThreadReply(text, SERVICES)).toMatchObject({ word, request });
  });

  test.each([
    ['rollback shop', 'rollback', 'shop'],
    ['roll Billing back', 'rollback', 'billing'],
    ['extend billing by 15m', 'extend', 'billing'],
    ['hold shop', 'hold', 'shop'],
    ['status of billing', 'status', 'billing'],
  ])('%s names a service', (text, word, service) => {
    expect(guessThreadReply(text, SERVICES)).toMatchObject({ word, service });
  });

  test('a version that was named is passed on', () => {
    expect(guessThreadReply('rollback to 1.2.0', SERVICES)).toMatchObject({ word: 'rollback', to: '1.2.0' });
  });

  test.each([
    'rollback',
    'status',
    'good',
    'hello',
    'old',
    'told you',
    'cold start?',
    'callback failed',
    'fallback works',
    'feedback?',
    'rollback worked',
    'rollback was fine',
    'no rollback needed',
    'status: green',
    'hold my beer',
    'state of it',
    'nice, shipped',
    'thanks all',
    'extra traffic now',
    'we should revert that later',
    'rolled back?',
    'reverted',
    'extended?',
    'rolling back',
    '> rolback',
    '&gt; rolback',
    '',
    '👍',
  ])('%s is not', (text) => {
    expect(guessThreadReply(text, SERVICES)).toBeNull();
  });

  test('long replies are talk, whatever is in them', () => {
    const word = fc.constantFrom('rolback', 'extend', 'hold', 'the', 'that', 'shop');
    fc.assert(
      fc.property(fc.array(word, { minLength: 6, maxLength: 12 }), (words) => {
        expect(guessThreadReply(words.join(' '), SERVICES)).toBeNull();
      }),
    );
  });
});

describe('mentions', () => {
  test.each([
    ['ship shop to prod', { kind: 'ship', services: ['shop'] }],
    ['deploy billing to production please', { kind: 'ship', services: ['billing'] }],
    ['ship billing and shop', { kind: 'ship', services: ['billing', 'shop'] }],
    ['deploy billing, shop to production', { kind: 'ship', services: ['billing', 'shop'] }],
    ['ship shpo to prod', { kind: 'ship', services: ['shpo'] }],
    ['ship shop and biling please', { kind: 'ship', services: ['shop', 'biling'] }],
    ['deploy payments to production', { kind: 'ship', services: ['payments'] }],
    ['please deploy the payments service to prod!', { kind: 'ship', services: ['payments'] }],
    ['/ship-prod shpo', { kind: 'ship', services: ['shpo'] }],
    ['ship the new build of shop to prod, billing can wait', { kind: 'ship', services: ['shop'] }],
    ['production release', { kind: 'ship', services: [] }],
    ['can you deploy to production', { kind: 'ship', services: [] }],
    ['/ship-prod shop', { kind: 'ship', services: ['shop'] }],
    ['rollback shop', { kind: 'rollback', service: 'shop' }],
    ['can you roll back shop please', { kind: 'rollback', service: 'shop' }],
    ['roll shop back', { kind: 'rollback', service: 'shop' }],
    ['rolback shop to 1.2.0', { kind: 'rollback', service: 'shop', to: '1.2.0' }],
    ['roll back the production release', { kind: 'rollback', service: null }],
    ['we must revert billing', { kind: 'rollback', service: 'billing' }],
    ['rollback shpo', { kind: 'rollback', service: 'shpo' }],
    ['/ship-prod rollback shop', { kind: 'rollback', service: 'shop' }],
    ['status', { kind: 'status' }],
    ["what's the status?", { kind: 'status' }],
    ['statsu', { kind: 'status' }],
    ['plan shop', { kind: 'plan', service: 'shop' }],
    ['history', { kind: 'history', service: null }],
    ['lock shop', { kind: 'command', word: 'lock', service: 'shop' }],
    ['freeze', { kind: 'command', word: 'freeze', service: null }],
    ['help', { kind: 'help' }],
    ['hello', { kind: 'help' }],
    ['what is the weather', { kind: 'help' }],
    ['', { kind: 'help' }],
    ["don't ship shop", { kind: 'help' }],
    ['please do not roll back shop', { kind: 'help' }],
    ['look at shop', { kind: 'help' }],
    ['who shipped shop to production?', { kind: 'help' }],
    ['Rollback shop.', { kind: 'rollback', service: 'shop' }],
    ['Please, roll back <#C1|shop> to V2.6.0.', { kind: 'rollback', service: 'shop', to: 'v2.6.0' }],
    ['rollback <http://shop.example|shop>', { kind: 'rollback', service: 'shop' }],
    ['`rollback shop`', { kind: 'rollback', service: 'shop' }],
    ['*Plan* “shop”', { kind: 'plan', service: 'shop' }],
    ['ship\u00a0shop\u200b to prod.', { kind: 'ship', services: ['shop'] }],
    ['don’t ship shop', { kind: 'help' }],
    ['status…', { kind: 'status' }],
    ['<@W123|grace> status', { kind: 'status' }],
  ])('%s', (text, request) => {
    expect(parseMention(`<@U0BOT> ${text}`, SERVICES)).toEqual(request);
  });

  test.each([
    'ship it',
    'ship this to prod please',
    'ship the new build to production',
    'deploy to prod, thanks',
    'release the kraken to prod',
    'ship everything to prod',
    'deploy main to production',
    'ship v1.3.0 to prod',
    'deploy 014-checkout to production',
    'ship it now, cheers',
    'is the release good in production?',
  ])('%s names no service', (text) => {
    expect(parseMention(`<@U0BOT> ${text}`, SERVICES)).toEqual({ kind: 'ship', services: [] });
  });

  test('only what asks to ship is read as that, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const isShip = parseMention(text, SERVICES).kind === 'ship';
        expect(isShip && !/ship|deploy|release|promote|push/i.test(text)).toBe(false);
      }),
    );
  });
});

describe('what phones, dictation and habit make of it', () => {
  const one = (text: string) => parseCommand(text, ['shop']);
  test.each([
    ['rollback shop 1.2.0 please', { service: 'shop', to: '1.2.0' }],
    ['roll back shop to 1.2.0', { service: 'shop', to: '1.2.0' }],
    ['rollback shop --to=1.2.0', { service: 'shop', to: '1.2.0' }],
    ['rollback shop —to 1.2.0', { service: 'shop', to: '1.2.0' }],
    ['rollback the shop', { service: 'shop' }],
    ['rollback shop \u{1f64f}\u{1f3fd}', { service: 'shop' }],
    ['rollback shop :pray::skin-tone-3:', { service: 'shop' }],
    ['rollback shop\u2757\ufe0f', { service: 'shop' }],
    ['roll–back shop', { service: 'shop' }],
    ['Roll — back shop!', { service: 'shop' }],
    ['<@U0BOT>: rollback shop', { service: 'shop' }],
    ['@slipway, rollback shop', { service: 'shop' }],
    ['rollback api–gateway', { service: 'api-gateway' }],
  ])('%s', (text, request) => {
    expect(parseCommand(text, ['shop', 'api-gateway'])).toStrictEqual({ kind: 'rollback', ...request });
  });

  test('a version alone is that of the only service, and nothing is guessed among several', () => {
    expect(one('roll back 1.2.0 please')).toStrictEqual({ kind: 'rollback', service: 'shop', to: '1.2.0' });
    expect(refused('rollback 1.2.0')?.[0]).toBe('service-missing');
  });

  test('a service may be called as people are polite', () => {
    expect(parseCommand('rollback now', ['now', 'shop'])).toStrictEqual({ kind: 'rollback', service: 'now' });
  });

  test.each([
    ['shop minor \u{1f64f}', { bump: 'minor' }],
    ['shop please', { bump: 'auto' }],
    ['shop --note « vite fait »', { note: 'vite fait' }],
    ['shop --note „schnell raus“ minor', { note: 'schnell raus', bump: 'minor' }],
    ['shop --note "\u{1f680} payday"', { note: '\u{1f680} payday' }],
  ])('%s', (text, request) => {
    expect(one(text)).toMatchObject({ kind: 'start', request: { service: 'shop', ...request } });
  });

  test.each(['<@U0BOT> roll–back shop', '<@U0BOT> roll—back shop'])('%s', (text) => {
    expect(parseMention(text, SERVICES)).toStrictEqual({ kind: 'rollback', service: 'shop' });
  });

  test.each(['don`t ship shop', 'don´t ship shop', "we shouldn't ship shop", 'cant ship shop'])(
    '%s: offers nothing',
    (text) => {
      expect(parseMention(text, SERVICES).kind).not.toBe('ship');
    },
  );

  test.each([
    '<@U0BOT>: rollback',
    '<@U0BOT> — rollback',
    '<@U0BOT>, rollback please!',
    'roll–back',
    'roll—back!',
    'rollback \u2757\ufe0f',
    'rollback\u203c\ufe0f',
    'rollback \u{1f64f}\u{1f3fd}',
    'rollback :pray::skin-tone-2:',
    ':rotating_light: rollback :rotating_light:',
    'rollback;',
    'rollback :',
    '• rollback',
  ])('%s in a thread is a request', (text) => {
    expect(parseThreadReply(text)).toStrictEqual({ kind: 'rollback' });
  });

  test.each([
    '~rollback~',
    'rollback :thinking_face:',
    'rollback: no need',
    'rollback, not yet',
    '> rollback',
  ])('%s is for other people', (text) => {
    expect(parseThreadReply(text)).toBeNull();
  });

  test('100 kB of anything are read in under 100 ms', () => {
    const parts = [
      '—',
      '<@U1|',
      '"',
      "x' ",
      '&lt;',
      '*_`',
      'roll – ',
      ' \u200b',
      ':a',
      ':pray:',
      '\u{1f64f}',
      '., ',
    ];
    for (const part of parts)
      for (const length of [2_000, 100_000]) {
        const text = part.repeat(length).slice(0, length);
        const work = () => {
          refused(`shop --note ${text}`);
          refused(`rollback ${text}`);
          parseMention(text, SERVICES);
          parseThreadReply(text);
          guessThreadReply(text, SERVICES);
        };
        expect(processorMs(work, { enough: 100 }), part).toBeLessThan(100);
      }
  });
});
