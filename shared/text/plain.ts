/**
 * Other people's text made safe for a terminal or a log line: control characters (escape sequences, line breaks) and
 * invisible format characters (right-to-left marks) become `?`.
 */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}
