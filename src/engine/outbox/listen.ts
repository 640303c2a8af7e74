import type { Logger } from 'pino';
import { DatabaseClient } from '../database/client.ts';
import { poolConfig } from '../database/connection.ts';

/** How often a connection that says nothing is asked whether it is still one. */
const PROBE_MS = 10_000;

/**
 * Hears a channel's notifications over a connection of its own and connects again when it is lost.
 * Returns the way to stop.
 */
export function listen(options: {
  readonly url: string;
  readonly channel: string;
  readonly log: Logger;
  readonly onMessage: (payload: string) => void;
  /** Each time from which on messages arrive. */
  readonly onListening: () => void;
}): () => void {
  const { url, channel, log, onMessage, onListening } = options;
  let stopped = false;
  let client: DatabaseClient | null = null;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;

  const connect = async () => {
    const mine = new DatabaseClient(poolConfig(url));
    client = mine;
    const lost = () => {
      if (stopped || client !== mine) return;
      client = null;
      mine.end().catch(() => undefined);
      failures += 1;
      timer = setTimeout(() => void connect(), Math.min(2_000, 50 * 2 ** Math.min(failures, 6)));
      timer.unref();
    };
    mine.on('error', lost);
    mine.on('end', lost);
    mine.on('notification', (message) => onMessage(message.payload ?? ''));
    try {
      await mine.connect();
      await mine.query(`listen ${channel}`);
      failures = 0;
      if (!stopped) onListening();
    } catch (error) {
      log.debug({ reason: (error as Error).message }, 'cannot listen to the database yet');
      lost();
    }
  };
  void connect();
  const probe = setInterval(() => client?.probe(), PROBE_MS);
  probe.unref();

  return () => {
    stopped = true;
    clearTimeout(timer);
    clearInterval(probe);
    client?.end().catch(() => undefined);
  };
}
