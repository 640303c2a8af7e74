import { beforeEach, describe, expect, test } from 'vitest';
import type { OpenedIssue } from '../../../src/adapters/repositories/port.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { PROBLEM_WORDS } from '../../../src/domain/reports/words.ts';
import { reportIssues } from '../../../src/flows/jobs/report-issues.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { town } from '../locks/town.ts';

let place: ReturnType<typeof town>;
let issues: OpenedIssue[];
let asked: { labels: readonly string[]; sinceMs: number }[];
let isAway: boolean;

const issue = (number: number): OpenedIssue => ({
  number,
  title: `Cart is empty ${number}`,
  url: `https://git.test/issues/${number}`,
  by: 'octocat',
  at: place.house.clock.now(),
});

/** A release that is watched, on a host with issues. */
beforeEach(async () => {
  place = town();
  issues = [];
  asked = [];
  isAway = false;
  const reports = { channels: [], words: PROBLEM_WORDS, bots: [], issues: ['bug'] };
  const [ports] = place.requests.services.values();
  if (!ports) throw new Error('no shop');
  const openedIssues = async (labels: readonly string[], sinceMs: number) => {
    asked.push({ labels, sinceMs });
    if (isAway) throw new Unavailable('GitHub', 'no answer');
    return issues;
  };
  Object.assign(ports.repository, { openedIssues });
  place.requests.services = new Map([['shop', { ...ports, service: { ...ports.service, reports } }]]);
  await place.start();
  await reportIssues(place.requests);
  expect(asked).toEqual([]);
  await place.approve();
  for (let turn = 0; turn < 60 && (await place.newest()).state !== 'monitoring'; turn++)
    await place.wait(1_000);
});

describe('issues that are opened while a release is watched', () => {
  test('are reports: said once in the thread, with title and address', async () => {
    issues = [issue(7)];
    await reportIssues(place.requests);
    await place.settle();
    issues.push(issue(8));
    // Within the same minute nobody asks again, whichever process looks.
    await reportIssues(place.requests);
    expect(asked).toHaveLength(1);
    await place.wait(61_000);
    await reportIssues(place.requests);
    await place.settle();
    expect(asked).toHaveLength(2);
    const { data } = await place.newest();
    expect(asked[0]).toEqual({ labels: ['bug'], sinceMs: data.deployment?.finishedAt });
    expect(place.said('user-report').map(({ notice }) => notice)).toEqual(
      [7, 8].map((number) => ({
        kind: 'user-report',
        by: 'octocat',
        text: `#${number} Cart is empty ${number}`,
        place: 'issue',
        link: `https://git.test/issues/${number}`,
      })),
    );
    expect(data.monitor?.reports).toBe(2);
    const audit = await place.house.ledger.auditTrail({ limit: 50 });
    const rows = audit.filter(({ action }) => action === 'promotion.report');
    expect(rows.map(({ actor, detail }) => [actor, detail?.['by']])).toEqual([
      ['slipway', 'octocat'],
      ['slipway', 'octocat'],
    ]);
    expect(place.house.target.started).toHaveLength(1);
  });

  test('a host that does not answer is asked again', async () => {
    const { id } = await place.newest();
    await steer(place.requests, place.caller('U_ADA'), id, { kind: 'hold' });
    issues = [issue(7)];
    isAway = true;
    await expect(reportIssues(place.requests)).rejects.toBeInstanceOf(Unavailable);
    isAway = false;
    await place.wait(61_000);
    await reportIssues(place.requests);
    await place.settle();
    expect(place.said('user-report')).toHaveLength(1);
  });
});
