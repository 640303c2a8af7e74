// Refuses a production package whose licence is not one of those that ask for nothing but their text to be kept.
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { productionPackages } from './packages.mjs';

const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Unlicense',
]);
/** Under the SIL Open Font License a font may be shipped with a program. */
const FONTS = new Set(['OFL-1.1']);

/** Whether an SPDX expression allows it: one of those around `OR`, all of those around `AND`. */
export function isAllowed(licence, allowed = ALLOWED) {
  if (typeof licence !== 'string') return false;
  const bare = licence.trim().replace(/^\(([^()]*)\)$/, '$1');
  if (/[()]/.test(bare)) return false;
  return bare.split(' OR ').some((choice) => choice.split(' AND ').every((one) => allowed.has(one.trim())));
}

/** Lines such as `left-pad 1.0.0: GPL-3.0-only`. */
export function refusedLicences(packages) {
  return packages
    .filter(({ name, license }) => {
      const isFont = name.startsWith('@fontsource/') && isAllowed(license, FONTS);
      return !isFont && !isAllowed(license);
    })
    .map(({ name, version, license }) => `${name} ${version}: ${license ?? 'no licence'}`);
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const packages = productionPackages(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
  const refused = refusedLicences(packages);
  if (refused.length > 0) {
    console.error(`These packages may not be shipped with ours:\n${refused.join('\n')}`);
    console.error(
      'Use another package, or add the licence to scripts/licences.mjs when it is a permissive one.',
    );
    process.exit(1);
  }
  console.log(`The licences of ${packages.length} packages are permissive.`);
}
