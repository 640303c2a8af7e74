import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type HomeTabsContext, LiveHomeTabs } from '../../src/handlers/home.ts';
import { lockFor, unlockFor } from '../../src/handlers/locks.ts';
import { homeView } from '../../src/handlers/support/overview.ts';
import { MemoryOutbox } from '../fakes/memory-outbox.ts';
import { town } from '../flows/locks/town.ts';

const log = pino({ level: 'silent' });

describe('the Home tabs', () => {
  let place: ReturnType<typeof town>;
  let slack: MemoryOutbox;
  let shown: Map<string, string>;
  let refused: Map<string, Error>;
  let tried: string[];
  let homeTabs: LiveHomeTabs;

  const open = (times: { readonly gatherMs: number; readonly refreshMs: number }) => {
    homeTabs = new LiveHomeTabs({ ...linked(), client: { views: { publish } }, threads: slack, ...times });
    homeTabs.start();
  };
  const linked = () => ({
    requests: place.requests,
    installation: () => Promise.reject(new Error('not asked')),
    log,
  });
  const publish: HomeTabsContext['client']['views']['publish'] = async (args) => {
    const { user_id: user, view } = args as { readonly user_id: string; readonly view: unknown };
    tried.push(user);
    const error = refused.get(user);
    if (error) throw error;
    shown.set(user, JSON.stringify(view));
    return { ok: true };
  };
  const handling = () => {
    const client = { chat: { postMessage: async () => ({ ok: true }) } };
    return { ...linked(), homeTabs, client } as unknown as Parameters<typeof lockFor>[0];
  };
  const says = (user: string, test: RegExp) =>
    expect.poll(() => shown.get(user), { timeout: 3_000 }).toMatch(test);

  beforeEach(() => {
    place = town();
    slack = new MemoryOutbox();
    shown = new Map();
    refused = new Map();
    tried = [];
    open({ gatherMs: 5, refreshMs: 60_000 });
  });
  afterEach(() => homeTabs.stop());

  test('say at once what is locked, and what is not any more', async () => {
    await homeTabs.show('U_GRACE');
    await lockFor(handling(), place.caller('U_ADA'), { service: 'shop', reason: 'migration' });
    await says('U_GRACE', /Locked.*migration/);
    await unlockFor(handling(), place.caller('U_ADA'), 'shop', { because: 'mended' });
    await expect.poll(() => shown.get('U_GRACE')).not.toMatch(/migration/);
  });

  test('say it too when another process locked, or the lock ran out', async () => {
    await homeTabs.stop();
    open({ gatherMs: 5, refreshMs: 10 });
    await homeTabs.show('U_GRACE');
    await place.lock('U_ADA', { forMs: 60_000 });
    await says('U_GRACE', /Locked.*migration/);
    await place.wait(60_000);
    await expect.poll(() => shown.get('U_GRACE')).not.toMatch(/migration/);
  });

  test('of everybody are brought up to date, whomever Slack refuses', async () => {
    for (const user of ['U_GONE', 'U_BUSY', 'U_GRACE']) await homeTabs.show(user);
    refused.set('U_GONE', platformError('user_not_found'));
    refused.set('U_BUSY', platformError('ratelimited'));
    await lockFor(handling(), place.caller('U_ADA'), { service: 'shop', reason: 'migration' });
    await says('U_GRACE', /migration/);
    refused.clear();
    tried = [];
    homeTabs.refreshSoon();
    await says('U_BUSY', /migration/);
    expect(tried).toEqual(['U_BUSY']);
  });

  test('that Slack did not take when it was opened is shown with the next refresh', async () => {
    refused.set('U_GRACE', new WebAPIRateLimitedError(30));
    refused.set('U_GONE', platformError('user_not_found'));
    for (const user of ['U_GRACE', 'U_GONE']) await homeTabs.show(user);
    expect(shown.size).toBe(0);
    refused.clear();
    homeTabs.refreshSoon();
    await says('U_GRACE', /shop/);
    expect(shown.has('U_GONE')).toBe(false);
  });

  test('say that something went wrong, with the reference that the log has', async () => {
    const error = vi.spyOn(log, 'error').mockImplementation(() => undefined);
    vi.spyOn(place.house.ledger, 'recent').mockRejectedValue(new TypeError('a secret detail'));
    await homeTabs.show('U_GRACE');
    const [[facts] = []] = error.mock.calls as unknown as [[{ readonly reference: string }]?];
    expect(facts?.reference).toMatch(/^[0-9a-f]{8}$/);
    expect(shown.get('U_GRACE')).toContain(`those who run Slipway: ${facts?.reference}`);
    expect(shown.get('U_GRACE')).not.toContain('secret detail');
    error.mockRestore();
  });

  test('show what is under way, however much was closed since', async () => {
    const { ledger } = place.house;
    const request = (service: string) => ({ service, bump: 'auto', by: 'U_ADA' }) as const;
    await ledger.open({ id: 'old', request: request('shop'), channel: 'C1' });
    for (let n = 0; n < 40; n += 1) {
      await place.house.clock.advance(1_000);
      await ledger.open({ id: `p${n}`, request: request('cart'), channel: 'C1' });
      await ledger.change(`p${n}`, { to: 'cancelled' });
    }
    const view = JSON.stringify(await homeView(linked()));
    expect(view).not.toMatch(/Nothing is being shipped/);
  });

  describe('with a service that has shipped', () => {
    let file: string | null;
    let whenThere: () => void;
    let takesPictures: boolean;
    beforeEach(async () => {
      await homeTabs.stop();
      [file, whenThere, takesPictures] = [null, () => undefined, true];
      place.house.ledger.deliveries = async (service) => [
        { promotion: 'p1', service, version: '1.3.0', at: place.house.clock.now() - 86_400_000 },
      ];
      const pictures = {
        fileNow: (_chart: unknown, then: () => void) => {
          whenThere = then;
          return file;
        },
      };
      const client = {
        views: {
          publish: async (args: Parameters<typeof publish>[0]) => {
            if (!takesPictures && JSON.stringify(args).includes('slack_file'))
              throw platformError('invalid_blocks');
            return publish(args);
          },
        },
      };
      const times = { gatherMs: 5, refreshMs: 60_000 };
      homeTabs = new LiveHomeTabs({ ...linked(), client, threads: slack, pictures, ...times });
      homeTabs.start();
    });

    test('show its releases as a picture once that is there, with its words', async () => {
      await homeTabs.show('U_GRACE');
      expect(shown.get('U_GRACE')).toContain('1 release in 30 days');
      expect(shown.get('U_GRACE')).not.toContain('slack_file');
      file = 'F0PICTURE';
      whenThere();
      await says('U_GRACE', /"slack_file":\{"id":"F0PICTURE"\},"alt_text":"Releases of shop, each week, /);
    });

    test('are shown without pictures where Slack refuses them, and stay so', async () => {
      takesPictures = false;
      file = 'F0PICTURE';
      await homeTabs.show('U_GRACE');
      expect(shown.get('U_GRACE')).toContain('1 release in 30 days');
      takesPictures = true;
      await homeTabs.show('U_LINUS');
      expect(shown.get('U_LINUS')).not.toContain('slack_file');
    });
  });
});

function platformError(error: string): WebAPIPlatformError {
  return new WebAPIPlatformError({ ok: false, error });
}
