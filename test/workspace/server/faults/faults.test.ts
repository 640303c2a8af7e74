import { describe, expect, test } from 'vitest';
import { boltApp, call, client, workspace } from '../setup.ts';

describe('faults', () => {
  test('an event nobody acknowledges comes again, with attempt and reason', async () => {
    const slack = await workspace({ times: { ackDeadlineMs: 300, eventRetryMs: [10, 10, 10] } });
    const attempts: unknown[] = [];
    const app = await boltApp(slack, () => {});
    app.use(async ({ context, next, body }) => {
      attempts.push([context.retryNum, context.retryReason, (body as { event_id?: string }).event_id]);
      if (attempts.length === 3) await next();
      else await new Promise(() => {});
    });
    app.event('message', async () => {});
    slack.as('ada').say('#ship', 'hello');
    await slack.quiet(150);
    const id = (attempts[0] as unknown[])[2];
    // Bolt acknowledges events before any listener runs, so the app has to be deaf for real.
    expect(attempts).toEqual([[0, '', id]]);

    slack.control.delayAcks(1_000);
    slack.as('ada').say('#ship', 'again');
    await slack.quiet(150);
    const again = attempts.slice(1) as [number, string, string][];
    expect(again.map(([attempt, reason]) => [attempt, reason])).toEqual([
      [0, ''],
      [1, 'timeout'],
      [2, 'timeout'],
      [3, 'timeout'],
    ]);
    expect(new Set(again.map(([, , event]) => event)).size).toBe(1);
  });

  test('events said while the app is away wait for it', async () => {
    const slack = await workspace();
    const heard: string[] = [];
    slack.as('ada').say('#ship', 'is anybody there?');
    await boltApp(slack, (app) => {
      app.event('message', async ({ event }) => void heard.push((event as { text: string }).text));
    });
    await slack.quiet();
    expect(heard).toEqual(['is anybody there?']);
  });

  test('a command that is not acknowledged in time fails as Slack shows it', async () => {
    const slack = await workspace({ times: { ackDeadlineMs: 80 } });
    await expect(slack.as('ada').command('/ship-prod')).rejects.toThrow('dispatch_failed');
    await boltApp(slack, (app) => {
      app.command('/ship-prod', async () => {});
    });
    await expect(slack.as('ada').command('/ship-prod')).rejects.toThrow('operation_timeout');
    await expect(slack.as('ada').command('/ship-it')).rejects.toThrow('unknown_command');
  });

  test.each(['refresh', 'abrupt'] as const)('after a %s disconnect the app comes back', async (mode) => {
    const slack = await workspace();
    await boltApp(slack, (app) => {
      app.command('/ship-prod', async ({ ack }) => ack('here'));
    });
    slack.control.disconnect(mode);
    await slack.waitForConnection();
    expect((await slack.as('ada').command('/ship-prod'))?.text).toBe('here');
    expect(slack.control.connections()).toBe(1);
  });

  test('each envelope goes to one of several connections', async () => {
    const slack = await workspace();
    const served: string[] = [];
    for (const name of ['first', 'second']) {
      await boltApp(slack, (app) => {
        app.command('/ship-prod', async ({ ack }) => {
          served.push(name);
          await ack();
        });
      });
    }
    for (let count = 0; count < 4; count += 1) await slack.as('ada').command('/ship-prod');
    expect(served.sort()).toEqual(['first', 'first', 'second', 'second']);
  });

  test('repeated events and interactions arrive twice with the same ids', async () => {
    const slack = await workspace();
    const events: unknown[] = [];
    const commands: unknown[] = [];
    await boltApp(slack, (app) => {
      app.event('message', async ({ body }) => void events.push(body.event_id));
      app.command('/ship-prod', async ({ ack, command }) => {
        commands.push(command.trigger_id);
        await ack();
      });
    });
    slack.control.repeatEvents();
    slack.control.repeatInteractions();
    slack.as('ada').say('#ship', 'once');
    await slack.as('ada').command('/ship-prod');
    await slack.quiet();
    expect(events).toHaveLength(2);
    expect(new Set(events).size).toBe(1);
    expect(commands).toHaveLength(2);
    expect(new Set(commands).size).toBe(1);
  });

  test('rate limits, HTTP failures and refusals hit the calls they were planned for', async () => {
    const slack = await workspace();
    const web = client(slack);
    const message = { channel: 'C0SHIP', text: 'hello' };
    slack.control.rateLimit('chat.postMessage', 1, 7);
    await expect(web.chat.postMessage(message)).rejects.toMatchObject({ retryAfter: 7 });
    slack.control.failHttp('chat.postMessage', 1, 503);
    await expect(web.chat.postMessage(message)).rejects.toMatchObject({ statusCode: 503 });
    slack.control.failWith('chat.postMessage', 'fatal_error');
    await expect(web.chat.postMessage(message)).rejects.toThrow('fatal_error');
    await expect(web.chat.postMessage(message)).resolves.toMatchObject({ ok: true });
    expect(slack.messages()).toHaveLength(1);
    expect(slack.control.calls('chat.postMessage').map(({ response }) => response['error'])).toEqual([
      'ratelimited',
      'internal_error',
      'fatal_error',
      undefined,
    ]);
  });

  test('when Slack is down nothing answers, then everything does again', async () => {
    let now = 1_795_000_000_000;
    const slack = await workspace({ now: () => now });
    slack.control.goDown(5_000);
    await expect(call(slack, 'auth.test')).rejects.toThrow('fetch failed');
    now += 5_001;
    expect(await call(slack, 'auth.test')).toMatchObject({ ok: true, user_id: slack.botUser });
  });

  test('the control endpoints do the same over HTTP, and not for other origins', async () => {
    const slack = await workspace();
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${slack.url}/control/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
    expect(await (await post('rate-limit', { method: 'auth.test', retry_after: 3 })).json()).toEqual({
      ok: true,
      result: null,
    });
    const limited = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
    expect((await post('nothing', {})).status).toBe(400);
    expect(await (await post('delay-api', { ms: 'soon' })).json()).toMatchObject({
      error: 'invalid_arguments',
    });
    expect((await post('recover', {}, { origin: 'https://evil.example' })).status).toBe(403);
    expect(await (await fetch(`${slack.url}/control/recover`)).json()).toMatchObject({
      error: 'post_required',
    });
    const calls = (await (await fetch(`${slack.url}/control/calls?method=auth.test`)).json()) as {
      result: unknown[];
    };
    expect(calls.result).toHaveLength(1);
  });
});
