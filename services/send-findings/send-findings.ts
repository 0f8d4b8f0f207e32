import * as z from 'zod';
import { Refused, sendOnce, type Sending, type SentNotes } from '../../shared/aws/send-once.ts';
import { REPORT_KEY } from '../../shared/aws/report-store.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import type { AsffPlace } from '../../shared/security-findings/asff.ts';
import type { WebhookKind } from '../../shared/webhook.ts';
import { HubMissing, syncFindings, type SyncFigures, type SyncPorts } from './sync-findings.ts';
import { webhookMessage } from './webhook-message.ts';

const EVENT = z.strictObject({ report: REPORT_KEY });

export interface WebhookPort {
  readonly kind: WebhookKind;
  readonly notes: SentNotes;
  /** @throws Refused if the message did not arrive; whatever else is thrown, it may have */
  readonly post: (body: Buffer) => Promise<string>;
}

export interface SendFindingsPorts {
  readonly settings: { readonly place: AsffPlace; readonly bucket: string };
  readReport(key: string): Promise<UsageReport>;
  /** Undefined where Security Hub is told nothing. */
  readonly hub: Pick<SyncPorts, 'hub' | 'minPriority'> | undefined;
  /** Undefined where nothing is posted. */
  readonly webhook: WebhookPort | undefined;
  readonly now: () => Date;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
  readonly warn: (what: string, why: unknown) => void;
  report(figures: ToldFigures): void;
}

export interface ToldFigures {
  readonly hub: SyncFigures | undefined;
  readonly posted: Sending['outcome'] | undefined;
  /** What nobody need try again before somebody has mended it. */
  readonly problems: readonly string[];
}

/**
 * Tells Security Hub and a channel of Slack or Teams what a report says, where the configuration names them. Done twice it tells
 * once. One that fails keeps the other from nothing. A refusal is told of, and fails nothing; whatever else fails, fails the step, which
 * is tried again, and never the night.
 *
 * @throws Error that names what is wrong with the event or the report, and what did not answer
 */
export async function sendFindings(event: unknown, ports: SendFindingsPorts): Promise<{ problems: readonly string[] }> {
  const { success, data, error } = EVENT.safeParse(event);
  if (!success) throw new Error(`no report to tell of: ${z.prettifyError(error)}`);
  const report = await ports.readReport(data.report);
  const problems: string[] = [];
  const failures: unknown[] = [];
  const trying = async <T>(what: string, deed: () => Promise<T | undefined>): Promise<T | undefined> => {
    try {
      return await deed();
    } catch (thrown) {
      ports.warn(`${what}: failed`, thrown);
      if (thrown instanceof HubMissing || thrown instanceof Refused) problems.push(thrown.message);
      else failures.push(thrown);
      return undefined;
    }
  };
  const hub = await trying('Security Hub', () => tellHub(report, ports));
  const posted = await trying('the webhook', () => postOnce(data.report, report, ports));
  ports.report({ hub, posted, problems });
  if (failures.length > 0) throw failures[0];
  return { problems };
}

async function tellHub(report: UsageReport, { hub, settings: { place }, now, warn }: SendFindingsPorts) {
  if (!hub) return undefined;
  const figures = await syncFindings(report, { ...hub, place, now });
  for (const refused of figures.refused) warn('Security Hub would not take a finding', refused);
  return figures;
}

async function postOnce(key: string, report: UsageReport, { webhook, settings, now, wait, warn }: SendFindingsPorts) {
  if (!webhook) return undefined;
  const { place, bucket } = settings;
  const kept = { bucket, region: place.region, prefix: key.slice(0, key.lastIndexOf('/') + 1) };
  const sending = await sendOnce(
    `webhook/${key}`,
    [],
    (repeats) => Promise.resolve(webhookMessage(webhook.kind, report, { place, kept, repeats })),
    { notes: webhook.notes, send: (_none, body) => webhook.post(body), now, ...(wait && { wait }) },
  );
  if ('unnoted' in sending) warn(`${key}: posted, and not noted`, sending.unnoted);
  return sending.outcome;
}
