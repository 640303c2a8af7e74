import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { FakeAws } from '../../fakes/clouds/aws.ts';
import { alerts } from '../../support/all-adapters.ts';

interface Alarm {
  readonly name: string;
  readonly state?: string;
  readonly composite?: boolean;
  readonly actions?: boolean;
  readonly suppressedBy?: string;
}

let aws: FakeAws;
let given: Alarm[];
/** Names of the alarms that an active mute rule targets; a code: how the question is answered instead. */
let muted: readonly string[] | { readonly status: number; readonly code: string };
beforeEach(async () => {
  given = [];
  muted = [];
  aws = await FakeAws.start();
  aws.keys.set('AKIA1', { secret: 'aws-secret-1' });
  aws.onCall = ({ form }, response) => {
    if (form.get('Action') === 'ListAlarmMuteRules') {
      if ('code' in muted) return aws.error(response, muted.status, muted.code, 'No');
      const isMuted =
        form.get('Statuses.member.1') === 'ACTIVE' && muted.includes(form.get('AlarmName') ?? '');
      const rule = `<member><AlarmMuteRuleArn>arn:aws:cloudwatch:eu-central-1:1:alarm-mute-rule:night</AlarmMuteRuleArn><Status>ACTIVE</Status></member>`;
      const rules = `<AlarmMuteRuleSummaries>${isMuted ? rule : ''}</AlarmMuteRuleSummaries>`;
      return aws.result(response, 'ListAlarmMuteRules', rules);
    }
    if (form.get('Action') !== 'DescribeAlarms')
      return aws.error(response, 400, 'InvalidAction', 'No such operation');
    if (Number(form.get('MaxRecords')) > 100)
      return aws.error(response, 400, 'ValidationError', 'MaxRecords');
    const types = [1, 2].map((nth) => form.get(`AlarmTypes.member.${nth}`));
    const from = Number(form.get('NextToken') ?? 0);
    const all = given.filter(({ name, composite }) => {
      const type = composite ? 'CompositeAlarm' : 'MetricAlarm';
      return name.startsWith(form.get('AlarmNamePrefix') ?? '') && types.includes(type);
    });
    const page = all.slice(from, from + 100);
    const member = ({ name, state = 'ALARM', actions = true, suppressedBy }: Alarm) =>
      `<member>${suppressedBy === undefined ? '' : `<ActionsSuppressor>maintenance</ActionsSuppressor><ActionsSuppressedBy>${suppressedBy}</ActionsSuppressedBy>`}<AlarmName>${name}</AlarmName><AlarmArn>arn:aws:cloudwatch:eu-central-1:1:alarm:${name}</AlarmArn><StateValue>${state}</StateValue><ActionsEnabled>${actions}</ActionsEnabled><StateUpdatedTimestamp>2025-10-09T08:00:00.000Z</StateUpdatedTimestamp></member>`;
    const listed = (composite: boolean) =>
      page
        .filter((alarm) => (alarm.composite ?? false) === composite)
        .map(member)
        .join('');
    const token = from + 100 < all.length ? `<NextToken>${from + 100}</NextToken>` : '';
    aws.result(
      response,
      'DescribeAlarms',
      `<CompositeAlarms>${listed(true)}</CompositeAlarms><MetricAlarms>${listed(false)}</MetricAlarms>${token}`,
    );
  };
});
afterEach(() => aws.server.close());

const open = (settings: Record<string, unknown> = {}, secret = 'aws-secret-1', now = () => aws.now) =>
  alerts.open(
    alerts.settings.parse({
      use: 'cloudwatch',
      region: 'eu-central-1',
      prefix: 'shop-',
      endpoint: aws.url,
      'access-key': { env: 'ID' },
      'secret-key': { env: 'SECRET' },
      ...settings,
    }),
    adapterContext({ env: { ID: 'AKIA1', SECRET: secret }, now }),
  );

describe('cloudwatch', () => {
  test('tells the alarms of the service, composite ones too; by their names they are critical', async () => {
    given = [
      { name: 'shop-errors-critical' },
      { name: 'shop-slow' },
      { name: 'shop-all', composite: true },
      { name: 'shop-fine', state: 'OK' },
      { name: 'shop-unknown', state: 'INSUFFICIENT_DATA' },
      { name: 'shop-muted', actions: false },
      { name: 'shop-at-night', composite: true, suppressedBy: 'Alarm' },
      { name: 'shop-soon', composite: true, suppressedBy: 'WaitPeriod' },
      { name: 'other-critical' },
    ];
    const firing = await open().firing();
    expect(firing.map(({ name, critical }) => [name, critical])).toEqual([
      ['shop-errors-critical', true],
      ['shop-slow', false],
      ['shop-all', false],
    ]);
    expect(firing[0]).toMatchObject({
      id: 'arn:aws:cloudwatch:eu-central-1:1:alarm:shop-errors-critical',
      since: Date.parse('2025-10-09T08:00:00Z'),
    });
  });

  test('an alarm that a mute rule mutes now does not count; only alarms that fire are asked for', async () => {
    given = [
      { name: 'shop-errors-critical' },
      { name: 'shop-all', composite: true },
      { name: 'shop-slow' },
      { name: 'shop-fine', state: 'OK' },
      { name: 'shop-off', actions: false },
    ];
    muted = ['shop-errors-critical', 'shop-all'];
    expect((await open().firing()).map(({ name }) => name)).toEqual(['shop-slow']);
    const asked = aws.calls.flatMap(({ form }) => form.get('AlarmName') ?? []);
    expect(asked.sort()).toEqual(['shop-all', 'shop-errors-critical', 'shop-slow']);
  });

  test.each([
    [403, 'AccessDenied'],
    [400, 'InvalidAction'],
    [400, 'Throttling'],
    [503, 'ServiceUnavailable'],
  ])('where mute rules cannot be asked for (%i %s), no alarm is lost', async (status, code) => {
    given = [{ name: 'shop-errors-critical' }];
    muted = { status, code };
    expect(await open().firing()).toHaveLength(1);
  });

  test('keeps for a while that an alarm is muted where that cannot be asked for', async () => {
    given = [{ name: 'shop-errors-critical' }];
    muted = ['shop-errors-critical'];
    let now = aws.now;
    const source = open({}, 'aws-secret-1', () => now);
    expect(await source.firing()).toHaveLength(0);
    muted = { status: 503, code: 'ServiceUnavailable' };
    expect(await source.firing()).toHaveLength(0);
    now += 600_000;
    expect(await source.firing()).toHaveLength(1);
  });

  test('reads page by page', async () => {
    given = Array.from({ length: 230 }, (_, nth) => ({ name: `shop-${nth}` }));
    expect(await open().firing()).toHaveLength(230);
    given = Array.from({ length: 1_100 }, (_, nth) => ({ name: `shop-${nth}` }));
    await expect(open().firing()).rejects.toMatchObject({
      code: 'source-blind',
      facts: { reason: '1,000 or more alarms begin with shop-: choose a longer prefix' },
    });
  });

  test('no alarm at all, a wrong key and an outage are no good news', async () => {
    await expect(open().firing()).rejects.toMatchObject({ code: 'source-blind' });
    await expect(open({}, 'aws-wrong').firing()).rejects.toMatchObject({ code: 'source-unauthorised' });
    aws.onCall = (_, response) => aws.error(response, 400, 'Throttling', 'Rate exceeded');
    await expect(open().firing()).rejects.toBeInstanceOf(Unavailable);
    aws.onCall = (_, response) => aws.error(response, 400, 'ValidationError', 'no such thing');
    await expect(open().firing()).rejects.toMatchObject({ code: 'source-refused' });
  });
});
