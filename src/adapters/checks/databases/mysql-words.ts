import { codesOf } from '../../shared/network-trouble.ts';
import type { ServerLogin } from '../shared/connection.ts';
import { placeInWords, troubleWith } from '../shared/socket.ts';
import { inItsWords, named } from '../shared/words.ts';

/** By the number of the error. Sources: the error references of MySQL 8 and MariaDB. */
const ERRORS: Readonly<Record<number, (connection: ServerLogin, said: string) => string>> = {
  1045: ({ user, tls }) =>
    tls === null
      ? `MySQL refused user ${named(user)}: a wrong password, no login from this machine, or TLS only (tls: true)`
      : `MySQL refused user ${named(user)}: a wrong password, or no login from this machine`,
  1698: ({ user }) => `MySQL takes no login of user ${named(user)} by password`,
  1044: ({ user, database }) => `MySQL does not let user ${named(user)} use the database ${named(database)}`,
  1049: ({ database }) => `MySQL has no database ${named(database)}`,
  1040: () => 'MySQL has no connection left (max_connections is reached)',
  1203: ({ user }) => `MySQL has no connection left for user ${named(user)}`,
  1226: (_, said) => `MySQL has no connection left (${said})`,
  1129: () => 'MySQL blocks this machine after too many broken connections: run FLUSH HOSTS there',
  1130: () => 'MySQL takes no login from this machine: grant the user access from here',
  1142: ({ user }, said) => `user ${named(user)} may not run the query (${said})`,
  1143: ({ user }, said) => `user ${named(user)} may not run the query (${said})`,
  1792: (_, said) => `the query wants to write, and checks only read (${said})`,
  1969: tooLong,
  3024: tooLong,
  3159: ({ user }) => `MySQL lets user ${named(user)} in over TLS only: set tls: true on the check`,
};

function tooLong(): string {
  return 'MySQL stopped the query because it took longer than the timeout of the check';
}

/** Why MySQL could not be asked, in words without a secret. */
export function mysqlTrouble(error: unknown, connection: ServerLogin): string {
  const codes = codesOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const number = error instanceof Error && 'errno' in error ? Number(error.errno) : 0;
  const known = ERRORS[number];
  if (known !== undefined) return known(connection, inItsWords(message));
  const at = `MySQL at ${placeInWords(connection)}`;
  if (codes.includes('TOO_MUCH')) return `${at} answered with more than 1 MiB`;
  if (codes.includes('HANDSHAKE_NO_SSL_SUPPORT')) {
    return `${at} does not speak TLS: set tls: false on the check, or turn it on there`;
  }
  if (codes.includes('MYSQL_CLEAR_PASSWORD_NOT_ENABLED') || /mysql_clear_password/.test(message)) {
    return `${at} asks for the password in the clear, and a check does not send it so`;
  }
  if (codes.includes('AUTH_SWITCH_PLUGIN_ERROR')) {
    return `${at} asks for a way to log in that is not known here (${inItsWords(message)})`;
  }
  if (codes.includes('HANDSHAKE_SSL_ERROR')) return `${at}: ${tlsTrouble(message, connection)}`;
  if (codes.includes('PROTOCOL_CONNECTION_LOST') || codes.includes('ECONNRESET')) {
    return `${at}: the connection was closed before the answer was complete`;
  }
  if (number > 1_000 || codes.some((code) => code.startsWith('ER_')))
    return `MySQL answered ${inItsWords(message)}`;
  if (codes.every((code) => !code.startsWith('E') || /Error$/.test(code))) {
    return `${at} gave no answer that MySQL gives (${inItsWords(message)})`;
  }
  return `${at}: ${troubleWith(connection, codes)}`;
}

/** The client puts a code of its own in the place of the one that says what is wrong with the certificate. */
function tlsTrouble(message: string, connection: ServerLogin): string {
  const said: readonly (readonly [RegExp, string])[] = [
    [/altnames|does not match/i, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [/self.signed certificate in/i, 'SELF_SIGNED_CERT_IN_CHAIN'],
    [/self.signed/i, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [/expired/i, 'CERT_HAS_EXPIRED'],
    [/unable to (verify|get)/i, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ];
  const code = said.find(([pattern]) => pattern.test(message))?.[1] ?? 'EPROTO';
  return troubleWith({ host: connection.tls?.name ?? connection.host, port: connection.port }, [code]);
}
