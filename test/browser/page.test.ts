import type { App } from '@slack/bolt';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorkspace, type Workspace } from '../../demo/workspace/server/start.ts';
import { hasChromium, launchChromium, screenshot } from './chromium.ts';
import { becomes, choose, closePages, messageWith, openPage, opens, reply, say, seen } from './driver.ts';
import { sampleManifest, startSampleApp } from './sample-app.ts';

describe.skipIf(!hasChromium())('the page', () => {
  let workspace: Workspace;
  let app: App;
  let browser: Browser;
  /** A fresh channel for each test. */
  const channel = { id: '', name: '', count: 0 };
  const production = { mode: 'healthy' };

  beforeAll(async () => {
    workspace = await startWorkspace({
      manifest: sampleManifest,
      channels: [{ id: 'C0GENERAL', name: 'general', purpose: 'Everything that concerns everybody' }],
      panel: {
        links: [{ label: 'Open the shop', url: 'http://127.0.0.1:1/' }],
        gauges: () => [
          { id: 'version', label: 'Live version', value: 'v1.4.2' },
          {
            id: 'health',
            label: 'Health',
            value: production.mode,
            tone: production.mode === 'healthy' ? 'good' : 'bad',
          },
        ],
        switches: () => [
          {
            id: 'mode',
            label: 'The shop is',
            hint: 'What production does to its visitors',
            value: production.mode,
            choices: ['healthy', 'slow', 'failing', 'down'].map((value) => ({ value, label: value })),
          },
        ],
        set: async (_, value) => {
          production.mode = value;
        },
      },
    });
    app = await startSampleApp(workspace);
    await workspace.waitForConnection();
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    await workspace?.close();
  });

  beforeEach(() => {
    channel.count += 1;
    channel.id = `C0SHIP${channel.count}`;
    channel.name = `ship-${channel.count}`;
    workspace.control.addChannel({ ...channel, topic: 'What goes to production :ship:' });
  });

  afterEach(async () => {
    workspace.control.archive(channel.id);
    await closePages();
    for (const user of ['U0ADA', 'U0GRACE', 'U0LINUS']) {
      for (const view of workspace.views(user).slice(0, 1)) await workspace.as(user).close(view, true);
    }
  });

  function open(user = 'U0ADA', options: BrowserContextOptions = {}): Promise<Page> {
    return openPage(browser, workspace.url, user, channel.id, options);
  }

  it('groups messages, formats them and shows who said what', async () => {
    const page = await open();
    await say(page, 'Good morning @grace, the *checkout* is _ready_ :rocket: <b>& so on</b>');
    await say(page, 'See https://example.test/plan and #general');
    const first = messageWith(page, 'Good morning');
    await first.waitFor();
    expect(await first.getByRole('button', { name: '@Grace Hopper' }).count()).toBe(1);
    await expect.poll(() => seen(first.locator('strong'))).toBe('checkout');
    await expect.poll(() => seen(first)).toContain('<b>& so on</b>');
    const second = messageWith(page, 'See https');
    expect(await second.getAttribute('class')).toContain('grouped');
    expect(await second.getByRole('link').getAttribute('href')).toBe('https://example.test/plan');
    const grace = await open('U0GRACE');
    await expect
      .poll(() => seen(messageWith(grace, 'Good morning').locator('.mention-me')))
      .toBe('@Grace Hopper');
    await say(grace, 'Great :tada:');
    await messageWith(page, 'Great').waitFor();
    await expect.poll(() => seen(page.getByTestId('announcement'))).toContain('Grace Hopper: Great');
    await screenshot(page, 'channel-light');
  });

  it('asks before a button that wants a confirmation, and tells the app once', async () => {
    const page = await open();
    await say(page, '/sample card');
    const card = messageWith(page, 'Ship shop 1.5.0');
    await card.waitFor();
    await screenshot(page, 'card-light');
    const approve = card.locator('[data-action-id=approve]');
    await approve.click();
    const confirm = page.getByTestId('confirm');
    await expect.poll(() => seen(confirm)).toContain('You approve digest 7d3f for production.');
    await screenshot(page, 'confirm-light');
    await page.keyboard.press('Escape');
    await confirm.waitFor({ state: 'hidden' });
    expect(await card.getByTestId('thread-bar').count()).toBe(0);
    await approve.click();
    await page.getByTestId('confirm-yes').click();
    await card.getByTestId('thread-bar').click();
    const thread = page.getByTestId('thread');
    await thread.getByText('used approve').waitFor();
    await expect.poll(() => thread.getByTestId('message').count()).toBe(2);
    await reply(page, 'Thank you :eyes:');
    await thread.getByText('2 replies').waitFor();
    await screenshot(page, 'thread-light');
    await page.keyboard.press('Escape');
    await thread.waitFor({ state: 'hidden' });
  });

  it('shows a button as busy until the app acknowledged, and says when it never does', async () => {
    const page = await open();
    await say(page, '/sample card');
    const card = messageWith(page, 'Ship shop 1.5.0');
    const slow = card.locator('[data-action-id=slow]');
    await slow.click();
    await expect.poll(() => slow.getAttribute('aria-busy')).toBe('true');
    await expect.poll(() => slow.getAttribute('aria-busy'), { timeout: 4_000 }).toBe('false');
    expect(await page.getByTestId('toast').count()).toBe(0);
    await card.locator('[data-action-id=dead]').click();
    const toast = page.getByTestId('toast');
    await toast.waitFor({ timeout: 6_000 });
    await screenshot(page, 'toast-light');
    await toast.getByRole('button', { name: 'Dismiss' }).click();
    await toast.waitFor({ state: 'hidden' });
  });

  it('sends what was chosen in selects, pickers, boxes and menus', async () => {
    const page = await open();
    await say(page, '/sample elements');
    const gallery = messageWith(page, 'How much the version grows');
    await gallery.waitFor();
    await screenshot(page, 'elements-light');
    await choose(page, gallery.locator('[data-action-id=bump]'), 'major');
    await choose(page, gallery.locator('[data-action-id=who]'), 'U0GRACE');
    await gallery.locator('[data-action-id=day]').fill('2026-04-02');
    await gallery.getByLabel('always').check();
    await gallery.getByLabel('pin it').check();
    await gallery.getByTestId('thread-bar').click();
    const thread = page.getByTestId('thread');
    await expect.poll(() => thread.getByTestId('message').count()).toBe(6);
    const said = await seen(thread);
    expect(said).toContain('"selected_user":"U0GRACE"');
    expect(said).toContain('"selected_date":"2026-04-02"');
    expect(said).toMatch(/used bump.*"value":"major"/);
    expect(said).toMatch(/used radio.*"value":"always"/);
    expect(said).toMatch(/used boxes.*"value":"pin"/);
    await page.getByTestId('close-thread').click();
    await say(page, '/sample card');
    const card = messageWith(page, 'Ship shop 1.5.0');
    await card.getByTestId('overflow').click();
    await page.getByTestId('menu-item').filter({ hasText: 'Cancel' }).click();
    await card.getByTestId('thread-bar').click();
    await thread.getByText('used more').waitFor();
    await expect.poll(() => seen(thread)).toContain('"value":"cancel"');
  });

  it('opens modals, shows errors at the inputs, stacks views and hands the values over', async () => {
    const page = await open();
    await say(page, '/sample modal');
    const modal = page.getByTestId('modal');
    await modal.waitFor();
    await expect
      .poll(() => page.evaluate("document.activeElement?.getAttribute('data-testid')"))
      .toBe('select');
    await screenshot(page, 'modal-light');
    await page.getByTestId('modal-submit').click();
    await modal.getByTestId('input-error').waitFor();
    await expect
      .poll(() => page.evaluate("document.activeElement?.getAttribute('aria-invalid')"))
      .toBe('true');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.type('sho');
    await page.keyboard.press('Enter');
    await expect.poll(() => seen(modal.getByTestId('select'))).toBe('shop');
    await modal.locator('textarea').fill('careful!');
    await page.getByTestId('modal-submit').click();
    await modal.getByText('Calm words only, please.').waitFor();
    await screenshot(page, 'modal-error-light');
    await modal.locator('[data-action-id=push]').click();
    await modal.getByText('Everything there is to know.').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => modal.locator('textarea').inputValue()).toBe('careful!');
    await modal.locator('textarea').fill('careful');
    await page.getByTestId('modal-submit').click();
    await modal.waitFor({ state: 'hidden' });
    await messageWith(page, 'ships shop: careful').waitFor();
  });

  it('completes commands, people and emoji by keyboard', async () => {
    const page = await open();
    const composer = page.getByTestId('composer');
    await composer.click();
    await composer.pressSequentially('/s');
    await page.getByTestId('completion').first().waitFor();
    await screenshot(page, 'completion-light');
    expect(await page.getByTestId('completion').allInnerTexts()).toEqual([
      expect.stringMatching(/\/sample\s+card \| text/),
      expect.stringContaining('/slow'),
    ]);
    await composer.press('ArrowDown');
    await composer.press('ArrowUp');
    await composer.press('Enter');
    await expect.poll(() => composer.inputValue()).toBe('/sample ');
    await expect.poll(() => seen(page.getByTestId('usage'))).toContain('Posts a sample');
    await composer.fill('');
    await composer.pressSequentially('Hello @gra');
    await composer.press('Tab');
    await composer.pressSequentially('and :rock');
    await composer.press('Enter');
    await expect.poll(() => composer.inputValue()).toBe('Hello @grace and :rocket: ');
    await composer.press('Shift+Enter');
    await composer.pressSequentially('second line');
    await composer.press('Enter');
    await messageWith(page, 'second line').waitFor();
    await expect.poll(() => seen(messageWith(page, 'second line'))).toContain('@Grace Hopper');
  });

  it('is usable by keyboard alone', async () => {
    const page = await open();
    const keys = page.keyboard;
    await keys.type('/sample card');
    await keys.press('Enter');
    await messageWith(page, 'Ship shop 1.5.0').waitFor();
    await keys.press('Shift+F6');
    await keys.press('ArrowUp');
    const focused = (attribute: string) =>
      page.evaluate(`document.activeElement?.getAttribute('${attribute}') ?? ''`);
    await expect.poll(() => focused('data-testid')).toBe('message');
    for (let i = 0; i < 12 && (await focused('data-action-id')) !== 'approve'; i += 1)
      await keys.press('Tab');
    await keys.press('Enter');
    await expect.poll(() => focused('data-testid')).toBe('confirm-yes');
    await keys.press('Enter');
    await page.getByTestId('thread-bar').waitFor();
    await expect.poll(() => focused('data-action-id')).toBe('approve');
    await keys.press('F6');
    await keys.press('F6');
    await keys.press('F6');
    await keys.press('ArrowUp');
    await keys.press('t');
    await page.getByTestId('thread').getByText('used approve').waitFor();
    await expect.poll(() => focused('data-testid')).toBe('thread-composer');
    await keys.type('fine');
    await keys.press('Enter');
    await page.getByTestId('thread').getByText('2 replies').waitFor();
    await keys.press('Escape');
    await page.getByTestId('thread').waitFor({ state: 'hidden' });
  });

  it('says what is wrong with a command', async () => {
    const page = await open();
    await say(page, '/nonsense');
    await page.getByTestId('toast').waitFor();
    await expect.poll(() => seen(page.getByTestId('toast'))).toContain('/nonsense');
    await expect.poll(() => page.getByTestId('composer').inputValue()).toBe('/nonsense');
  });

  it('keeps ephemeral messages to one person, who can put them away', async () => {
    const ada = await open();
    const grace = await open('U0GRACE');
    await say(ada, '/sample whisper psst');
    const whisper = ada.locator('[data-testid=message][data-ephemeral=true]').filter({ hasText: 'psst' });
    await whisper.getByText('Only visible to you').waitFor();
    expect(await grace.getByText('psst').count()).toBe(0);
    await whisper.getByTestId('dismiss').click();
    await whisper.waitFor({ state: 'detached' });
  });

  it('edits and deletes own messages, reacts, and runs message shortcuts', async () => {
    const page = await open();
    await say(page, 'A mistoke by @linus');
    await messageWith(page, 'A mistoke').waitFor();
    await page.getByTestId('composer').press('ArrowUp');
    const edit = page.getByTestId('edit-composer');
    await expect.poll(() => edit.inputValue()).toBe('A mistoke by @linus');
    await edit.fill('A mistake by @linus');
    await edit.press('Enter');
    await messageWith(page, 'A mistake by').getByText('(edited)').waitFor();
    const ts = await messageWith(page, 'A mistake by').getAttribute('data-ts');
    const fixed = page.locator(`[data-testid=message][data-ts="${ts}"]`);
    await fixed.hover();
    await fixed.getByRole('button', { name: 'React with eyes' }).click();
    await fixed.locator('.reaction.mine').waitFor();
    await screenshot(page, 'hover-light');
    await fixed.getByTestId('message-more').click();
    await page.getByTestId('menu-item').filter({ hasText: 'Report a problem' }).click();
    await messageWith(page, 'Reported: A mistake').waitFor();
    await fixed.hover();
    await fixed.getByTestId('message-more').click();
    await page.getByTestId('menu-item').filter({ hasText: 'Delete' }).click();
    await page.getByTestId('confirm-yes').click();
    await fixed.waitFor({ state: 'detached' });
  });

  it('switches the user in place, and counts what one has not read', async () => {
    const page = await open();
    await page.locator('[data-testid=channel][data-channel-name=general]').click();
    const grace = await open('U0GRACE');
    await say(grace, 'Over here, @ada and @linus');
    const badge = page.locator(`[data-channel-name=${channel.name}]`).getByTestId('unread');
    await expect.poll(() => seen(badge)).toBe('1');
    await page.getByTestId('user-switcher').click();
    const focused = () => page.evaluate("document.activeElement?.getAttribute('data-key')");
    await expect.poll(focused).toBe('U0ADA');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused()).toBe('U0GRACE');
    await page.keyboard.press('l');
    await expect.poll(() => focused()).toBe('U0LINUS');
    await screenshot(page, 'switcher-light');
    await page.keyboard.press('Escape');
    await becomes(page, 'U0LINUS');
    await expect.poll(() => seen(page.getByTestId('user-switcher'))).toContain('You are Linus');
    await page.getByTestId('composer').fill('It is me');
    await page.getByTestId('composer').press('Enter');
    expect(await messageWith(page, 'It is me').getAttribute('data-user')).toBe('U0LINUS');
    await page.locator(`[data-testid=channel][data-channel-name=${channel.name}]`).click();
    await messageWith(page, 'Over here').waitFor();
    await expect.poll(() => badge.count()).toBe(0);
  });

  it('shows the Home tab, the conversation with the app and what it can do', async () => {
    const page = await open();
    await page.getByTestId('app').click();
    await page.getByTestId('home').getByText('nothing is under way').waitFor();
    await screenshot(page, 'home-light');
    await page.getByTestId('tab-home').press('ArrowRight');
    await page.getByTestId('composer').waitFor();
    await page.getByTestId('tab-about').click();
    await page.getByText('/sample card | text').first().waitFor();
  });

  it('shows files: pictures inline, text as a snippet that unfolds', async () => {
    const page = await open();
    await say(page, '/sample files');
    const snippet = page.locator('[data-testid=file][data-name="production-ship-report.md"]').last();
    await snippet.waitFor();
    await expect.poll(() => seen(snippet.locator('th').first())).toBe('check');
    expect(await snippet.getByText('The last line.').count()).toBe(0);
    await screenshot(page, 'files-light');
    await snippet.getByTestId('snippet-fold').click();
    await snippet.getByText('The last line.').waitFor();
    const download = page.waitForEvent('download');
    await snippet.getByRole('link', { name: /Download/ }).click();
    expect((await download).suggestedFilename()).toBe('production-ship-report.md');
    const picture = page.locator('[data-testid=file][data-name="chart.png"] img').last();
    await expect
      .poll(() => picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
      .toBe(1);
    await picture.click();
    await page.getByTestId('lightbox').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('lightbox').waitFor({ state: 'hidden' });
  });

  it('shows foreign words as words', async () => {
    const page = await open();
    await say(page, '/sample text');
    const sample = messageWith(page, 'Formatted text');
    await sample.waitFor();
    await expect
      .poll(() => seen(sample))
      .toContain('From outside: <!channel> <https://evil.example|approve> &amp;');
    expect(await sample.getByRole('link', { name: 'approve' }).count()).toBe(0);
    expect(await sample.getByText('@channel').count()).toBe(0);
    await screenshot(page, 'text-light');
  });

  it('moves the switches of the demo', async () => {
    const page = await open();
    const panel = page.getByTestId('panel');
    await expect.poll(() => seen(panel)).toContain('v1.4.2');
    await panel.getByText('failing').click();
    await expect.poll(() => seen(panel.locator('[data-gauge-id=health]'))).toContain('failing');
    expect(production.mode).toBe('failing');
    await panel.getByText('healthy').first().click();
    await expect.poll(() => production.mode).toBe('healthy');
  });

  it('works in the dark and on a phone', async () => {
    const page = await open('U0GRACE', {
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
      hasTouch: true,
      isMobile: true,
    });
    const wide = () => page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    await say(page, '/sample card');
    const card = messageWith(page, 'Ship shop 1.5.0');
    await card.waitFor();
    await screenshot(page, 'phone-dark');
    expect(await wide()).toBe(0);
    // The last column is not cut off: it stands below the others.
    const table = card.locator('.table-scroll');
    const hidden = await table.evaluate((element) => {
      const { scrollWidth, clientWidth } = element as unknown as { scrollWidth: number; clientWidth: number };
      return scrollWidth - clientWidth;
    });
    expect(hidden).toBe(0);
    const why = await table.getByText('two commits came after the validation').boundingBox();
    expect((why?.x ?? 0) + (why?.width ?? 999)).toBeLessThanOrEqual(390);
    await page.getByTestId('open-sidebar').click();
    await page.locator('[data-testid=channel][data-channel-name=general]').waitFor();
    await screenshot(page, 'phone-sidebar-dark');
    await page.locator(`[data-testid=channel][data-channel-name=${channel.name}]`).click();
    await card.locator('[data-action-id=reject]').click();
    await card.getByTestId('thread-bar').click();
    await page.getByTestId('thread').getByText('used reject').waitFor();
    await screenshot(page, 'phone-thread-dark');
    await page.getByTestId('close-thread').click();
    await say(page, '/sample modal');
    await page.getByTestId('modal').waitFor();
    await screenshot(page, 'phone-modal-dark');
    expect(await wide()).toBe(0);
    await page.getByTestId('modal-x').click();
    await page.getByTestId('modal').waitFor({ state: 'hidden' });
  });

  it('keeps the chosen colours', async () => {
    const page = await open();
    const scheme = () => page.evaluate('getComputedStyle(document.documentElement).colorScheme');
    await page.getByTestId('theme').click();
    expect(await scheme()).toBe('dark');
    await screenshot(page, 'channel-dark');
    await page.reload();
    await page.getByTestId('composer').waitFor();
    expect(await scheme()).toBe('dark');
  });

  it('leads from a permalink to the message', async () => {
    const page = await open();
    await say(page, 'The one that is meant');
    await messageWith(page, 'The one that').waitFor();
    const ts = (await messageWith(page, 'The one that').getAttribute('data-ts')) ?? '';
    const link = `${workspace.url}/archives/${channel.id}/p${ts.replace('.', '')}`;
    await opens(page, 'general');
    await say(page, `Look at ${link}`);
    await messageWith(page, 'Look at').getByRole('link').click();
    await messageWith(page, 'The one that').waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.getAttribute('data-ts')")).toBe(ts);
    await page.goto(link);
    await page.getByTestId('thread').getByText('The one that is meant').waitFor();
    await expect.poll(() => seen(page.getByTestId('user-switcher'))).toContain('You are Ada');
  });

  it('opens the thread that a permalink names, beside the message that heads it', async () => {
    const page = await open();
    await say(page, 'The head of it all');
    const head = messageWith(page, 'The head of');
    const ts = (await head.getAttribute('data-ts')) ?? '';
    const link = `${workspace.url}/archives/${channel.id}/p${ts.replace('.', '')}?thread_ts=${ts}&cid=${channel.id}`;
    await opens(page, 'general');
    await say(page, `It began with ${link}`);
    expect(await page.getByTestId('thread').count()).toBe(0);
    await messageWith(page, 'It began with').getByRole('link').click();
    await page.getByTestId('thread').getByText('The head of it all').waitFor();
    expect(await seen(page.locator('.conversation'))).toContain('The head of it all');
    await expect
      .poll(() => page.evaluate("document.activeElement?.getAttribute('data-testid')"))
      .toBe('thread-composer');
    // What is brought into view moves its list, not the page.
    expect(await page.evaluate('document.documentElement.scrollHeight - window.innerHeight')).toBe(0);
  });

  it('comes back by itself when the server was restarted, with the draft still there', async () => {
    const options = { manifest: sampleManifest, channels: [{ id: 'C0SHIP', name: 'ship' }] };
    const first = await startWorkspace(options);
    const page = await openPage(browser, first.url, 'U0GRACE', 'C0SHIP');
    await page.getByTestId('composer').fill('half a sent');
    await first.close();
    await expect.poll(() => seen(page.getByTestId('line'))).toContain('Reconnecting');
    await page.getByTestId('composer').press('Enter');
    await page.getByTestId('toast').waitFor();
    await expect.poll(() => page.getByTestId('composer').inputValue()).toBe('half a sent');
    const second = await startWorkspace({ ...options, port: Number(new URL(first.url).port) });
    try {
      await expect.poll(() => seen(page.getByTestId('line')), { timeout: 8_000 }).toContain('not connected');
      await page.getByTestId('composer').press('Enter');
      await messageWith(page, 'half a sent').waitFor();
      expect(await messageWith(page, 'half a sent').getAttribute('data-user')).toBe('U0GRACE');
    } finally {
      await second.close();
    }
  });
});
