import { FONT_FAMILY } from './font.ts';

/** In a thread Slack shows a picture about 360 points wide: there everything is little more than half as large. */
export const SIZE = { width: 640, height: 340 };
/** Pixels for each point, for sharp screens. */
export const SCALE = 2;
export const PADDING = { left: 20, right: 20, top: 74, bottom: 12 };
/** Between a label and the edge. */
export const EDGE = 10;
/** Baseline of the title. */
export const TITLE_AT = 42;

export const WHITE = '#ffffff';
export const INK = '#1d1c1d';
export const SOFT = '#616061';
export const GRID = '#e9e9ec';
export const UNSEEN = '#f4f4f6';
/** Colour-blind people tell these two apart as well, and both can be read on white as text. */
export const WITHIN = '#1264a3';
export const OVER = '#c8400b';

export const AXIS_FONT = { family: FONT_FAMILY, size: 18.5 };
export const LABEL = { size: 18, font: `18px ${FONT_FAMILY}` };
export const TITLE_FONT = `bold 24px ${FONT_FAMILY}`;
