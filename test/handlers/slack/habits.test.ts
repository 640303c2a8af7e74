import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Desk, openDesk, payloadsFor } from './desk.ts';

let desk: Desk;
let sends: ReturnType<typeof payloadsFor>;

beforeEach(async () => {
  desk = await openDesk();
  sends = payloadsFor(desk);
});
afterEach(() => desk.close());

describe('the form remembers what somebody chose', () => {
  const chosen = (value: string) => ({ selected_option: { value } });
  const submit = (bump: string, user?: string) => {
    const { trigger_id: _trigger, callback_id: _callback, ...origin } = payloadsFor(desk, user).shortcut();
    return desk.deliver({
      ...origin,
      type: 'view_submission',
      view: {
        id: `V${desk.fresh()}`,
        hash: desk.fresh(),
        callback_id: 'start_form',
        private_metadata: '',
        state: {
          values: {
            service: { service: chosen('shop') },
            feature: { feature: chosen('014-coupons') },
            bump: { bump: chosen(bump) },
            note: { note: { value: 'payday' } },
          },
        },
      },
    });
  };
  /** What the form has preselected: the version step, and whether anything of the last note is in it. */
  const opened = async (user?: string) => {
    await desk.deliver(payloadsFor(desk, user).command(''));
    const view = JSON.stringify(desk.slack.of('views.open').at(-1)?.args['view']);
    const { blocks } = JSON.parse(view) as {
      blocks: { block_id?: string; element?: { initial_option?: { value: string } } }[];
    };
    const of = (field: string) =>
      blocks.find(({ block_id }) => block_id === field)?.element?.initial_option?.value;
    return [of('service'), of('bump'), view.includes('payday')];
  };

  test('for themselves, and only what is safe', async () => {
    expect(await opened()).toEqual(['shop', 'auto', false]);
    await submit('minor');
    expect(await opened()).toEqual(['shop', 'minor', false]);
    expect(await opened('U_LINUS')).toEqual(['shop', 'auto', false]);
    await submit('major');
    expect(await opened()).toEqual(['shop', 'auto', false]);
  });
});

describe('a form in which the service was changed', () => {
  const select = (value: string) => ({ selected_option: { value } });
  const startedWith = async (values: object) => {
    const { trigger_id: _trigger, callback_id: _callback, ...origin } = sends.shortcut();
    const id = `V${desk.fresh()}`;
    await desk.deliver({
      ...origin,
      type: 'view_submission',
      view: { id, hash: desk.fresh(), callback_id: 'start_form', private_metadata: '', state: { values } },
    });
    const [promotion] = await desk.place.house.ledger.recent({ limit: 1 });
    return promotion?.request.feature;
  };
  const bump = { bump: { bump: select('auto') }, note: { note: { value: null } } };

  test.each([
    ['takes what was chosen for it', { 'feature:shop': { feature: select('014-coupons') } }, '014-coupons'],
    [
      'takes nothing that was chosen for another one',
      { 'feature:api': { feature: select('014-coupons') } },
      undefined,
    ],
    ['of an older version is read as well', { feature: { feature: select('014-coupons') } }, '014-coupons'],
  ])('%s', async (_name, feature, expected) => {
    expect(await startedWith({ service: { service: select('shop') }, ...feature, ...bump })).toBe(expected);
  });
});

test('subscribing, by command, and what is planned, with a button', async () => {
  const profile = { email: 'ada@shop.test' };
  desk.place.house.people.profiles.set('U_ADA', {
    id: 'U_ADA',
    name: 'Ada',
    deleted: false,
    bot: false,
    restricted: false,
    ...profile,
  });
  await desk.deliver(sends.command('subscribe shop'));
  expect(desk.told().at(-1)).toContain('when your commits of shop are in production');
  expect(await desk.place.house.ledger.subscriptions('U_ADA')).toMatchObject([{ service: 'shop' }]);
  await desk.deliver(sends.command('subscribe'));
  await desk.deliver(sends.command('unsubscribe shop'));
  expect(desk.told().at(-1)).toMatch(
    /subscribed to all services, so you still get .*\/ship-prod unsubscribe/,
  );
  await desk.deliver(sends.command('unsubscribe'));
  await desk.deliver(sends.command('subscribe shop'));
  await desk.deliver(sends.command('unsubscribe shop'));
  expect(desk.told().at(-1)).toMatch(/No more direct messages about your commits of shop/);
  await desk.deliver(sends.command('unsubscribe shop'));
  expect(desk.told().at(-1)).toContain('You get no messages about your commits of shop alone');
  await desk.deliver(sends.command('schedule shop tomorrow 9:00'));
  expect(desk.told().at(-1)).toContain('Cancel');
  await desk.deliver(sends.command('cancel shop'));
  expect(desk.told().at(-1)).toContain('will not be started');
  await desk.deliver(sends.command('schedule cancel shop'));
  expect(desk.told().at(-1)).toContain('Nothing is planned for shop');
});
