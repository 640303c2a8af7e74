import type { Socket } from 'node:net';
import { z } from 'zod';
import { durationInWords } from '../../../domain/text/duration.ts';
import { difference, Expectation } from '../../shared/expectation.ts';
import { defineKind } from '../../shared/kinds.ts';
import { codesOf } from '../../shared/network-trouble.ts';
import type { Check } from '../port.ts';
import { checkSettings, identityOf } from '../shared/settings.ts';
import { connected, placeInWords, troubleWith } from '../shared/socket.ts';
import { failed, type Look, withinTime } from '../shared/within-time.ts';
import { Host, Port } from './place.ts';

const TcpCheckSettings = z
  .strictObject({
    use: z.literal('tcp'),
    ...checkSettings('host and port'),
    host: Host,
    port: Port,
    expect: z
      .union([z.string().min(1), Expectation])
      .optional()
      .meta({ description: 'What the server says first, where it speaks first, as SMTP and SSH do.' }),
  })
  .meta({ description: 'Opens a connection, and may wait for what the server says first.' });
type TcpCheckSettings = z.infer<typeof TcpCheckSettings>;

export const tcpCheck = defineKind({ settings: TcpCheckSettings, open: openTcpCheck });

function openTcpCheck(settings: TcpCheckSettings): Check {
  const place = placeInWords(settings);
  return {
    ...identityOf('tcp', settings, place),
    attempt: (_expected, signal) =>
      withinTime(settings.timeout, signal, async (look) => {
        const started = performance.now();
        try {
          const socket = await connected(settings, look);
          const took = durationInWords(performance.now() - started);
          if (settings.expect === undefined) return { ok: true, detail: `connected in ${took}` };
          const expected =
            typeof settings.expect === 'string' ? { contains: settings.expect } : settings.expect;
          const wrong = await firstWords(socket, expected, look);
          return wrong === null
            ? { ok: true, detail: `connected in ${took}, and it says what it should` }
            : { ok: false, detail: `${place}: ${wrong}` };
        } catch (error) {
          return failed(error, `${place}: ${troubleWith(settings, codesOf(error))}`);
        }
      }),
  };
}

const MOST_BYTES = 4_096;

/** Reads until what is expected was said; the difference when it cannot come any more. */
function firstWords(socket: Socket, expected: Expectation, look: Look): Promise<string | null> {
  look.waitsFor = 'for what the server says first';
  let said = Buffer.alloc(0);
  const wrong = () => difference('what it says', said.toString('utf8'), expected);
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk.subarray(0, MOST_BYTES - said.length)]);
      if (wrong() === null || said.length >= MOST_BYTES) resolve(wrong());
    });
    socket.once('close', () =>
      resolve(said.length === 0 ? 'it closed the connection and said nothing' : wrong()),
    );
  });
}
