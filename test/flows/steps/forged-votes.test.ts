import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../../src/domain/audit/entry.ts';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { newKey, signerOf } from '../../../src/engine/audit/signer.ts';
import { beginSigning } from '../../../src/engine/tables/audit-key.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { promote } from '../../../src/flows/promote.ts';
import { vote } from '../../../src/flows/requests/vote.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { freshDatabase, type TestDatabase } from '../../engine/database.ts';
import { drive, MemoryJournal, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';

describe('an approval that the owner of the database wrote', () => {
  let database: TestDatabase;
  let house: House;
  let ledger: Ledger;

  beforeEach(async () => {
    database = await freshDatabase();
    house = new House({ approvalsExpireMs: 20 * 60_000 });
    const signer = signerOf(newKey());
    if (signer === null) throw new Error('no key');
    const { now } = house.clock;
    await beginSigning({ pool: database.pool, now, signer, isFirst: true });
    ledger = createLedger({ pool: database.pool, now, signer });
    const request = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;
    await ledger.open({ id: ID, request, channel: 'C_SHIP' });
  });
  afterEach(() => database.close());

  const forge = () =>
    database.pool.query(
      `insert into slipway.approvals (promotion_id, voter, digest, decision, at, valid)
       select id, 'U_GRACE', digest, 'approve', to_timestamp($1::float8 / 1000), true from slipway.promotions
       on conflict do nothing`,
      [house.clock.now()],
    );
  const goes = async (journal: MemoryJournal, act: (state: string) => Promise<unknown>) => {
    const run = new MemoryRun({
      id: ID,
      clock: house.clock,
      journal,
      script: async () => {
        await act((await ledger.get(ID)).state);
        return null;
      },
    });
    await drive(run, (running) => promote(running, { ...house.ports, ledger }, ID));
    return ledger.get(ID);
  };

  test('does not count, is said once, and leaves a trace', async () => {
    const { state } = await goes(new MemoryJournal(), async (now) => {
      if (now === 'awaiting-approval') await forge();
    });
    expect(state).toBe('expired');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.target.started).toEqual([]);
    expect(house.slack.notices('unproven')).toEqual([
      { kind: 'unproven', by: 'U_GRACE', decision: 'approve' },
    ]);
    const trail = await ledger.auditTrail({ promotionId: ID, limit: 99 });
    expect(trail.filter(({ action }) => action === 'approval.unproven')).toMatchObject([
      { actor: 'slipway', result: 'refused', detail: { by: 'U_GRACE', decision: 'approve' } },
    ]);
  });

  test('does not count either when the journal says that the votes were counted', async () => {
    const journal = new MemoryJournal();
    const json = JSON.stringify({ kind: 'done', value: { missing: 0, declined: null } });
    const push = journal.entries.push.bind(journal.entries);
    let forged = 0;
    journal.entries.push = (...entries) => {
      for (const entry of entries) {
        // The count that lets it through to the release, and the last one there.
        if (/^count(-\d+)?$/.test(entry.name) && forged++ < 2) Object.assign(entry, { json });
      }
      return push(...entries);
    };
    const { state } = await goes(journal, async () => undefined);
    expect(forged).toBeGreaterThan(2);
    expect(state).toBe('expired');
    expect(house.slack.notices('voided').at(-1)?.changes.join()).toContain('not everybody who approved');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.target.started).toEqual([]);
  });

  test.each([
    ['other authors', "jsonb_set(data::jsonb, '{plan,authors}', '[]')"],
    ['another version', `jsonb_set(data::jsonb, '{plan,version,next}', '"9.9.9"')`],
    ['no plan', "data::jsonb - 'plan'"],
  ])('counts nobody while the stored plan is not that of the digest: %s', async (_what, changed) => {
    const texts = new Set<string>();
    const { state } = await goes(new MemoryJournal(), async (now) => {
      if (now !== 'awaiting-approval') return;
      await database.pool.query(`update slipway.promotions set data = (${changed})::json`);
      const { digest, data } = await ledger.get(ID);
      if (data.notice?.kind === 'problem') texts.add(data.notice.text);
      const votes = await ledger.approvals(ID);
      if (votes.length === 0)
        await ledger.vote(ID, { by: 'U_GRACE', digest: digest ?? '', decision: 'approve' });
      else expect(votes).toMatchObject([{ by: 'U_GRACE', valid: true }]);
    });
    expect(state).toBe('expired');
    expect([...texts].join()).toContain('The plan in the database is not the one');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.target.started).toEqual([]);
  });

  describe('who asked or decided, changed so that they may approve', () => {
    const OVERRIDE = { id: 'debt-1', reason: 'now', at: 1, due: 2, barriers: ['b'], over: ['b'] };
    const asOwner = async (text: string) => {
      await database.pool.query('alter table slipway.events disable trigger all');
      await database.pool.query(text);
      await database.pool.query('alter table slipway.events enable trigger all');
    };
    const approves = async (user: string) => {
      const { digest } = await ledger.get(ID);
      const requests = {
        ...house.requests(),
        ledger,
        services: new Map([['shop', { ...house.ports, ledger }]]),
      };
      const ballot = { digest: digest ?? '', decision: 'approve' } as const;
      return vote(requests, { user, via: 'button', key: user }, ID, ballot).then(
        () => 'done',
        (error: unknown) => (error instanceof Refusal ? explain(error).text : String(error)),
      );
    };
    /** What each of the two is answered who try to approve, and what becomes of it. */
    const tries = async (tamper: string, before: () => Promise<unknown> = async () => undefined) => {
      const answers: string[] = [];
      let notice = '';
      const { state } = await goes(new MemoryJournal(), async (now) => {
        notice = (await ledger.get(ID)).data.notice?.text ?? notice;
        if (now !== 'awaiting-approval' || answers.length > 0) return;
        await before();
        await asOwner(tamper);
        answers.push(await approves('U_ADA'), await approves('U_GRACE'));
      });
      expect(state).toBe('expired');
      expect(house.target.started).toEqual([]);
      expect(house.repository.tags.has('v1.3.0')).toBe(false);
      return { answers, notice };
    };
    const decide = (entry: Pick<AuditEntry, 'actor' | 'action' | 'detail'>) => async () => {
      await ledger.audit({ ...entry, result: 'done', service: 'shop', promotionId: ID });
      await ledger.audit({ actor: 'U_LINUS', action: 'plan.seen', result: 'done' });
    };

    test.each([
      [
        'the requester',
        `update slipway.promotions set request = replace(request::text, 'U_ADA', 'U_EVE')::json`,
      ],
      [
        'the requester, and the entry that names them',
        `update slipway.promotions set request = replace(request::text, 'U_ADA', 'U_EVE')::json;
         update slipway.events set entry = replace(entry::text, 'U_ADA', 'U_EVE')::json`,
      ],
      ['the entry is gone', `delete from slipway.events where entry ->> 'action' = 'promotion.opened'`],
    ])('%s: nobody can approve, and is told why', async (_what, tamper) => {
      const { answers, notice } = await tries(tamper);
      for (const answer of answers) {
        expect(answer).toMatch(
          /^Who asked to ship shop, or who decided about it, was changed in the database/,
        );
      }
      expect(notice).toContain('the signed audit does not say the same. So no vote counts.');
    });

    test('an entry that says who broke the glass is gone: nobody can', async () => {
      const broke = decide({ actor: 'U_GRACE', action: 'override.used', detail: { debt: 'debt-1' } });
      const tamper = `delete from slipway.events where entry ->> 'action' = 'override.used'`;
      const { answers } = await tries(tamper, broke);
      expect(answers.map((answer) => answer.slice(0, 23))).toEqual([
        'Who asked to ship shop,',
        'Who asked to ship shop,',
      ]);
    });

    test.each([
      ['broke the glass', 'override.used', {}, 'You broke the glass'],
      ['chose the lower version', 'promotion.bump', { lowerConfirmed: true }, 'You chose the lower version'],
    ] as const)(
      'whoever %s by the audit cannot, though the promotion names somebody else',
      async (...row) => {
        const [, action, detail, said] = row;
        const override = JSON.stringify([{ ...OVERRIDE, by: 'U_EVE' }]);
        const wish = JSON.stringify({ bump: 'patch', lowerConfirmed: true, by: 'U_EVE' });
        const { answers } = await tries(
          `update slipway.promotions set data = jsonb_set(jsonb_set(data::jsonb, '{overrides}', '${override}'),
           '{wish}', '${wish}')::json`,
          decide({ actor: 'U_GRACE', action, detail }),
        );
        expect(answers[0]).toContain('somebody else has to approve it');
        expect(answers[1]).toContain(said);
      },
    );

    test('an approval of whoever asked does not count either once it is there', async () => {
      let given = false;
      const { state } = await goes(new MemoryJournal(), async (now) => {
        if (now !== 'awaiting-approval' || given) return;
        given = true;
        // Past the question whether they may, as if it had been asked while the database said otherwise.
        await ledger.vote(ID, {
          by: 'U_ADA',
          digest: (await ledger.get(ID)).digest ?? '',
          decision: 'approve',
        });
      });
      expect(state).toBe('expired');
      expect(house.target.started).toEqual([]);
    });
  });
});
