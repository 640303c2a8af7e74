import { Agent, get } from 'node:http';

/** Asks the shop for its own pages, in turn, so many times a second. */
export function startTraffic(url: string, routes: readonly string[], perSecond: number): { stop(): void } {
  if (perSecond <= 0) return { stop: () => {} };
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  let turn = 0;
  const timer = setInterval(() => {
    const route = routes[turn++ % routes.length] ?? '/';
    get(`${url}${route}`, { agent, timeout: 5_000 }, (response) => response.resume())
      .on('timeout', function (this: { destroy(): void }) {
        this.destroy();
      })
      .on('error', () => {}); // the shop counts what it answers; a visitor who gives up is not news
  }, 1_000 / perSecond);
  return {
    stop: () => {
      clearInterval(timer);
      agent.destroy();
    },
  };
}
