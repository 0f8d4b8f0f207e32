import { inParts } from '../../shared/in-parallel.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { asffOf, type AsffFinding, type AsffPlace } from '../../shared/security-findings/asff.ts';
import { securityFindings } from '../../shared/security-findings/security-finding.ts';
import { DAY_SECONDS } from '../../shared/time.ts';
import { saysTheSame, type SaidFinding, type StandingFinding } from './standing-finding.ts';

/** What Security Hub takes at once. One of ours has 35 KB at most, where it takes 240, and 6 MB a call. */
export const HUB_BATCH = 100;
/** Security Hub deletes what nobody has imported for 90 days: a finding that still stands is said again after so many. */
const SAID_AGAIN_DAYS = 30;

/** Security Hub is not enabled in the account and region: whoever tries again has the same answer. */
export class HubMissing extends Error {
  override name = 'HubMissing';
}

export interface RefusedFinding {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

export interface FindingsHub {
  /** All findings of ours that are active, in this account and region. @throws HubMissing */
  active(): Promise<readonly StandingFinding[]>;
  /**
   * At most {@link HUB_BATCH}.
   *
   * @returns those that it would not take
   * @throws HubMissing
   */
  importBatch(findings: readonly SaidFinding[]): Promise<readonly RefusedFinding[]>;
}

export interface SyncPorts {
  readonly place: AsffPlace;
  /** What has less is not sent, and archived where it was. */
  readonly minPriority: number;
  readonly hub: FindingsHub;
  readonly now: () => Date;
}

export interface SyncFigures {
  readonly findings: number;
  /** Of groups that another account owns, which shares their VPC: it may say so itself, we may not for it. */
  readonly ofOthers: number;
  /** Imported as active: new, or other than before. */
  readonly sent: number;
  readonly archived: number;
  readonly refused: readonly RefusedFinding[];
  /** Not reached before the time was up; the next night sends them. */
  readonly left: number;
}

/** Of the fifteen minutes that a function may run. 100 findings take some seconds: tens of thousands have room. */
const SYNC_MS = 10 * 60_000;

/**
 * Makes the active findings of Security Hub those of a report: what is new or said otherwise is imported, what the report no longer
 * has is archived, first, since it may be about a rule that was used. What says the same stays as it is, so that the same report
 * twice changes nothing. What people have set (workflow, notes, their own severity) is never touched.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
 *
 * @throws HubMissing, and what Security Hub throws
 */
export async function syncFindings(
  report: Pick<UsageReport, 'rules' | 'findings'>,
  { place, minPriority, hub, now }: SyncPorts,
): Promise<SyncFigures> {
  const begun = now();
  const time = begun.toISOString();
  const wanted = securityFindings(report).filter(({ priority }) => priority >= minPriority);
  const ours = wanted.filter(({ rule: { accountId } }) => accountId === undefined || accountId === place.accountId);
  const said = new Map<string, AsffFinding>();
  for (const finding of ours) {
    const one = asffOf(finding, place, time);
    // Of two rules that say the very same there is one finding: the first, which has the higher priority.
    if (!said.has(one.Id)) said.set(one.Id, one);
  }
  const standing = new Map((await hub.active()).map((one) => [one.Id, one]));
  const gone = [...standing.values()].filter(({ Id }) => !said.has(Id));
  const changed = [...said.values()].flatMap((one) => {
    const before = standing.get(one.Id);
    if (before && isFresh(before, begun) && saysTheSame(one, before)) return [];
    return [{ ...one, CreatedAt: before?.CreatedAt ?? time }];
  });
  const archived = gone.map((one) => ({ ...one, UpdatedAt: time, RecordState: 'ARCHIVED' as const }));
  const refused: RefusedFinding[] = [];
  let done = 0;
  for (const batch of inParts<SaidFinding>([...archived, ...changed], HUB_BATCH)) {
    if (now().getTime() - begun.getTime() > SYNC_MS) break;
    refused.push(...(await hub.importBatch(batch)));
    done += batch.length;
  }
  const refusedIds = new Set(refused.map(({ id }) => id));
  const taken = [...archived, ...changed].slice(0, done).filter(({ Id }) => !refusedIds.has(Id));
  const archivedTaken = taken.filter(({ RecordState }) => RecordState === 'ARCHIVED').length;
  return {
    findings: said.size,
    ofOthers: wanted.length - ours.length,
    sent: taken.length - archivedTaken,
    archived: archivedTaken,
    refused,
    left: archived.length + changed.length - done,
  };
}

function isFresh({ UpdatedAt }: StandingFinding, now: Date): boolean {
  return now.getTime() - Date.parse(UpdatedAt) < SAID_AGAIN_DAYS * DAY_SECONDS * 1000;
}
