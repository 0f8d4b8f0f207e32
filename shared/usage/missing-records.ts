import { FATES, type Usage } from './usage.ts';

/** Why a night must not replace what was streamed: it has read less. Empty where it has not. */
export function missingRecords(streamed: Usage, night: Usage): string[] {
  const reasons: string[] = [];
  const [before, now] = [total(streamed), total(night)];
  if (now < before) reasons.push(`${now} records were read, ${before} were streamed`);
  for (const [interfaceId, days] of streamed.interfaces) {
    for (const [day, { records }] of days) {
      const read = night.interfaces.get(interfaceId)?.get(day)?.records ?? 0;
      if (read < records) reasons.push(`${interfaceId}: ${read} records were read, ${records} were streamed`);
    }
  }
  return reasons;
}

export function total({ fates }: Usage): number {
  return FATES.reduce((sum, fate) => sum + fates[fate], 0);
}
