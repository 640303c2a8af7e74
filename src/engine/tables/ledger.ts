import type pg from 'pg';
import type { Logger } from 'pino';
import type { Ledger } from '../../flows/run/ledger.ts';
import type { AuditSigner } from '../audit/signer.ts';
import { auditOf } from './audit.ts';
import { verifyAudit } from './audit-verify.ts';
import { afterCommit } from './commit-log.ts';
import { acknowledgeDebts, openDebts } from './debts.ts';
import { takeClaim } from './decisions/claims.ts';
import { messagesOf } from './decisions/messages.ts';
import { votingOf } from './decisions/votes.ts';
import { habitsOf } from './habits/habits.ts';
import { sequencesOf } from './habits/sequences.ts';
import { listsOf } from './lists.ts';
import { locksOf } from './locks.ts';
import { offersOf } from './offers.ts';
import { changePromotion, getPromotion, openPromotion, openPromotionOf } from './promotions.ts';
import { promptsOf } from './prompts.ts';
import { decidersIn, wasAskedIn } from './proof/proven-facts.ts';
import { overridesIn } from './proof/proven-overrides.ts';
import { queueOf } from './queue.ts';
import { releaseFactsOf } from './releases.ts';
import { samplesOf } from './samples.ts';
import { keysOf } from './seen-keys.ts';
import { deliveriesOf } from './statistics/deliveries.ts';
import { Store } from './store.ts';

/**
 * The ledger on PostgreSQL. Throws Unavailable("the database") when it does not answer. With a log it has a line there
 * for everything that changes.
 */
export function createLedger(options: {
  readonly pool: pg.Pool;
  readonly now: () => number;
  readonly log?: Logger;
  /** Signs the audit. Without it nothing can be written to an audit that is signed. */
  readonly signer?: AuditSigner | undefined;
}): Ledger {
  const store = new Store(options.pool, {
    onCommit: afterCommit(options.log),
    signer: options.signer,
    onTrouble: (err) =>
      options.log?.warn({ err }, 'What was signed last could not be kept outside of the database.'),
  });
  const { now } = options;

  return {
    open: (promotion) => openPromotion(store, promotion, now()),
    get: (id) => getPromotion(store, id),
    openFor: (service) => openPromotionOf(store, service),
    change: (id, change) => changePromotion(store, id, change, now()),
    claim: (id, claim) => takeClaim(store, id, claim, now()),

    deciders: (id) => store.snapshot((db) => decidersIn(db, id)),
    wasAsked: (id, digest) => store.snapshot((db) => wasAskedIn(db, id, digest)),
    overrides: (id, stored) => store.snapshot((db) => overridesIn(db, id, stored)),

    openDebts: () => openDebts(store),
    acknowledge: (id, by, source, told) => acknowledgeDebts(store, id, by, source, told, now()),

    ...votingOf(store, now),
    ...keysOf(store, now),
    ...listsOf(store),
    ...releaseFactsOf(store, now),
    ...queueOf(store, now),
    ...locksOf(store, now),
    ...promptsOf(store, now),
    ...habitsOf(store, now),
    ...sequencesOf(store, now),
    ...messagesOf(store),
    ...deliveriesOf(store),
    ...samplesOf(store),
    ...offersOf(store, now),
    ...auditOf(store, now),
    verifyAudit: (trust) => verifyAudit(store, trust),
  };
}
