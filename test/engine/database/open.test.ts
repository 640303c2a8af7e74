import type { Server } from 'node:net';
import { createServer } from 'node:net';
import pino from 'pino';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { redacted } from '../../../src/domain/text/redaction.ts';
import { poolConfig } from '../../../src/engine/database/connection.ts';
import { openDatabase } from '../../../src/engine/database/open.ts';

const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });

describe('DATABASE_URL', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    lines.length = 0;
  });

  const open = (url: string, patienceMs = 0) => openDatabase({ url, dataDir: '/nowhere', log, patienceMs });
  const refused = async (url: string) => {
    const error = await open(url).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Refusal);
    const refusal = error as Refusal;
    const { text } = explain(refusal);
    expect(`${text} ${lines.join(' ')} ${refusal.message}`).not.toContain('s3cret');
    return { code: refusal.code, text };
  };
  const listening = (server: Server) =>
    new Promise<number>((resolve) => {
      servers.push(server);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });

  it('opens a server', async () => {
    const database = await open(inject('serverUrl'));
    expect(database.kind).toBe('server');
    await database.close();
  });

  it.each([
    ['not a url s3cret', /not a URL/],
    ['mysql://u:s3cret@h/d', /mysql:/],
  ])('refuses %s', async (url, words) => {
    const { code, text } = await refused(url);
    expect(code).toBe('database-url');
    expect(text).toMatch(words);
  });

  it('names the server that does not answer, never the password', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    const { code, text } = await refused(`postgresql://u:s3cret@127.0.0.1:${port}/shop`);
    expect(code).toBe('database-unreachable');
    expect(text).toContain(`127.0.0.1:${port}/shop`);
  });

  it('takes the address of a socket, without a host or with one', async () => {
    for (const host of ['', 'localhost', '%2Fnowhere']) {
      const at = host.startsWith('%') ? '' : '?host=/cloudsql/project:region:instance';
      const { code, text } = await refused(`postgresql://u:s3cret@${host}/shop${at}`);
      expect(code).toBe('database-unreachable');
      expect(text).toContain(at === '' ? '/nowhere/shop' : '/cloudsql/project:region:instance/shop');
    }
  });

  it('takes the password out of what is shown, wherever the address has it', () => {
    poolConfig('postgresql://u:of-a-socket@/shop?host=/cloudsql/project:region:instance');
    poolConfig('postgresql://db.example.com/shop?user=u&password=in-the-query');
    expect(redacted('of-a-socket, in-the-query')).not.toMatch(/socket|query/);
  });

  it('refuses a wrong password at once', async () => {
    const url = new URL(inject('serverUrl'));
    url.password = 's3cret';
    const began = performance.now();
    const error = await openDatabase({ url: url.href, dataDir: '/nowhere', log }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'database-unreachable' });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect((error as Refusal).message).toContain('password authentication failed');
  });

  it('waits for a server that is not there yet', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    const url = new URL(inject('serverUrl'));
    const target = { host: url.hostname, port: Number(url.port) };
    url.port = String(port);
    const opening = open(url.href, 10_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { connect } = await import('node:net');
    const bridge = createServer((socket) => {
      const other = connect(target);
      socket.pipe(other).pipe(socket);
      socket.on('error', () => other.destroy());
      other.on('error', () => socket.destroy());
    });
    servers.push(bridge);
    await new Promise<void>((resolve) => bridge.listen(port, '127.0.0.1', resolve));
    const database = await opening;
    await database.close();
    expect(lines.filter((line) => line.includes('Waiting for the database'))).toHaveLength(1);
  });

  it('refuses a server that is too old', async () => {
    const { code, text } = await refused(
      `postgresql://u:s3cret@127.0.0.1:${await listening(oldServer())}/shop`,
    );
    expect(code).toBe('database-too-old');
    expect(text).toMatch(/PostgreSQL 13.*needs 14/);
  });
});

/** Speaks just enough of the protocol (version 3.0) to answer one query with 13.9. */
function oldServer(): Server {
  const message = (type: string, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const int32 = (value: number) => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32BE(value);
    return buffer;
  };
  const int16 = (value: number) => {
    const buffer = Buffer.alloc(2);
    buffer.writeInt16BE(value);
    return buffer;
  };
  const text = (value: string) => Buffer.from(`${value}\0`);
  const ready = message('Z', Buffer.from('I'));
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (data[0] === 0) socket.write(Buffer.concat([message('R', int32(0)), ready]));
      if (data[0] !== 0x51) return;
      const column = Buffer.concat([
        text('version'),
        int32(0),
        int16(0),
        int32(25),
        int16(-1),
        int32(-1),
        int16(0),
      ]);
      const value = Buffer.from('130009');
      socket.write(
        Buffer.concat([
          message('T', int16(1), column),
          message('D', int16(1), int32(value.length), value),
          message('C', text('SELECT 1')),
          ready,
        ]),
      );
    });
  });
}
