/** Web address of a message, as Slack's permalinks are. */
export function linkTo(workspaceUrl: string, channel: string, ts: string, root?: string): string {
  const thread = root === undefined || root === ts ? '' : `?thread_ts=${root}&cid=${channel}`;
  return `${workspaceUrl.replace(/\/$/, '')}/archives/${channel}/p${ts.replace('.', '')}${thread}`;
}
