import type pg from 'pg';

const ROWS_AT_ONCE = 1_000;

interface Table {
  readonly name: string;
  /** Each with its type, in order; `-` before the name of one that is computed. */
  readonly columns: readonly string[];
}

/**
 * Copies all rows and the positions of sequences of these schemas into another database that has the same tables. Rows go
 * over in PostgreSQL's own text form, so nothing is read as anything else on the way. All or nothing; answers with how many
 * rows there were. The role has to be a superuser there. Throws when the tables differ.
 */
export async function copySchemas(from: pg.Pool, to: pg.Pool, schemas: readonly string[]): Promise<number> {
  const source = await from.connect();
  const target = await to.connect();
  try {
    await source.query('begin isolation level repeatable read read only');
    await target.query('begin');
    // Neither foreign keys nor triggers: what was consistent stays so.
    await target.query('set local session_replication_role = replica');
    const tables = await tablesOf(target, schemas);
    const theirs = await tablesOf(source, schemas);
    if (JSON.stringify(tables) !== JSON.stringify(theirs)) throw new Error(difference(tables, theirs));
    if (tables.length > 0) await target.query(`truncate ${tables.map(({ name }) => name).join(', ')}`);
    let rows = 0;
    for (const table of tables) rows += await copyTable(source, target, table);
    await copySequences(source, target, schemas);
    await target.query('commit');
    return rows;
  } finally {
    source.release(true);
    target.release(true);
  }
}

async function tablesOf(client: pg.ClientBase, schemas: readonly string[]): Promise<readonly Table[]> {
  const { rows } = await client.query<Table>(
    `select format('%I.%I', n.nspname, c.relname) as name,
            array_agg((case when a.attgenerated = '' then '' else '-' end) || format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                      order by a.attname) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname = any($1) and c.relkind = 'r' group by 1 order by 1`,
    [schemas],
  );
  return rows;
}

function difference(ours: readonly Table[], theirs: readonly Table[]): string {
  const lines = (tables: readonly Table[]) =>
    tables.flatMap(({ name, columns }) => columns.map((column) => `${name} ${column}`));
  const known = new Set(lines(ours));
  const other = lines(theirs).filter((line) => !known.has(line));
  return `the tables differ (${other.slice(0, 5).join(', ') || 'some are missing'})`;
}

async function copyTable(source: pg.ClientBase, target: pg.ClientBase, table: Table): Promise<number> {
  const { rows: columns } = await target.query<{ name: string; isComputed: boolean }>(
    `select quote_ident(attname) as name, attgenerated <> '' as "isComputed" from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table.name],
  );
  const all = columns.map(({ name }) => name).join(', ');
  const stored = columns.filter(({ isComputed }) => !isComputed).map(({ name }) => name);
  await source.query(
    `declare rows no scroll cursor for select whole_row::text as line from (select ${all} from ${table.name}) whole_row`,
  );
  const insert = `insert into ${table.name} (${stored.join(', ')}) overriding system value
    select ${stored.map((name) => `(x.r).${name}`).join(', ')}
      from (select line::${table.name} as r from unnest($1::text[]) as line offset 0) x`;
  let copied = 0;
  for (;;) {
    const { rows } = await source.query<{ line: string }>(`fetch ${ROWS_AT_ONCE} from rows`);
    if (rows.length === 0) break;
    copied += (await target.query(insert, [rows.map(({ line }) => line)])).rowCount ?? 0;
  }
  await source.query('close rows');
  const count = `select count(*)::int as rows from ${table.name}`;
  const [there] = (await source.query<{ rows: number }>(count)).rows;
  if (there?.rows !== copied)
    throw new Error(`${table.name} has ${there?.rows} rows, and ${copied} were copied`);
  return copied;
}

async function copySequences(
  source: pg.ClientBase,
  target: pg.ClientBase,
  schemas: readonly string[],
): Promise<void> {
  const { rows } = await source.query<{ name: string; last: string }>(
    `select format('%I.%I', schemaname, sequencename) as name, last_value::text as last
       from pg_sequences where schemaname = any($1) and last_value is not null`,
    [schemas],
  );
  for (const { name, last } of rows)
    await target.query('select setval($1::regclass, $2::bigint)', [name, last]);
}
