import { createHash } from 'node:crypto';

/** Of one execution, and of no other: its time for people, its name's hash for the rest. */
export function runId(startedAt: Date, execution: string): string {
  const time = startedAt
    .toISOString()
    .replace(/[^0-9T]/g, '')
    .slice(0, 13);
  return `${time}Z${createHash('sha256').update(execution).digest('hex').slice(0, 12)}`;
}
