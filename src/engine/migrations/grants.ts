import pg from 'pg';

/** Where DBOS keeps the recorded steps. */
export const JOURNAL_SCHEMA = 'slipway_dbos';

/** What the bot's role may not do, by table: what proves something is only added to. */
const DENIED: Readonly<Record<string, string>> = {
  events: 'update, delete, truncate',
  chain: 'insert, delete, truncate',
  migrations: 'insert, update, delete, truncate',
  secrets: 'update, delete, truncate',
  promotions: 'delete, truncate',
  approvals: 'delete, truncate',
  debts: 'delete, truncate',
  releases: 'update, delete, truncate',
  own_commits: 'update, delete, truncate',
};

/** Whether the role `$1` was given what it needs. */
export const MAY_WORK = `
  select has_schema_privilege($1, 'slipway', 'usage')
     and has_table_privilege($1, 'slipway.events', 'insert')
     and has_schema_privilege($1, '${JOURNAL_SCHEMA}', 'create')
     and not exists (
       select from pg_sequence join pg_class on pg_class.oid = seqrelid
       where relnamespace = 'slipway'::regnamespace and not has_sequence_privilege($1, seqrelid, 'select')
     ) as ready`;

/**
 * Gives a role what the bot and a backup need of our tables and no more, and the journal's schema as its own, as DBOS changes that by
 * itself. Run by the owner of our tables, in a transaction.
 */
export async function grantTo(client: pg.ClientBase, name: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  const denied = Object.entries(DENIED).map(
    ([table, rights]) => `revoke ${rights} on slipway.${table} from ${role};`,
  );
  await client.query(`
    revoke all on schema slipway from ${role};
    grant usage on schema slipway to ${role};
    revoke all on all tables in schema slipway from ${role};
    grant select, insert, update, delete on all tables in schema slipway to ${role};
    grant select on all sequences in schema slipway to ${role};
    ${denied.join('\n')}
  `);
  await giveJournal(client, name);
}

async function giveJournal(client: pg.ClientBase, name: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  const literal = pg.escapeLiteral(name);
  await client.query(`create schema if not exists ${JOURNAL_SCHEMA} authorization ${role}`);
  await client.query(`
    do $$ declare
      command text;
    begin
      for command in
        select format('alter schema %I owner to %I', nspname, ${literal})
          from pg_namespace where nspname = '${JOURNAL_SCHEMA}' and pg_get_userbyid(nspowner) <> ${literal}
        union all
        select format('alter table %s owner to %I', oid::regclass, ${literal})
          from pg_class where relnamespace = '${JOURNAL_SCHEMA}'::regnamespace and relkind in ('r', 'p', 'v')
            and pg_get_userbyid(relowner) <> ${literal}
        union all
        select format('alter function %s owner to %I', oid::regprocedure, ${literal})
          from pg_proc where pronamespace = '${JOURNAL_SCHEMA}'::regnamespace and pg_get_userbyid(proowner) <> ${literal}
      loop
        execute command;
      end loop;
    end $$`);
  // The first thing that DBOS does is to make its schema, for which it would need rights on the whole database.
  await client.query(`
    do $$ begin
      if to_regclass('${JOURNAL_SCHEMA}.dbos_migrations') is null then
        create table ${JOURNAL_SCHEMA}.dbos_migrations (version bigint not null constraint dbos_migrations_pkey primary key);
        insert into ${JOURNAL_SCHEMA}.dbos_migrations values (1);
        alter table ${JOURNAL_SCHEMA}.dbos_migrations owner to ${role};
      end if;
    end $$`);
}
