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
  /** Known as one of a whole organisation, which is more than the workspace of the service. */
  readonly ofOrganisation?: boolean;
}

/** Whether somebody may look at all, whatever channels they are in: no bot, nobody who left, nobody of another workspace. */
export function mayLookAtAll({ deleted, bot, stranger }: Looker): boolean {
  return !deleted && !bot && stranger !== true;
}

/** Whether that is enough to see a service. Everybody else, guests among them, has to be in its channel. */
export function seesWithoutChannel(visibility: Visibility | undefined, looker: Looker): boolean {
  const isOfWorkspace = mayLookAtAll(looker) && !looker.restricted && looker.ofOrganisation !== true;
  return visibility === 'workspace' && isOfWorkspace;
}
