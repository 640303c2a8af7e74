/** Whether the host of an address is this machine, so that nobody on the way can read or change what is said. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  // Addresses of other schemes than http are read without their host being normalised.
  const { hostname } = new URL(url.replace(/^[a-z][a-z0-9+.-]*:/i, 'http:'));
  return /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}
