import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 100;

/** Waits until the shop has answered so many customers, so that there is something to compare with; not for ever. */
export async function waitForCustomers(shop: string, atLeast: number, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const metrics = await fetch(`${shop}/metrics`).then((response) => response.text());
    if (customersIn(metrics) >= atLeast) return;
    await pause(PAUSE_MS);
  }
}

/** Requests that the shop answered but for those of health checks. */
function customersIn(metrics: string): number {
  const counts = metrics.matchAll(/^http_requests_total\{[^}]*path="(?:\/|\/api\/products)"[^}]*\} (\d+)$/gm);
  return [...counts].reduce((all, [, count]) => all + Number(count), 0);
}
