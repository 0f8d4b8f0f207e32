import { createHash } from 'node:crypto';
import type { OwnerMailEvery } from '../../shared/mail-address.ts';
import { composeMail, mailBytes, type Letter } from '../../shared/reports/mail/compose-mail.ts';
import type { OwnersTold, OwnerTold } from '../../shared/reports/mail/owners-told.ts';
import { reportByOwner, type OwnerReport } from '../../shared/reports/owner-reports.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { dayFromIso, isoDay, type Day } from '../../shared/time.ts';
import { addressesOf, type OwnerAddresses } from './owner-addresses.ts';
import { csvFiles } from './report-files.ts';
import { sendOnce, type SendOncePorts } from '../../shared/aws/send-once.ts';

export interface OwnerMail {
  /** Nobody outside of these domains is mailed. */
  readonly domains: readonly string[];
  readonly every: OwnerMailEvery;
  /** Of owners whose name is no address. */
  addresses(): Promise<OwnerAddresses>;
}

export interface OwnerMailPorts extends SendOncePorts {
  readonly settings: Pick<Letter, 'from' | 'replyTo' | 'maxBytes' | 'place'>;
  /** Undefined where owners are not mailed. */
  readonly ownerMail?: OwnerMail | undefined;
  readonly warn: (what: string, why: unknown) => void;
}

/** Of the fifteen minutes that a function may run: page, files and the mail of the whole report need their share. */
const OWNERS_MS = 5 * 60_000;

/**
 * Mails each owner who has something to decide the own part of a report, the most first, at most once a week or day: whatever
 * report, run or retry comes first. An owner is known by name, so that a list of addresses that changes mails nobody twice.
 *
 * One mail that does not go out keeps no other from it, nor the mail of the whole report, which tells of it. Nothing is thrown.
 */
export async function mailOwners(report: UsageReport, ports: OwnerMailPorts): Promise<OwnersTold | undefined> {
  const { ownerMail, warn, now } = ports;
  if (!ownerMail) return undefined;
  const { owners, quiet, unowned } = reportByOwner(report);
  const { list, problem } = await listOf(ownerMail, warn);
  const told: Record<'mailed' | 'before' | 'withoutAddress' | 'later', OwnerTold[]> = {
    mailed: [],
    before: [],
    withoutAddress: [],
    later: [],
  };
  const failed: OwnersTold['failed'][number][] = [];
  const until = now().getTime() + OWNERS_MS;
  for (const one of owners) {
    const { owner, toTell: rules } = one;
    try {
      const to = addressesOf(owner, list, ownerMail.domains);
      if (!to) told.withoutAddress.push({ owner, rules });
      else if (now().getTime() > until) told.later.push({ owner, rules });
      else told[await mailOwner(one, to, ownerMail.every, ports)].push({ owner, rules });
    } catch (error) {
      warn('the mail to an owner did not go out', error);
      failed.push({ owner, rules, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { every: ownerMail.every, ...told, failed, quiet, unowned, problem };
}

async function listOf(ownerMail: OwnerMail, warn: OwnerMailPorts['warn']) {
  try {
    return { list: await ownerMail.addresses(), problem: undefined };
  } catch (error) {
    warn('addresses of owners cannot be read', error);
    return { list: new Map<string, readonly string[]>(), problem: (error as Error).message };
  }
}

async function mailOwner(
  { owner, report }: OwnerReport,
  to: readonly string[],
  every: OwnerMailEvery,
  ports: OwnerMailPorts,
): Promise<'mailed' | 'before'> {
  const { from, replyTo, maxBytes, place } = ports.settings;
  const period = isoDay(periodOf(dayFromIso(report.window.to)!, every));
  const hash = createHash('sha256').update(owner).digest('hex').slice(0, 32);
  const letter = { from, to, replyTo, maxBytes, place, kept: undefined };
  const sending = await sendOnce(
    `owner/${period}/${hash}`,
    // What it is about tells the message; to whom it goes today does not.
    [],
    async (repeats) => {
      const files = csvFiles(report);
      const mail = composeMail(
        report,
        { files, pageMissing: undefined, owner },
        { ...letter, date: ports.now(), repeats },
      );
      return mailBytes(mail, maxBytes);
    },
    { ...ports, send: (_none, bytes) => ports.send(to, bytes) },
  );
  if ('unnoted' in sending) ports.warn('the mail to an owner: sent, and not noted', sending.unnoted);
  return sending.outcome === 'already' ? 'before' : 'mailed';
}

/** The Monday of the week of a UTC day, or the day. 1970-01-01, day 0, was a Thursday. */
function periodOf(day: Day, every: OwnerMailEvery): Day {
  return every === 'day' ? day : day - ((day + 3) % 7);
}
