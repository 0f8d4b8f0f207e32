/** Whole texts in which each `*` stands for any text, none included. */
export function patternOf(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

/** Tags as texts, to be held against such patterns: `key`, and `key=value`. */
export function tagTexts(tags: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(tags).flatMap(([key, value]) => [key, `${key}=${value}`]);
}
