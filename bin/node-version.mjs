// Imported before everything else: says so when this Node is too old for the rest to be understood by it.
const oldest = '20.18.1';

/** Whether a version such as `v18.20.8` is older than that one. */
function isOlder(version) {
  const [wanted, found] = [oldest, version].map((text) => text.replace(/^v/, '').split('.').map(Number));
  const at = wanted.findIndex((part, index) => part !== found[index]);
  return at >= 0 && found[at] < wanted[at];
}

if (isOlder(process.version)) {
  console.error(
    `Slipway needs Node ${oldest} or newer, and this is ${process.version}. Install a newer one, then start it again.`,
  );
  process.exit(1);
}
