const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/** UNIX seconds of an ISO 8601 time, UTC where it names no zone; undefined for any other text. */
export function secondsFromAws(text: string): number | undefined {
  const match = ISO.exec(text);
  const millis = match ? Date.parse(match[1] === undefined ? `${text}Z` : text) : Number.NaN;
  return Number.isNaN(millis) ? undefined : Math.floor(millis / 1000);
}
