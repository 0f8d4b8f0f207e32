import type { SqliteStore } from '../../../count-usage/sqlite/sqlite-store.ts';
import type { SettledRun, Nights } from '../../../reconcile-usage/settle-day.ts';
import type { Settled } from '../../../../shared/usage/settled.ts';
import type { Usage } from '../../../../shared/usage/usage.ts';
import type { Day } from '../../../../shared/time.ts';

/** Nights in the embedded store: a day is replaced in one commit. */
export class SqliteNights implements Nights {
  /** Files of evidence of runs that no longer count. */
  formerEvidence: readonly string[] = [];
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  async streamed(day: Day): Promise<Usage> {
    return Promise.resolve(this.#store.streamedOn(day));
  }

  async settled(day: Day): Promise<Settled | undefined> {
    const figures = this.#store.settledOn(day);
    return Promise.resolve(figures === undefined ? undefined : (JSON.parse(figures) as Settled));
  }

  async replace({ run, addition, settled, drift }: SettledRun, before: Settled | undefined): Promise<boolean> {
    const usage = addition.days.get(run.day)!.sources.of({ kind: 'night', run: run.id });
    const texts = { figures: JSON.stringify(settled), drift: JSON.stringify(drift) };
    const isReplaced = this.#store.replaceDay({ day: run.day, run: run.id, usage, ...texts }, before?.run);
    if (isReplaced) this.formerEvidence = before?.evidence ?? [];
    return Promise.resolve(isReplaced);
  }
}
