import type { HabitStore } from '../../../flows/run/ledger.ts';
import type { Store } from '../store.ts';

/** The part of the ledger that is about what people have set for themselves. */
export function habitsOf(store: Store, now: () => number): HabitStore {
  return {
    subscribe: (person, service) =>
      store.write(async (tx) => {
        await tx
          .insertInto('subscriptions')
          .values({ person, service, since: new Date(now()) })
          .onConflict((conflict) => conflict.columns(['person', 'service']).doNothing())
          .execute();
      }),
    unsubscribe: (person, service) =>
      store.write(async (tx) => {
        const gone = await tx
          .deleteFrom('subscriptions')
          .where('person', '=', person)
          .$if(service !== undefined, (query) => query.where('service', '=', service ?? ''))
          .returning('service')
          .execute();
        return gone.length > 0;
      }),
    subscriptions: async (person) => {
      const rows = await store.read((db) =>
        db
          .selectFrom('subscriptions')
          .selectAll()
          .$if(person !== undefined, (query) => query.where('person', '=', person ?? ''))
          .orderBy('person')
          .orderBy('service')
          .execute(),
      );
      return rows.map(({ since, ...row }) => ({ ...row, since: since.getTime() }));
    },
    rememberChoice: (person, choice) =>
      store.write(async (tx) => {
        const json = JSON.stringify(choice);
        await tx
          .insertInto('form_choices')
          .values({ person, choice: json })
          .onConflict((conflict) => conflict.column('person').doUpdateSet({ choice: json }))
          .execute();
      }),
    choiceOf: async (person) => {
      const row = await store.read((db) =>
        db.selectFrom('form_choices').select('choice').where('person', '=', person).executeTakeFirst(),
      );
      return row?.choice ?? null;
    },
  };
}
