import { createHash } from 'node:crypto';

const LONGEST = 30;
/** What {@link safeName} ends with where it changed a text. */
const HASHED = /-[0-9a-f]{16}$/;

/**
 * Other people's text as a part of a file name, and as a word that a shell takes as it is: small letters and digits, with
 * single `-` between them. Different texts have different names, also on disks that take capitals for small letters: a text that was
 * changed ends in 16 digits of its hash.
 */
export function safeName(text: string): string {
  const safe = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST)
    .replaceAll(/^-|-$/g, '');
  if (safe === text && safe !== '' && !HASHED.test(safe)) return safe;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return safe === '' ? hash : `${safe}-${hash}`;
}
