import { codesOf } from '../../shared/network-trouble.ts';
import type { ServerLogin } from '../shared/connection.ts';
import { placeInWords, troubleWith } from '../shared/socket.ts';
import { inItsWords, named } from '../shared/words.ts';

/** By SQLSTATE. Source: PostgreSQL, appendix A. */
const STATES: Readonly<Record<string, (connection: ServerLogin, said: string) => string>> = {
  '28P01': ({ user }) => `PostgreSQL refused the password of user ${named(user)}`,
  '28000': lockedOut,
  '3D000': ({ database, user }) => `PostgreSQL has no database ${named(database || user)}`,
  '53300': (_, said) => `PostgreSQL has no connection left (${said})`,
  '57P01': () => 'PostgreSQL is shutting down',
  '57P02': () => 'PostgreSQL crashed and is starting again',
  '57P03': (_, said) => `PostgreSQL takes no connections yet (${said})`,
  '57014': () => 'PostgreSQL stopped the query because it took longer than the timeout of the check',
  '42501': ({ user }, said) => `user ${named(user)} may not run the query (${said})`,
  '25006': (_, said) => `the query wants to write, and checks only read (${said})`,
  '25001': (_, said) => `the query cannot run in a transaction (${said})`,
};

function lockedOut({ user, tls }: ServerLogin, said: string): string {
  if (/^no pg_hba\.conf entry.*no encryption/.test(said) && tls === null) {
    return `PostgreSQL takes user ${named(user)} from here only over TLS, if at all: set tls: true on the check`;
  }
  if (/pg_hba\.conf/.test(said)) {
    return `PostgreSQL takes no login of user ${named(user)} from this machine (${said}): add it to pg_hba.conf`;
  }
  return `PostgreSQL does not let user ${named(user)} in (${said})`;
}

/** Why PostgreSQL could not be asked, in words without a secret. */
export function postgresTrouble(error: unknown, connection: ServerLogin): string {
  const codes = codesOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const state = codes.map((code) => STATES[code]).find((words) => words !== undefined);
  if (state !== undefined) return state(connection, inItsWords(message));
  const at = `PostgreSQL at ${placeInWords(connection)}`;
  if (codes.includes('TOO_MUCH')) return `${at} answered with more than 1 MiB`;
  if (/does not support SSL/.test(message)) {
    return `${at} does not speak TLS: set tls: false on the check, or turn it on there`;
  }
  if (/establishing an SSL connection/.test(message)) return `${at} gave no answer that PostgreSQL gives`;
  if (/password must be a (non-empty )?string/.test(message)) {
    return `PostgreSQL asks for the password of user ${named(connection.user)}, and the address has none`;
  }
  const isSaidByServer = codes.some((code) => /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code));
  if (isSaidByServer) return `PostgreSQL answered ${inItsWords(message)}`;
  if (/Connection terminated|not queryable|Connection ended/i.test(message)) {
    return `${at}: the connection was closed before the answer was complete`;
  }
  if (codes.every((code) => code === 'Error' || code === 'TypeError' || code === 'RangeError')) {
    return `${at} gave no answer that PostgreSQL gives (${inItsWords(message)})`;
  }
  return `${at}: ${troubleWith(connection, codes)}`;
}
