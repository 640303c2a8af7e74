/** Words of `/ship-prod` itself: no service can be called so. */
export const COMMAND_WORDS = [
  'plan',
  'status',
  'history',
  'cancel',
  'lock',
  'unlock',
  'freeze',
  'thaw',
  'rollback',
  'help',
] as const;
