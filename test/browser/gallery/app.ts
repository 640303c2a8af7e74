import { App, LogLevel } from '@slack/bolt';
import type { View } from '@slack/types';
import { startWorkspace, type Workspace } from '../../../demo/workspace/server/start.ts';
import { chartDrawer } from '../../../src/adapters/charts/draw.ts';
import { CHART } from '../../adapters/charts/sample.ts';
import { T0 } from '../../blocks/fixtures.ts';
import type { Picture } from './pictures.ts';

/** People and groups that the fixtures name. */
const PEOPLE = {
  users: [
    { id: 'U0ADA', name: 'ada', realName: 'Ada Lovelace', color: '#7a4fbf', timeZone: 'Europe/London' },
    { id: 'U0ALEX', name: 'alex', realName: 'Alex Roe', color: '#b4581e', timeZone: 'Europe/London' },
    { id: 'U0DANA', name: 'dana', realName: 'Dana Fox', color: '#1f7a6d', timeZone: 'Europe/London' },
    { id: 'U0KIM', name: 'kim', realName: 'Kim Lee', color: '#a3334f', timeZone: 'Europe/London' },
  ],
  groups: [
    { id: 'S0RELEASE', handle: 'release-managers', members: ['U0DANA', 'U0KIM'] },
    { id: 'S0ONCALL', handle: 'on-call', members: ['U0KIM'] },
  ],
};
/** Everything was said now. */
export const NOW = T0 + 20 * 60_000;

/** A bot that shows pictures in a workspace, and remembers what was pressed. */
export class GalleryApp {
  readonly workspace: Workspace;
  readonly pressed: string[] = [];
  readonly #app: App;
  #form: View | null = null;
  #channels = 0;
  #chart = '';

  private constructor(workspace: Workspace) {
    this.workspace = workspace;
    this.#app = new App({
      token: workspace.botToken,
      appToken: workspace.appToken,
      socketMode: true,
      clientOptions: { slackApiUrl: workspace.apiUrl },
      logLevel: LogLevel.ERROR,
    });
    this.#app.action(/.*/, async ({ ack, action }) => {
      await ack();
      if ('action_id' in action) this.pressed.push(action.action_id);
    });
    this.#app.view(/.*/, ({ ack }) => ack());
    this.#app.command('/ship-prod', async ({ ack, client, body }) => {
      await ack();
      if (this.#form) await client.views.open({ trigger_id: body.trigger_id, view: this.#form as never });
    });
  }

  static async start(): Promise<GalleryApp> {
    const channels = [{ id: 'C0SHIP', name: 'ship' }];
    const began = Date.now();
    const now = () => NOW + (Date.now() - began);
    const gallery = new GalleryApp(await startWorkspace({ ...PEOPLE, channels, now }));
    await gallery.#app.start();
    await gallery.workspace.waitForConnection();
    gallery.#chart = await gallery.#upload();
    return gallery;
  }

  /** A chart that Slack has. */
  async #upload(): Promise<string> {
    const answer = await this.#app.client.filesUploadV2({
      file: Buffer.from(await chartDrawer()({ ...CHART, title: 'Error rate, v2.7.0' })),
      filename: 'chart.png',
      title: 'Error rate',
      alt_text: 'a chart',
    });
    const [file] = (answer as unknown as { files: { files: { id: string }[] }[] }).files.flatMap(
      ({ files }) => files,
    );
    return file?.id ?? '';
  }

  /** Makes the picture ready to be looked at; answers with the channel in which it is. */
  async show({ shown }: Picture): Promise<string> {
    this.#channels += 1;
    const channel = `C0GALLERY${this.#channels}`;
    this.workspace.control.addChannel({ id: channel, name: `gallery-${this.#channels}` });
    if (shown.kind === 'home')
      await this.#app.client.views.publish({ user_id: 'U0ADA', view: shown.view as never });
    if (shown.kind === 'modal') this.#form = shown.view;
    if (shown.kind !== 'messages') return channel;
    for (const { text, blocks } of shown.messages) {
      const own = JSON.parse(JSON.stringify(blocks).replaceAll('F0CHART', this.#chart));
      await this.#app.client.chat.postMessage({ channel, text, blocks: own });
    }
    return channel;
  }

  /** Puts away the forms that are open. */
  async closeForms(): Promise<void> {
    for (const view of this.workspace.views('U0ADA').slice(0, 1))
      await this.workspace.as('U0ADA').close(view, true);
  }

  async stop(): Promise<void> {
    await this.#app.stop();
    await this.workspace.close();
  }
}
