import { openTunnel } from '../adapters/shared/network/tunnel.ts';
import { proxiesOf, proxyFor } from '../adapters/shared/network/web-proxy.ts';
import { fine, type Probe, problem } from './finding.ts';

const PATIENCE_MS = 10_000;

/** Whether the proxies that the environment names open a way to Slack; finds nothing where it names none. */
export function proxyProbe(env: NodeJS.ProcessEnv, slack: string | undefined): Probe {
  return {
    area: 'proxy',
    look: async () => {
      const named = proxiesOf(env).map(({ name, variable }) => fine(`${variable} names ${name}`));
      const url = new URL(slack || 'https://slack.com/api/');
      const proxy = proxyFor(url, env);
      if (named.length === 0 || proxy === null || url.protocol === 'http:') return named;
      const to = `${url.hostname}:${url.port || 443}`;
      try {
        (await openTunnel(proxy, to, PATIENCE_MS)).destroy();
        return [...named, fine(`the proxy ${proxy.name} opens connections to ${to}`)];
      } catch (error) {
        const { message } = error as Error;
        const fix = `Correct ${proxy.variable} where Slipway is started, or name what needs no proxy in NO_PROXY.`;
        return [problem(`${message[0]?.toUpperCase()}${message.slice(1)}`, fix)];
      }
    },
  };
}
