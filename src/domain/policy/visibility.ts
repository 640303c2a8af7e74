/** Who may see the releases of a service: the members of its channel, or besides them every full member of the workspace. */
export type Visibility = 'channel' | 'workspace';

/** What Slack says of somebody, as far as it decides about looking. */
interface Looker {
  readonly deleted: boolean;
  readonly bot: boolean;
  /** A guest, or somebody of another workspace. */
  readonly restricted: boolean;
  /** Somebody of another workspace. */
  readonly stranger?: boolean;
}

/** Whether somebody may look at all, whatever channels they are in: no bot, nobody who left, nobody of another workspace. */
export function mayLookAtAll({ deleted, bot, stranger }: Looker): boolean {
  return !deleted && !bot && stranger !== true;
}

/** Whether that is enough to see a service. Everybody else, guests among them, has to be in its channel. */
export function seesWithoutChannel(visibility: Visibility | undefined, looker: Looker): boolean {
  return visibility === 'workspace' && mayLookAtAll(looker) && !looker.restricted;
}
