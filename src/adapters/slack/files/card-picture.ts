import type { CardView } from '../../../blocks/kit/views.ts';
import { type ChartData, chartInWords, watchChart } from '../../../domain/judge/chart.ts';
import { percent } from '../../../domain/judge/format.ts';
import { bySeverity, type JudgeVerdict } from '../../../domain/judge/verdict.ts';
import type { MonitorView } from '../../../domain/promotion/promotion.ts';
import { NotYet } from '../calls.ts';
import type { Delivery } from '../delivery.ts';
import { slackCode } from '../errors.ts';
import type { CardPicture, Thread } from '../port.ts';

/** The picture of a card is another one this often at most, ms: a fifth of the window, within these. */
const LEAST_PAUSE_MS = 20_000;
const LONGEST_PAUSE_MS = 180_000;
/** Slack looks through a file before it shows it. */
const LOOK_AGAIN_MS = 2_000;
const GIVEN_UP_AFTER_MS = 60_000;
/** So long it is left alone where Slack does not say how far it is. */
const UNSEEN_MS = 10_000;

/** The picture that is coming replaces the one before once Slack has looked through it. */
export async function settlePicture(thread: Thread, delivery: Delivery): Promise<void> {
  const { coming, ...rest } = thread.picture();
  if (coming === undefined) return;
  const state = await stateOf(delivery, coming.file, delivery.now() - coming.at);
  if (state === 'coming') return;
  const { file, alt } = coming;
  await thread.pictureIs(state === 'there' ? { ...rest, shown: { file, alt } } : rest);
}

/** The view with the picture that belongs to it: while production is watched, and where Slack takes it. */
export function withPicture(view: CardView, { shown, refused }: CardPicture): CardView {
  const isShown = view.promotion.state === 'monitoring' && refused !== true;
  return isShown && shown !== undefined ? { ...view, picture: shown } : view;
}

/**
 * Gives Slack the next picture when there is something new to see, and it is time. Returns in how many ms to look again,
 * null when nothing is to come. A picture that cannot be drawn or given keeps nothing else back.
 */
export async function nextPicture(
  thread: Thread,
  delivery: Delivery,
  { promotion, service }: CardView,
): Promise<number | null> {
  const picture = thread.picture();
  const { monitor, deployment } = promotion.data;
  if (picture.coming !== undefined) return LOOK_AGAIN_MS;
  if (promotion.state !== 'monitoring' || picture.refused === true) return null;
  if (monitor === undefined || monitor.tick === 0 || deployment === undefined) return null;
  const { verdict } = monitor.judgement;
  const looks = looksOf(monitor, service.tickMs);
  const { last } = picture;
  if (last?.looks === looks) return null;
  const wait = last === undefined ? 0 : last.at + pauseOf(monitor) - delivery.now();
  if (wait > 0 && !turnsBad(last?.verdict, verdict)) return wait;

  const { errorRateRise, latencyRise, counts } = service;
  const rises = { errorRateRise, latencyRise, ...(counts === undefined ? {} : { counts }) };
  const facts = { release: promotion.data.release?.tag ?? '', deployedAt: deployment.finishedAt, ...rises };
  const chart = watchChart(await thread.samples(), monitor.judgement, facts);
  const at = delivery.now();
  const file = await given(delivery, chart, promotion.id);
  if (typeof file === 'number') return file;
  const coming = file === null ? {} : { coming: { file, alt: chartInWords(chart), at } };
  await thread.pictureIs({ ...picture, ...coming, last: { at, looks, verdict } });
  return file === null ? null : LOOK_AGAIN_MS;
}

/** What can be seen of a watch, roughly: another one is worth another picture. */
function looksOf({ judgement, tick, startedAt, endsAt }: MonitorView, tickMs: number): string {
  const [worst] = bySeverity(judgement.findings);
  const now =
    worst?.now === undefined ? '' : worst.unit === 'ratio' ? percent(worst.now) : worst.now.toPrecision(2);
  const fifth = Math.floor((5 * tick * tickMs) / Math.max(1, endsAt - startedAt));
  return [judgement.verdict, worst?.metric, now, fifth].join('|');
}

function pauseOf({ startedAt, endsAt }: MonitorView): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, (endsAt - startedAt) / 5));
}

function turnsBad(was: JudgeVerdict | undefined, is: JudgeVerdict): boolean {
  const isBad = (verdict: JudgeVerdict | undefined) => verdict === 'warning' || verdict === 'critical';
  return isBad(is) && !isBad(was);
}

async function stateOf(delivery: Delivery, file: string, age: number): Promise<'coming' | 'there' | 'lost'> {
  try {
    if (await delivery.calls.isLookedThrough(file)) return 'there';
  } catch (error) {
    // Apps that were installed before `files:read` was asked for.
    if (slackCode(error) === 'missing_scope') return age < UNSEEN_MS ? 'coming' : 'there';
  }
  return age < GIVEN_UP_AFTER_MS ? 'coming' : 'lost';
}

/** The id of the file that Slack took; null when it could not be drawn or given, ms when Slack says to wait. */
async function given(
  delivery: Delivery,
  chart: ChartData,
  promotion: string,
): Promise<string | number | null> {
  try {
    const bytes = await delivery.drawChart(chart);
    return await delivery.calls.keep({ name: 'chart.png', title: chart.title, bytes });
  } catch (error) {
    if (error instanceof NotYet) return error.ms;
    delivery.log.warn({ err: error, promotion }, 'the chart of a card stays as it was');
    return null;
  }
}
