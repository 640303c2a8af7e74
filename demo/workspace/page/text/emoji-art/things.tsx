import type { ComponentChildren } from 'preact';
import { amber, blue, green, red, stroke } from './strokes.tsx';

const glass = (
  <>
    <path d="M6 2.5h12M6 21.5h12" stroke="#8d5a2b" stroke-width="2.4" stroke-linecap="round" />
    <path
      d="M7.5 3.5v4.2L11 12l-3.5 4.3v4.2h9v-4.2L13 12l3.5-4.3V3.5z"
      fill="#dcebf7"
      stroke="#7f95a8"
      stroke-width="1.1"
    />
    <path d="M9 6.5h6L12 10.5zM8.5 20v-2L12 15l3.5 3v2z" fill="#e3a63b" />
  </>
);
const padlock = (shackle: string, body: string) => (
  <>
    <path d={shackle} fill="none" stroke="#8a93a3" stroke-width="2.6" stroke-linecap="round" />
    <rect x="4.5" y="10.5" width="15" height="11" rx="2.5" fill={body} />
    <circle cx="12" cy="15" r="1.7" fill="#6b4a12" />
    <path d="M12 15.5v2.5" stroke="#6b4a12" stroke-width="1.7" stroke-linecap="round" />
  </>
);

const skin = '#f0b541';
const hand = (
  <>
    {stroke('M7.5 12V6M11 11V3.5M14.5 11V4M18 12V6.5M4.5 12.5l3 4', skin, 3)}
    <path d="M6 11.5h13.5V16a6.5 6.5 0 0 1-13 0z" fill={skin} />
  </>
);

/** Tools, vehicles, papers and faces. */
export const things: Readonly<Record<string, ComponentChildren>> = {
  rotating_light: (
    <>
      <path d="M6 18v-6a6 6 0 0 1 12 0v6z" fill={red} />
      <rect x="3.5" y="17.5" width="17" height="4" rx="1.5" fill="#6c7482" />
      <path d="M12 1v2.5M3.5 4.5l2 2M20.5 4.5l-2 2" stroke={amber} stroke-width="2" stroke-linecap="round" />
      <path d="M9.5 12.5a2.8 2.8 0 0 1 2.5-3" stroke="#fff" stroke-width="1.5" fill="none" />
    </>
  ),
  rocket: (
    <>
      <path d="M4 20c.3-3.5 1.5-5.5 3.5-6l2.5 2.5c-.5 2-2.5 3.2-6 3.5z" fill={amber} />
      <path d="M6.5 11.5l-3.5.8 3-5 4-.8zM12.5 17.5l-.8 3.5 5-3 .8-4z" fill={red} />
      <path d="M8 14.5c.5-4.5 4-10.5 13.5-12C20 12 14 15.5 9.5 16z" fill="#e6ebf2" stroke="#98a3b3" />
      <circle cx="15" cy="9" r="2.2" fill={blue} stroke="#fff" stroke-width=".8" />
    </>
  ),
  hourglass: glass,
  hourglass_flowing_sand: glass,
  lock: padlock('M7.5 10.5V8a4.5 4.5 0 0 1 9 0v2.5', '#e8b23c'),
  unlock: padlock('M7.5 10.5V7a4.5 4.5 0 0 1 8.7-1.5', '#e8b23c'),
  bell: (
    <>
      <path d="M12 2.5a6 6 0 0 1 6 6v5l2.5 4h-17l2.5-4v-5a6 6 0 0 1 6-6z" fill="#efb53a" />
      <circle cx="12" cy="20" r="2.2" fill="#a9741b" />
    </>
  ),
  eyes: (
    <>
      <ellipse cx="6.5" cy="12" rx="4.8" ry="7" fill="#fff" stroke="#8a93a3" />
      <ellipse cx="17.5" cy="12" rx="4.8" ry="7" fill="#fff" stroke="#8a93a3" />
      <circle cx="5" cy="13" r="2.5" fill="#2b2f36" />
      <circle cx="16" cy="13" r="2.5" fill="#2b2f36" />
    </>
  ),
  tada: (
    <>
      <path d="M2 22l5.5-14 8.5 8.5z" fill="#f0b13a" />
      <path d="M5 15l4 4M6.5 11l6.5 6.5" stroke="#c9822a" stroke-width="1.5" />
      <path d="M12 9c1-2 1-4-.5-6M15 12c2-1.5 4.5-2 7-1" stroke={blue} stroke-width="2" fill="none" />
      <circle cx="17" cy="6" r="1.6" fill={red} />
      <circle cx="21" cy="3.5" r="1.4" fill={green} />
      <circle cx="20" cy="16" r="1.5" fill="#8a5cd1" />
      <circle cx="7" cy="4" r="1.4" fill={green} />
    </>
  ),
  package: (
    <>
      <path d="M2.5 7.5L12 3l9.5 4.5v10L12 22l-9.5-4.5z" fill="#c98f52" />
      <path d="M2.5 7.5L12 12l9.5-4.5L12 3z" fill="#dcaa70" />
      <path d="M12 12v10" stroke="#a26f38" stroke-width="1.2" />
      <path d="M7.2 5.3l9.5 4.5v3.5" stroke="#f4e3c8" stroke-width="2" fill="none" />
    </>
  ),
  memo: (
    <>
      <rect x="3.5" y="2.5" width="15" height="19" rx="2" fill="#fbfcfe" stroke="#a9b3c1" />
      <path d="M6.5 7.5h9M6.5 11h9M6.5 14.5h5" stroke="#9aa5b5" stroke-width="1.5" />
      <path d="M11.5 18.5l.8-3 7-7 2.2 2.2-7 7z" fill={amber} stroke="#a9741b" stroke-width=".8" />
    </>
  ),
  page_facing_up: (
    <>
      <path d="M5 2.5h9.5L19.5 7.5v14H5z" fill="#fbfcfe" stroke="#a9b3c1" stroke-linejoin="round" />
      <path d="M8 11h8.5M8 14h8.5M8 17h5.5M14.5 2.5v5h5" stroke="#a9b3c1" stroke-width="1.3" fill="none" />
    </>
  ),
  label: (
    <>
      <path d="M2.5 12L12 3h8.5v8.5L11.5 21z" fill="#e9c46a" stroke="#b98d2f" stroke-linejoin="round" />
      <circle cx="16.7" cy="7" r="1.6" fill="#fff" stroke="#b98d2f" />
    </>
  ),
  fire: (
    <>
      <path
        d="M12 1.5c1 4 6.5 6 6.5 12.5a6.5 6.5 0 0 1-13 0c0-3 1.5-4.5 2.5-6.5 1 1 1.5 2 1.5 3 2-2 2.5-5.5 2.5-9z"
        fill="#f0592a"
      />
      <path d="M12 11c.5 2 3 3.5 3 6a3 3 0 0 1-6 0c0-2.5 2.5-3.5 3-6z" fill="#fbc13c" />
    </>
  ),
  zap: <path d="M14 1.5L4.5 13.5H11L9 22.5l10-13h-6.5z" fill="#f5b52b" stroke="#c98a14" stroke-width=".8" />,
  boom: (
    <path
      d="M12 1l2.5 6L21 4l-3 6.5 5.5 2-5.5 2.5 2.5 6.5-6-3L12 23l-2.5-5-6 2.5L6 14.5.5 12 6 9.5 3.5 3.5l6 3z"
      fill="#f4772c"
    />
  ),
  stopwatch: (
    <>
      <path d="M9.5 1.5h5v3h-5zM18 4l2.5 2.5" stroke="#8a93a3" stroke-width="2" fill="#8a93a3" />
      <circle cx="12" cy="13.5" r="8" fill="#f6f8fb" stroke="#8a93a3" stroke-width="2" />
      {stroke('M12 9v4.5l2.5 2', red, 2)}
    </>
  ),
  wrench: (
    <path
      d="M21.5 6.5l-3.5 3.5-3.5-.5-.5-3.5L17.5 2.5a6 6 0 0 0-7.7 7.7L2.5 17.5a2.8 2.8 0 0 0 4 4l7.3-7.3a6 6 0 0 0 7.7-7.7z"
      fill="#8a97a8"
    />
  ),
  shield: (
    <>
      <path d="M12 1.5l9 3v7c0 5.5-3.5 9-9 11-5.5-2-9-5.5-9-11v-7z" fill={blue} />
      {stroke('M8 12l3 3 5.5-6', '#fff', 2.4)}
    </>
  ),
  snowflake: stroke(
    'M12 2v20M3.5 7l17 10M20.5 7l-17 10M9.5 3.5L12 6l2.5-2.5M9.5 20.5L12 18l2.5 2.5',
    '#58b4e6',
    2,
  ),
  raised_hand: hand,
  raising_hand: (
    <>
      <circle cx="9.5" cy="9" r="4.5" fill={skin} />
      <path d="M2.5 22c0-5 3-7.5 7-7.5s7 2.5 7 7.5z" fill={blue} />
      {stroke('M15.5 17.5L19.5 12V4.5', skin, 3)}
    </>
  ),
  adhesive_bandage: (
    <>
      {stroke('M6.5 17.5l11-11', '#e6b583', 8)}
      {stroke('M10.5 13.5l3-3', '#c9935c', 6)}
    </>
  ),
  ok_hand: (
    <>
      {stroke('M11 12V4.5M14.5 12.5V3.5M18 13V6', skin, 3)}
      <path d="M9.5 12h10v4a5 5 0 0 1-10 0z" fill={skin} />
      <circle cx="7.5" cy="13" r="3" fill="none" stroke={skin} stroke-width="2.4" />
    </>
  ),
  stethoscope: stroke(
    'M6 2.5H4.5V9a4.5 4.5 0 0 0 9 0V2.5H12M9 13.5V16a5 5 0 0 0 10 0v-3M19 10.5v.1',
    '#5a6b82',
    2.4,
  ),
  mag: stroke('M10 4a6 6 0 1 1 0 12 6 6 0 0 1 0-12M14.5 14.5L21 21', '#6a7688', 2.8),
  pushpin: (
    <>
      <path d="M12 14v8" stroke="#8a93a3" stroke-width="2" stroke-linecap="round" />
      <path d="M8 2.5h8l-1 6 3.5 3.5v2h-13v-2L9 8.5z" fill={red} />
    </>
  ),
  link: stroke(
    'M10 14a4 4 0 0 0 5.7 0l3.6-3.6a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.6 3.6a4 4 0 0 0 5.7 5.7l1.6-1.6',
    '#7b8798',
    2.4,
  ),
  ship: (
    <>
      <path d="M2 15h20l-3.5 6h-13z" fill="#3d5a80" />
      <path d="M5 10.5h13l1.5 4.5H5z" fill="#eef1f5" stroke="#b4bcc8" />
      <path d="M8 6.5h6.5v4H8z" fill="#dfe5ec" />
      <path d="M12.5 2.5h3v4h-3z" fill={red} />
    </>
  ),
  robot_face: (
    <>
      <path d="M12 1.5v3.5" stroke="#8a93a3" stroke-width="2" />
      <rect x="3.5" y="5" width="17" height="15" rx="3.5" fill="#b9c4d2" />
      <circle cx="8.5" cy="11" r="2" fill={blue} />
      <circle cx="15.5" cy="11" r="2" fill={blue} />
      <path d="M8 16h8" stroke="#55606f" stroke-width="2" stroke-linecap="round" />
    </>
  ),
  checkered_flag: (
    <>
      <path d="M4 2v20" stroke="#8a6a3f" stroke-width="2" stroke-linecap="round" />
      <rect x="5" y="3" width="16" height="11" fill="#fff" stroke="#444" stroke-width=".8" />
      <path
        d="M5 3h4v3.7H5zM13 3h4v3.7h-4zM9 6.7h4v3.6H9zM17 6.7h4v3.6h-4zM5 10.3h4V14H5zM13 10.3h4V14h-4z"
        fill="#2b2f36"
      />
    </>
  ),
  thumbsup: thumb(),
  '+1': thumb(),
  thumbsdown: <g transform="rotate(180 12 12)">{thumb()}</g>,
  '-1': <g transform="rotate(180 12 12)">{thumb()}</g>,
  speech_balloon: (
    <path d="M3 4.5h18v12H10.5L6 21v-4.5H3z" fill="#eef2f7" stroke="#9aa5b5" stroke-linejoin="round" />
  ),
};

function thumb() {
  return (
    <path
      d="M3 11h4v10H3zM8.5 11.5L12 2.5c2 0 3 1.5 2.5 3.5l-.8 3.5H20c1.5 0 2.3 1.3 2 2.6l-1.7 7c-.3 1.2-1.3 1.9-2.4 1.9H8.5z"
      fill="#f5c04a"
      stroke="#b98d2f"
      stroke-width=".9"
    />
  );
}
