/** Web address of a message, as Slack's permalinks are. */
export function linkTo(workspaceUrl: string, channel: string, ts: string, root?: string): string {
  const thread = root === undefined || root === ts ? '' : inThread(channel, root);
  return `${workspaceUrl.replace(/\/$/, '')}/archives/${channel}/p${ts.replace('.', '')}${thread}`;
}

/** Web address of a thread: Slack opens it beside the message that heads it. */
export function threadLink(workspaceUrl: string, channel: string, root: string): string {
  return linkTo(workspaceUrl, channel, root) + inThread(channel, root);
}

function inThread(channel: string, root: string): string {
  return `?thread_ts=${root}&cid=${channel}`;
}
