import type { Socket } from 'node:net';
import type { AdapterContext } from '../../shared/context.ts';
import type { Attempt } from '../port.ts';
import { connectionOf, type ServerLogin } from '../shared/connection.ts';
import { connected, secured, tooMuch } from '../shared/socket.ts';
import { failed, type Look, withinTime } from '../shared/within-time.ts';
import { decodeReply, NotRedis, RedisError, type Reply } from './reply.ts';
import { isElsewhere, redisTrouble } from './words.ts';

export const REDIS_EXAMPLE = 'rediss://user:password@cache.example:6379/0';
const MOST_BYTES = 1024 * 1024;

/** Where a Redis is. Refusals: `secret-missing`, `check-address`, `check-file`. */
export function redisConnection(
  settings: Parameters<typeof connectionOf>[0],
  context: AdapterContext,
): ServerLogin {
  return connectionOf(
    settings,
    {
      schemes: ['redis', 'rediss', 'valkey', 'valkeys'],
      port: 6379,
      example: REDIS_EXAMPLE,
      asksForTls: ({ protocol }) => protocol === 'rediss:' || protocol === 'valkeys:',
    },
    context,
  );
}

/** One command that only reads. Throws what Redis answers with an error. */
export type RedisAsk = (...command: readonly string[]) => Promise<Reply>;

/** One connection, closed at the end whatever happens; one command at a time. */
export function askRedis(
  connection: ServerLogin,
  timeoutMs: number,
  signal: AbortSignal,
  work: (ask: RedisAsk, started: number) => Promise<Attempt>,
): Promise<Attempt> {
  return withinTime(timeoutMs, signal, async (look) => {
    const started = performance.now();
    try {
      const ask = asker(await open(connection, look));
      look.waitsFor = 'for Redis to answer';
      const { user, password, database } = connection;
      if (password !== '') await ask('AUTH', ...(user === '' ? [password] : [user, password]));
      if (database !== '' && database !== '0') await ask('SELECT', database);
      return await work(ask, started);
    } catch (error) {
      const attempt = failed(error, redisTrouble(error, connection));
      return isElsewhere(error) ? { ...attempt, unasked: true } : attempt;
    }
  });
}

async function open(connection: ServerLogin, look: Look): Promise<Socket> {
  const socket = await connected(connection, look);
  return connection.tls === null ? socket : secured(socket, connection.tls, look);
}

function asker(socket: Socket): RedisAsk {
  let left: Buffer = Buffer.alloc(0);
  let received = 0;
  let waiting: { resolve(reply: Reply): void; reject(error: Error): void } | null = null;
  let broken: Error | null = null;
  const fail = (error: Error) => {
    broken ??= error;
    waiting?.reject(broken);
    waiting = null;
    socket.destroy();
  };
  socket.on('error', fail);
  socket.on('close', () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > MOST_BYTES) return fail(tooMuch(MOST_BYTES));
    left = Buffer.concat([left, chunk]);
    try {
      const decoded = waiting === null ? null : decodeReply(left);
      if (decoded === null) return;
      left = left.subarray(decoded.next);
      if (decoded.reply instanceof RedisError) waiting?.reject(decoded.reply);
      else waiting?.resolve(decoded.reply);
      waiting = null;
    } catch (error) {
      fail(error instanceof Error ? error : new NotRedis(String(error)));
    }
  });
  return (...command) =>
    new Promise((resolve, reject) => {
      if (broken !== null) return reject(broken);
      // What nobody asked for is no answer to what is asked now; the greeting of another protocol, or a refusal.
      if (left.length > 0) return reject(unasked(left));
      waiting = { resolve, reject };
      socket.write(encoded(command));
    });
}

/** A server without a free connection says so before it is asked. */
function unasked(left: Buffer): Error {
  try {
    const reply = decodeReply(left)?.reply;
    if (reply instanceof RedisError) return reply;
  } catch {
    // It is another protocol.
  }
  return new NotRedis('it answered something else');
}

function encoded(command: readonly string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${command.length}\r\n${parts.join('')}`;
}
