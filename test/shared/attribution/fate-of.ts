import type { Attribution, RecordOrigin } from '../../../shared/attribution/attribution.ts';
import type { FlowRecord } from '../../../shared/flowlogs/record.ts';
import { FATES, type Fate, type Usage } from '../../../shared/usage/usage.ts';

/** Adds one record, and tells its fate. */
export function fateOf(attribution: Attribution, usage: Usage, record: FlowRecord, origin: RecordOrigin): Fate {
  const before = { ...usage.fates };
  attribution.add(record, origin);
  attribution.settle();
  return attribution.reading?.fate ?? FATES.find((fate) => usage.fates[fate] > before[fate])!;
}
