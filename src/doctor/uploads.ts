import { findingOf, fine, type Probe, type ProbeFinding, problem } from './finding.ts';
import type { SlackApi } from './slack-api.ts';

const PATIENCE_MS = 10_000;

/**
 * Whether Slack gets the bytes of files, which go to a host of their own. Nothing is left there: a file that is not
 * completed is none. Finds nothing where Slack gives no address for them, as with a token that `slack` says the trouble of.
 */
export function uploadProbe(token: string | undefined, api: SlackApi, patienceMs = PATIENCE_MS): Probe {
  return {
    area: 'slack',
    look: async (signal) => {
      if (!token) return [];
      const asked = { filename: 'slipway-doctor.txt', length: '1' };
      const { upload_url: address } = await api
        .call('files.getUploadURLExternal', token, signal, asked)
        .catch(() => ({ upload_url: undefined }));
      if (address === undefined) return [];
      const { host } = new URL(address);
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
      const status = await api.upload(address, inTime).catch(findingOf);
      if (status === 200) return [fine(`files reach ${host}`)];
      return [refused(host, typeof status === 'number' ? `HTTP ${status}` : status.detail)];
    },
  };
}

function refused(host: string, detail: string): ProbeFinding {
  return problem(
    `files do not reach ${host}: ${detail}`,
    `Let this machine reach https://${host} too: reports and charts are missing in threads until then.`,
  );
}
