import { addUsage } from './merge.ts';
import { isCounted, sourceText, type Source } from './source.ts';
import { emptyUsage, type Usage } from './usage.ts';

/** Usage by the source under which it was counted, each source once. */
export class UsageBySource {
  readonly #entries = new Map<string, readonly [Source, Usage]>();

  constructor(entries: Iterable<readonly [Source, Usage]> = []) {
    for (const [source, usage] of entries) this.#entries.set(sourceText(source), [source, usage]);
  }

  /** That of the source, to be added to; empty where it is new. */
  of(source: Source): Usage {
    const text = sourceText(source);
    let entry = this.#entries.get(text);
    if (!entry) this.#entries.set(text, (entry = [source, emptyUsage()]));
    return entry[1];
  }

  usages(): Usage[] {
    return [...this].map(([, usage]) => usage);
  }

  [Symbol.iterator](): IterableIterator<readonly [Source, Usage]> {
    return this.#entries.values();
  }
}

/**
 * One usage of all sources: what `analyze` says of the same files.
 *
 * @param delivered flow logs of which files have come
 */
export function resolveDuplicates(bySource: Iterable<readonly [Source, Usage]>, delivered: ReadonlySet<string>): Usage {
  const whole = emptyUsage();
  for (const [source, usage] of bySource) if (isCounted(source, delivered)) addUsage(whole, usage);
  return whole;
}
