// Opens the database of a data folder, says how long it took, and stays until it is told to go.
import pg from 'pg';
import pino from 'pino';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { openDatabase } from '../../../src/engine/database/open.ts';

const { dataDir } = JSON.parse(process.argv[2] ?? '{}') as { readonly dataDir: string };
const began = performance.now();
try {
  const database = await openDatabase({ dataDir, log: pino({ level: 'silent' }) });
  process.stdout.write(`opened in ${Math.round(performance.now() - began)} ms\n`);
  const owner = new pg.Client({ connectionString: database.ownerUrl ?? '' });
  await owner.connect();
  const { rows } = await owner.query<{ pid: number; port: string }>(
    `select current_setting('port') as port,
            (regexp_match(pg_read_file('postmaster.pid'), '^\\d+'))[1]::int as pid`,
  );
  await owner.end();
  process.stdout.write(`server ${rows[0]?.pid} on ${rows[0]?.port}\n`);
  process.on('SIGTERM', async () => {
    await database.close();
    process.stdout.write('closed\n');
    process.exit(0);
  });
  process.stdout.write('ready\n');
  setInterval(() => undefined, 1_000);
} catch (error) {
  process.stdout.write(
    `refused ${error instanceof Refusal ? `${error.code} ${explain(error).text}` : String(error)}\n`,
  );
  process.exit(1);
}
