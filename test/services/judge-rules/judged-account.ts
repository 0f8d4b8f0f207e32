import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { wire as wireJudge } from '../../../services/judge-rules/wiring-adapter.ts';
import { wire as wireNight } from '../../../services/reconcile-usage/wiring-adapter.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import type { DynamoDbLocal } from '../../beds/dynamodb-local.ts';
import { filesUnder } from '../generate-account/generated.ts';
import { DeployedAccount } from '../reconcile-usage/deployed-account.ts';
import { NightSteps } from '../reconcile-usage/night-steps.ts';

const DAY_MS = 86_400_000;
const QUIET = {
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
  POWERTOOLS_TRACE_ENABLED: 'false',
};

/** A deployed account whose nights can be run, and judged. */
export class JudgedAccount {
  readonly account: DeployedAccount;
  readonly #before = { ...process.env };
  readonly #steps: NightSteps;

  private constructor(account: DeployedAccount) {
    this.account = account;
    // The SDK's clients are made when a service is wired, from what the process is told then.
    Object.assign(process.env, account.environment, QUIET);
    this.#steps = new NightSteps(account, wireNight(process.env).perform);
  }

  static async start(prefix: string, dynamo: DynamoDbLocal): Promise<JudgedAccount> {
    return new JudgedAccount(await DeployedAccount.empty(prefix, dynamo));
  }

  async stop(): Promise<void> {
    process.env = this.#before;
    await this.account.stop();
  }

  /** Settles the day, on which somebody looked at the account, on the following one. Returns the run's id. */
  async night(day: string, execution = `night of ${day}`): Promise<string> {
    await this.account.lookAgain(`${day}T12:00:00Z`);
    return this.settle(day, execution);
  }

  /** The same of a day of which nobody says whether anybody looked. */
  async settle(day: string, execution: string): Promise<string> {
    const startedAt = `${nextDay(day)}T03:30:00Z`;
    const { run, settle } = await this.#steps.attributed(day, execution, startedAt);
    await settle();
    return run.run;
  }

  /** Where the report is. */
  async judge(startedAt: string, more: Readonly<Record<string, string>> = {}, execution = 'judge'): Promise<string> {
    const { judge } = wireJudge({ ...process.env, ...more });
    const { report } = await judge({ startedAt, execution }, () => 900_000);
    return report;
  }

  async judged(...which: Parameters<JudgedAccount['judge']>): Promise<UsageReport> {
    return JSON.parse((await this.object(await this.judge(...which))).toString('utf8')) as UsageReport;
  }

  /** Of the data bucket, unpacked. */
  async object(key: string): Promise<Buffer> {
    return gunzipSync(await this.account.bytes(key));
  }
}

function nextDay(day: string, days = 1): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Writes the one day of `logs` once more for each of the following days. Returns the keys of each of `days` days. */
export function repeatedDays(logs: string, into: string, days: number): Map<string, string[]> {
  const keys = filesUnder(logs);
  const [first] = /\d{4}\/\d\d\/\d\d/.exec(keys[0]!)!;
  const day = first.replaceAll('/', '-');
  return new Map(
    Array.from({ length: days }, (_, after): [string, string[]] => {
      const shifted = nextDay(day, after);
      const written = keys.map((key) => {
        const [header, ...lines] = gunzipSync(readFileSync(join(logs, key)))
          .toString('latin1')
          .split('\n');
        const names = header!.split(' ');
        const times = [names.indexOf('start'), names.indexOf('end')];
        const later = lines.map((line) => {
          const fields = line.split(' ');
          for (const at of times)
            if (/^\d+$/.test(fields[at] ?? '')) fields[at] = `${Number(fields[at]) + after * 86_400}`;
          return fields.join(' ');
        });
        const name = key
          .replace(first, shifted.replaceAll('-', '/'))
          .replace(/_\d{8}T/, `_${shifted.replaceAll('-', '')}T`);
        mkdirSync(dirname(join(into, name)), { recursive: true });
        writeFileSync(join(into, name), gzipSync(Buffer.from([header, ...later].join('\n'), 'latin1')));
        return name;
      });
      return [shifted, written];
    }),
  );
}
