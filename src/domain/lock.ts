/** The "service" of the lock that stops everything. No service of the config can have this name. */
export const EVERYTHING = '*';
