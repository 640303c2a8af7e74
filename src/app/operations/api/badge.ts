import type { PromotionState } from '../../../domain/promotion/promotion.ts';
import type { ApiService } from './shapes.ts';

const COLOURS = { good: '#2e7d32', busy: '#1565c0', bad: '#c62828', grey: '#616161' } as const;
type Colour = keyof typeof COLOURS;

/** States that say more than the version that is live. */
const UNDER_WAY: Readonly<Partial<Record<PromotionState, string>>> = {
  releasing: 'releasing',
  deploying: 'deploying',
  verifying: 'checking',
  monitoring: 'watching',
  'rolling-back': 'rolling back',
};

/** What the badge says, and how it looks. */
export function badgeOf({ live, open, last, lock }: ApiService): {
  readonly text: string;
  readonly colour: Colour;
} {
  const version = live ?? 'unknown';
  const doing = open === null ? undefined : UNDER_WAY[open.state];
  if (doing !== undefined && open !== null) {
    const colour = open.state === 'rolling-back' ? 'bad' : 'busy';
    return { text: `${open.rollback?.to ?? open.version ?? version} ${doing}`, colour };
  }
  if (last?.state === 'rolled-back') return { text: `${version} after a rollback`, colour: 'bad' };
  if (lock !== null) return { text: `${version} locked`, colour: 'grey' };
  return { text: version, colour: live === null ? 'grey' : 'good' };
}

/** About what a text is wide in 11 px of a sans serif, px. */
const widthOf = (text: string) => Math.round(text.length * 6.6) + 12;

/** An SVG of 20 px in height: a label and a text beside it. No fonts or styles from elsewhere. */
export function badgeSvg(label: string, text: string, colour: Colour): string {
  const [left, right] = [widthOf(label), widthOf(text)];
  const [shownLabel, shownText] = [escaped(label), escaped(text)];
  const word = (x: number, shown: string) => `<text x="${x}" y="14">${shown}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${shownLabel}: ${shownText}"><title>${shownLabel}: ${shownText}</title><rect width="${left}" height="20" fill="#424242"/><rect x="${left}" width="${right}" height="20" fill="${COLOURS[colour]}"/><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">${word(left / 2, shownLabel)}${word(left + right / 2, shownText)}</g></svg>\n`;
}

function escaped(text: string): string {
  const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (sign) => signs[sign] ?? sign).replaceAll(/\p{Cc}/gu, ' ');
}
