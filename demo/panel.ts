import type { Shop } from './shop/shop.ts';
import type { Panel } from './workspace/server/core.ts';

const MODES = [
  { value: 'healthy', label: 'Healthy' },
  { value: 'slow', label: 'Slow' },
  { value: 'failing', label: 'Failing' },
  { value: 'down', label: 'Down' },
] as const;
type Mode = (typeof MODES)[number]['value'];

/** The switches beside the page: how production behaves, now and with the next version. */
export function shopPanel(shop: Shop): Panel {
  return {
    links: [{ label: 'Open the shop', url: shop.url }],
    watch: (changed) => {
      let known = '';
      const timer = setInterval(() => {
        const now = JSON.stringify(shop.control.state());
        if (now !== known) changed();
        known = now;
      }, 500);
      return () => clearInterval(timer);
    },
    gauges: () => {
      const { live, mode } = shop.control.state();
      return [
        { id: 'version', label: 'Live version', value: live?.version ?? 'nothing' },
        { id: 'commit', label: 'Commit', value: live?.commit.slice(0, 7) ?? 'none' },
        {
          id: 'mode',
          label: 'Production',
          value: mode,
          tone: mode === 'healthy' ? 'good' : mode === 'down' ? 'bad' : 'warn',
        },
      ];
    },
    switches: () => {
      const { always, next } = shop.control.state();
      return [
        {
          id: 'now',
          label: 'Production now',
          hint: 'How the shop answers from this moment on.',
          choices: MODES,
          value: always.mode,
        },
        {
          id: 'next',
          label: 'The next version will be',
          hint: 'Takes effect when the next version goes live, and ends when it is rolled back.',
          choices: MODES,
          value: next?.mode ?? 'healthy',
        },
      ];
    },
    set: async (id, value) => {
      const { value: mode } = MODES.find((one) => one.value === value) ?? { value: 'healthy' as Mode };
      shop.control.set({ mode, ...(id === 'next' ? { version: 'next' } : {}) });
    },
  };
}
