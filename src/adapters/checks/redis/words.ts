import { codesOf } from '../../shared/network-trouble.ts';
import type { ServerLogin } from '../shared/connection.ts';
import { placeInWords, troubleWith } from '../shared/socket.ts';
import { inItsWords, named } from '../shared/words.ts';
import { NotRedis, RedisError } from './reply.ts';

/** What a node of a cluster answers of keys that are on another one, or on none alone. */
const ELSEWHERE = /^(MOVED|ASK|TRYAGAIN|CROSSSLOT)\b/;

const ERRORS: readonly (readonly [RegExp, (connection: ServerLogin, said: string) => string])[] = [
  [
    /^WRONGPASS|invalid password/i,
    ({ user }) => `Redis refused the password${user === '' ? '' : ` of user ${named(user)}`}`,
  ],
  [
    /without any password configured|no password is set/i,
    () => 'Redis has no password set, and the address has one',
  ],
  [/^NOAUTH/, () => 'Redis asks for a password, and the address has none'],
  [
    /^NOPERM/,
    (_, said) => `Redis does not let this user ask what the check asks (${said}): allow it in the ACL`,
  ],
  [/^DENIED/, () => 'Redis is in protected mode: it takes connections from its own machine only'],
  [/max number of clients/i, () => 'Redis has no connection left (maxclients is reached)'],
  [/^LOADING/, () => 'Redis is still loading its data'],
  [/^MASTERDOWN/, () => 'Redis is a replica that has lost its primary'],
  [
    ELSEWHERE,
    (_, said) =>
      `this node of a Redis Cluster does not have what the check asks for (${said}): give the address of the one that has it`,
  ],
  [/^MISCONF/, () => 'Redis takes no writes because it cannot save them to disk'],
  [/^BUSY/, () => 'Redis is busy with a script and answers nobody'],
  [
    /DB index is out of range|invalid DB index/i,
    ({ database }) => `Redis has no database ${named(database)}`,
  ],
];

/** Whether the keys are elsewhere, which says nothing of them. */
export function isElsewhere(error: unknown): boolean {
  return error instanceof RedisError && ELSEWHERE.test(error.message);
}

/** Why Redis could not be asked, in words without a secret. */
export function redisTrouble(error: unknown, connection: ServerLogin): string {
  if (error instanceof RedisError) {
    const known = ERRORS.find(([pattern]) => pattern.test(error.message))?.[1];
    return known?.(connection, inItsWords(error.message)) ?? `Redis answered ${inItsWords(error.message)}`;
  }
  const at = `Redis at ${placeInWords(connection)}`;
  if (error instanceof NotRedis) return `${at} gave no answer that Redis gives: ${error.message}`;
  const codes = codesOf(error);
  if (codes.includes('TOO_MUCH')) return `${at} answered with more than 1 MiB`;
  const isClosed = codes.includes('ECONNRESET');
  if (isClosed && connection.tls === null) {
    return `${at}: the connection was closed before the answer was complete; does it speak TLS only (rediss://)?`;
  }
  const { tls, host, port } = connection;
  return `${at}: ${troubleWith({ host: tls?.name ?? host, port }, codes)}`;
}
