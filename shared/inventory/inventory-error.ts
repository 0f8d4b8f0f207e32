/**
 * An inventory that cannot be used. The message is one line for a person: which file or object, and why.
 * Thrown instead of guessing wherever a guess could make a used rule look unused.
 */
export class InventoryError extends Error {
  override name = 'InventoryError';
}

const LONGEST = 120;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Someone else's text, made fit for one line of a message: ids and CIDRs as they are, anything else quoted with
 * control, direction and other invisible characters as `\uXXXX`, and cut after 120 characters.
 */
export function shown(text: string): string {
  if (/^[\w.:/+=@-]{1,120}$/.test(text)) return text;
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(cut).replace(INVISIBLE, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, unit) => {
    return `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
  }).join('');
}
