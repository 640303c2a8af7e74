import { setTimeout as pause } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { WeeksChart } from '../../domain/statistics/weeks-chart.ts';

/** How often, and how long after each other, it is looked whether Slack has made a picture of a file, in ms. */
const LOOKS_MS = [300, 700, 1_500, 3_000];
/** So many are remembered; what Slack did not take is tried again after so long, in ms. */
const MOST = 100;
const AGAIN_MS = 10 * 60_000;

export interface PicturesContext {
  readonly client: Pick<WebClient, 'filesUploadV2'> & { readonly files: Pick<WebClient['files'], 'info'> };
  /** Draws a PNG. */
  readonly drawChart: (chart: WeeksChart) => Promise<Uint8Array>;
  readonly log: Pick<Logger, 'warn'>;
  now(): number;
}

interface Given {
  readonly at: number;
  /** Id of the file; null: Slack does not show it. */
  readonly file: Promise<string | null>;
  /** The same, once it is known. */
  known?: string | null;
}

/**
 * Charts as files of Slack, for blocks that show them; they are in no channel. The same picture is drawn and given once
 * by this process. Slack refuses blocks with a file that it has not looked at yet, and says only in `files.info` that it
 * has.
 */
export class Pictures {
  readonly #context: PicturesContext;
  readonly #given = new Map<string, Given>();

  constructor(context: PicturesContext) {
    this.#context = context;
  }

  /** Id of the file that shows it; null when Slack does not show it. Never throws. */
  fileOf(chart: WeeksChart): Promise<string | null> {
    return this.#give(chart).file;
  }

  /** The same without waiting: null also while it is not there yet, which `whenThere` is called for. */
  fileNow(chart: WeeksChart, whenThere: () => void): string | null {
    const given = this.#give(chart);
    if (given.known === undefined) void given.file.then((file) => file !== null && whenThere());
    return given.known ?? null;
  }

  #give(chart: WeeksChart): Given {
    const key = keyOf(chart);
    const before = this.#given.get(key);
    const isOver = before?.known === null && before.at < this.#context.now() - AGAIN_MS;
    if (before !== undefined && !isOver) return before;
    const given: Given = { at: this.#context.now(), file: this.#upload(chart) };
    void given.file.then((file) => {
      given.known = file;
    });
    this.#given.delete(key);
    this.#given.set(key, given);
    const [oldest] = this.#given.keys();
    if (this.#given.size > MOST && oldest !== undefined) this.#given.delete(oldest);
    return given;
  }

  async #upload(chart: WeeksChart): Promise<string | null> {
    const { client, drawChart, log } = this.#context;
    try {
      const file = Buffer.from(await drawChart(chart));
      const answer = await client.filesUploadV2({ file, filename: 'releases.png', title: chart.title });
      const id = idIn(answer);
      return id !== null && (await this.#isPicture(id)) ? id : null;
    } catch (error) {
      log.warn({ err: error }, 'a picture is left out');
      return null;
    }
  }

  async #isPicture(file: string): Promise<boolean> {
    for (const ms of LOOKS_MS) {
      const { file: seen } = await this.#context.client.files.info({ file });
      if (seen?.mimetype) return true;
      await pause(ms, undefined, { ref: false });
    }
    return false;
  }
}

/** What can be seen of it: weeks end at other moments each time that they are counted, and on the same days. */
function keyOf({ title, weeks }: WeeksChart): string {
  const seen = weeks.map(({ endsAt, releases, failed }) => [
    Math.floor(endsAt / 86_400_000),
    releases,
    failed,
  ]);
  return JSON.stringify([title, seen]);
}

/** What the SDK makes of it: a list of answers, each with a list of files. */
function idIn(answer: unknown): string | null {
  const [first] =
    (answer as { readonly files?: readonly { readonly files?: readonly { id?: string }[] }[] }).files ?? [];
  return first?.files?.[0]?.id ?? null;
}
