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
beforeEach(async () => {
  given = [];
  aws = await FakeAws.start();
  aws.keys.set('AKIA1', { secret: 'aws-secret-1' });
  aws.onCall = ({ form }, response) => {
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

const open = (settings: Record<string, unknown> = {}, secret = 'aws-secret-1') =>
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
    adapterContext({ env: { ID: 'AKIA1', SECRET: secret }, now: () => aws.now }),
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
