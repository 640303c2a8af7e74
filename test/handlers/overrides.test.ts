import type { ModalView } from '@slack/types';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ButtonValue,
  decodeValue,
  encodeValue,
  serviceValue,
} from '../../src/blocks/kit/button-value.ts';
import { EVERYTHING } from '../../src/domain/policy/lock.ts';
import { startFor } from '../../src/handlers/command.ts';
import { openOverrideForm, submitOverride } from '../../src/handlers/overrides.ts';
import type { HandlerContext } from '../../src/handlers/support/context.ts';
import { refused, town } from '../flows/locks/town.ts';

describe('the form that breaks the glass covers what it shows', () => {
  let place: ReturnType<typeof town>;
  let context: HandlerContext;
  let opened: ModalView[];

  beforeEach(() => {
    place = town();
    opened = [];
    const open = async ({ view }: { view: ModalView }) => void opened.push(view);
    context = {
      requests: place.requests,
      client: { views: { open } },
      log: pino({ level: 'silent' }),
      installation: async () => ({ url: 'https://ours.slack.com/' }),
      threads: { cardOf: async () => null },
      serviceView: () => undefined,
    } as unknown as HandlerContext;
  });
  afterEach(() => place.settle().catch(() => undefined));

  /** What comes back with the form. */
  async function form(value: ButtonValue): Promise<ButtonValue> {
    const click = { context, caller: place.caller('U_LINUS'), value, trigger: 't', origin: {} };
    await openOverrideForm(click);
    return decodeValue(opened.at(-1)?.private_metadata) ?? {};
  }
  const submit = (metadata: ButtonValue) =>
    submitOverride(context, place.caller('U_LINUS'), metadata, 'the till is down');
  const stopAll = () =>
    place.house.ledger.lock({ service: EVERYTHING, owner: 'U_ADA', reason: 'money is lost' });

  test('at the start: what was locked while it was open is shown first', async () => {
    await place.lock('U_ADA');
    const metadata = await form({ service: 'shop' });
    await stopAll();
    const answer = await submit(metadata);
    expect(JSON.stringify(answer)).toContain('money is lost');
    expect(JSON.stringify(answer)).toContain('break_glass');
    expect(await place.house.ledger.openFor('shop')).toBeNull();

    const anew = await form({ service: 'shop' });
    expect(JSON.stringify(opened.at(-1))).toContain('money is lost');
    await submit(anew);
    const { request } = await place.newest();
    expect(request.overrides?.[0]?.over).toHaveLength(2);
  });

  test('with the note of whoever wanted it shipped', async () => {
    await place.lock('U_ADA');
    const note = 'only with the flag *off*';
    const wish = { service: 'shop', bump: 'minor', note } as const;
    const answer = JSON.stringify(await startFor(context, place.caller('U_LINUS'), wish));
    const pressed = serviceValue(wish, 'command');
    expect(answer).toContain(JSON.stringify(encodeValue(pressed)).slice(1, -1));
    await submit(await form(pressed));
    const { request } = await place.newest();
    expect(request).toMatchObject({ note, bump: 'minor' });
  });

  test('over a blocked promotion: what came since is not covered', async () => {
    await place.start();
    await place.lock('U_ADA');
    await place.recheck();
    const { id, turn, data, state } = await place.newest();
    expect(state).toBe('blocked');
    const metadata = await form({ promotion: id, turn });
    const gates = data.gates?.map((gate) =>
      gate.barriers ? { ...gate, barriers: [...gate.barriers, 'lock:*:2030-01-07T10:00:00.000Z'] } : gate,
    );
    await place.house.ledger.change(id, { data: { gates: gates ?? [] } });
    expect((await refused(submit(metadata) as Promise<unknown>)).code).toBe('card-changed');
    await submit(await form({ promotion: id, turn }));
    await place.settle();
    expect((await place.newest()).state).not.toBe('blocked');
  });
});
