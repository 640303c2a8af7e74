/** What people ask of a promotion, as it follows "Nobody is asked" and "Somebody asked". */
const WISHES: Readonly<Record<string, string>> = {
  recheck: 'to look again',
  bump: 'for another version',
  cancel: 'to cancel it',
  retry: 'to try again',
  rollback: 'to roll back',
  extend: 'to watch longer',
  hold: 'to hold the window open',
  'release-hold': 'to release the hold',
  accept: 'to accept it',
  take: 'to look after it',
  stop: 'to stop the rollback',
  hotfix: 'for a hotfix',
  override: 'to break the glass',
};

export function wishInWords(what: unknown): string {
  return WISHES[String(what)] ?? 'for this';
}
