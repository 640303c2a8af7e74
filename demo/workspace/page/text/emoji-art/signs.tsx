import type { ComponentChildren } from 'preact';
import { amber, blue, green, grey, red, stroke } from './strokes.tsx';

const circle = (fill: string, stroke = 'rgba(0,0,0,.16)') => (
  <circle cx="12" cy="12" r="9.5" fill={fill} stroke={stroke} />
);
const square = (fill: string, stroke = 'rgba(0,0,0,.16)') => (
  <rect x="2.5" y="2.5" width="19" height="19" rx="2.5" fill={fill} stroke={stroke} />
);
const tile = (fill: string, inside: ComponentChildren) => (
  <>
    <rect x="1.5" y="1.5" width="21" height="21" rx="5" fill={fill} />
    {inside}
  </>
);

const graph = (line: string, color: string) => (
  <>
    <rect x="2" y="3" width="20" height="18" rx="2.5" fill="#f6f8fb" stroke="#b7c0cc" />
    <path d="M2.5 9h19M2.5 15h19M8.5 3.5v17M15.5 3.5v17" stroke="#dde3ea" stroke-width=".9" />
    {stroke(line, color, 2.2)}
  </>
);

/** Marks, lights, arrows and graphs. */
export const signs: Readonly<Record<string, ComponentChildren>> = {
  white_check_mark: tile(green, stroke('M6.5 12.5l3.8 3.8 7.4-8.3', '#fff', 3)),
  heavy_check_mark: stroke('M4 13l5.2 5.2L20 6', 'currentColor', 3.4),
  ballot_box_with_check: tile(blue, stroke('M6.5 12.5l3.8 3.8 7.4-8.3', '#fff', 3)),
  x: stroke('M4.5 4.5l15 15M19.5 4.5l-15 15', red, 4),
  negative_squared_cross_mark: tile(green, stroke('M7 7l10 10M17 7L7 17', '#fff', 3)),
  warning: (
    <>
      <path d="M12 2.3L23 21.5H1z" fill={amber} stroke={amber} stroke-width="1.5" stroke-linejoin="round" />
      <path d="M12 9v6" stroke="#2b2110" stroke-width="2.6" stroke-linecap="round" />
      <circle cx="12" cy="18.3" r="1.5" fill="#2b2110" />
    </>
  ),
  no_entry: (
    <>
      {circle(red)}
      <rect x="6" y="10.2" width="12" height="3.6" rx="1" fill="#fff" />
    </>
  ),
  no_entry_sign: (
    <>
      <circle cx="12" cy="12" r="8.7" fill="none" stroke={red} stroke-width="3" />
      <path d="M6 6l12 12" stroke={red} stroke-width="3" />
    </>
  ),
  octagonal_sign: (
    <>
      <path d="M7.6 1.8h8.8l5.8 5.8v8.8l-5.8 5.8H7.6l-5.8-5.8V7.6z" fill={red} />
      <path d="M6.5 12h11" stroke="#fff" stroke-width="3" stroke-linecap="round" />
    </>
  ),
  red_circle: circle(red),
  large_orange_circle: circle('#ee8434'),
  large_yellow_circle: circle('#f2c230'),
  large_green_circle: circle('#2fae6a'),
  large_blue_circle: circle(blue),
  large_purple_circle: circle('#8a5cd1'),
  white_circle: circle('#f4f6f8', '#b4bcc8'),
  black_circle: circle('#2b2f36', '#6a7180'),
  large_red_square: square(red),
  red_square: square(red),
  large_orange_square: square('#ee8434'),
  large_yellow_square: square('#f2c230'),
  large_green_square: square('#2fae6a'),
  large_blue_square: square(blue),
  large_purple_square: square('#8a5cd1'),
  white_large_square: square('#eef1f5', '#b4bcc8'),
  black_large_square: square('#2b2f36', '#6a7180'),
  rewind: tile(blue, <path d="M12 6.5v11L5 12zM19 6.5v11L12 12z" fill="#fff" />),
  fast_forward: tile(blue, <path d="M12 6.5v11l7-5.5zM5 6.5v11l7-5.5z" fill="#fff" />),
  arrow_forward: tile(blue, <path d="M8 6v12l9.5-6z" fill="#fff" />),
  double_vertical_bar: tile(blue, stroke('M9 7v10M15 7v10', '#fff', 3)),
  arrow_right: tile(blue, stroke('M6 12h12M13 7l5 5-5 5')),
  arrow_left: tile(blue, stroke('M18 12H6M11 7l-5 5 5 5')),
  arrow_up: tile(blue, stroke('M12 18V6M7 11l5-5 5 5')),
  arrow_down: tile(blue, stroke('M12 6v12M7 13l5 5 5-5')),
  arrows_counterclockwise: tile(
    blue,
    stroke(
      'M7 10a5.5 5.5 0 0 1 9.5-2L18 9.5M17 14a5.5 5.5 0 0 1-9.5 2L6 14.5M18 6v3.5h-3.5M6 18v-3.5h3.5',
      '#fff',
      2,
    ),
  ),
  leftwards_arrow_with_hook: tile(blue, stroke('M10 6L6 10l4 4M6 10h8a4 4 0 0 1 0 8h-3')),
  information_source: tile(blue, stroke('M12 11v6.5M12 6.5v.1', '#fff', 3)),
  question: stroke('M7.5 8a4.5 4.5 0 1 1 6.5 4c-1.5.8-2 1.6-2 3M12 20v.1', red, 3.4),
  grey_question: stroke('M7.5 8a4.5 4.5 0 1 1 6.5 4c-1.5.8-2 1.6-2 3M12 20v.1', grey, 3.4),
  exclamation: stroke('M12 4v10M12 19.5v.1', red, 3.6),
  chart_with_upwards_trend: graph('M4.5 17l5-5 3.5 3 6.5-8', red),
  chart_with_downwards_trend: graph('M4.5 7l5 5 3.5-2.5 6.5 7', blue),
  bar_chart: (
    <>
      <rect x="2" y="3" width="20" height="18" rx="2.5" fill="#f6f8fb" stroke="#b7c0cc" />
      <path d="M7 18v-6" stroke={green} stroke-width="3.5" />
      <path d="M12 18V7" stroke={red} stroke-width="3.5" />
      <path d="M17 18v-8" stroke={blue} stroke-width="3.5" />
    </>
  ),
};
