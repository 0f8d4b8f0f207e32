/**
 * JSON of printable ASCII without quotes of the shell: all else is written as `\u…`. Between single quotes no shell finds
 * anything in it to act on, and no terminal or locale shows it as something else. Holds no backtick either, which would
 * end a literal of JMESPath.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^ -~]|['`]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One word of a POSIX shell, whatever is in the text. A text that begins with `-` is still an option to a program. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** For the rest of a line behind `#`: printable ASCII, so that no line break of any kind ends it. */
export function shellComment(text: string): string {
  return text.replace(/[^ -~]/gu, '?');
}
