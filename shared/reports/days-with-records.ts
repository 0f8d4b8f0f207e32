import type { UsageReport } from './schema.ts';

/** How many UTC days of the window have records. */
export function daysWithRecords({ days, window }: Pick<UsageReport, 'days' | 'window'>): number {
  return days.filter(({ day, records }) => records > 0 && day >= window.from && day <= window.to).length;
}
