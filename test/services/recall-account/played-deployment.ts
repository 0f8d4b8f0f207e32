import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { expect, jest } from '@jest/globals';
import type { Context } from 'aws-lambda';
import PostalMime from 'postal-mime';
import { usage } from '../../../services/command-line/commands/usage/usage.ts';
import { wire as wireCompact } from '../../../services/compact-usage/wiring-adapter.ts';
import { wire as wireCount } from '../../../services/count-usage/wiring-adapter.ts';
import { wire as wireJudge } from '../../../services/judge-rules/wiring-adapter.ts';
import { wire as wireRecall } from '../../../services/recall-account/wiring-adapter.ts';
import { wire as wireNight } from '../../../services/reconcile-usage/wiring-adapter.ts';
import { wire as wireSnapshot } from '../../../services/snapshot-groups/wiring-adapter.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import { ENVIRONMENT } from '../../../shared/names.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { dayOf, startOfDay } from '../../../shared/time.ts';
import type { DynamoDbLocal } from '../../beds/dynamodb-local.ts';
import type { SesLocal } from '../../beds/ses-local.ts';
import { HOUR, rung, type PublishedFigure } from '../../infra/alarms.ts';
import { invoked } from '../../infra/bundled.ts';
import { servicesWith } from '../../infra/synthesized.ts';
import { VARIANTS } from '../../infra/variants.ts';
import { objectCreated, sqsEvent } from '../count-usage/events.ts';
import { JudgedAccount } from '../judge-rules/judged-account.ts';
import { DATA, LOGS } from '../reconcile-usage/deployed-account.ts';
import { NightSteps } from '../reconcile-usage/night-steps.ts';
import { deployedDefinition, execute, tasksOf, type Task } from '../reconcile-usage/state-machine.ts';

const services = await servicesWith(VARIANTS.report);
const definitions = {
  night: await deployedDefinition(),
  backfill: await deployedDefinition(VARIANTS.report, 'backfill'),
};
const context = { getRemainingTimeInMillis: () => 900_000 } as Context;

/** What a night or a backfill came to. */
export interface Ran {
  readonly report: UsageReport;
  /** Of its mail. */
  readonly subject: string;
  readonly output: unknown;
}

/** A deployment with all its functions and state machines, and a report; its clock is the one that Jest fakes. */
export class PlayedDeployment {
  readonly #deployed: JudgedAccount;
  readonly #ses: SesLocal;
  /** UNIX seconds. */
  readonly #since = Date.now() / 1000;
  readonly #published: PublishedFigure[] = [];
  readonly #steps: NightSteps;
  readonly #tasks: Readonly<Record<string, Task>>;
  readonly #count: ReturnType<typeof wireCount>['count'];
  readonly #compact: ReturnType<typeof wireCompact>['compact'];
  readonly #snapshot: ReturnType<typeof wireSnapshot>['publish'];

  private constructor(deployed: JudgedAccount, ses: SesLocal) {
    this.#deployed = deployed;
    this.#ses = ses;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SESV2: ses.endpoint,
      AWS_XRAY_CONTEXT_MISSING: 'IGNORE_ERROR',
      [ENVIRONMENT.queueUrl]: 'http://127.0.0.1:9/queue',
      [ENVIRONMENT.windowDays]: '90',
      [ENVIRONMENT.mailFrom]: 'stale-sg@example.com',
      [ENVIRONMENT.mailTo]: 'network@example.com',
    });
    const sleep = async (milliseconds: number): Promise<void> => {
      jest.setSystemTime(Date.now() + milliseconds);
    };
    const { recall } = wireRecall(process.env, { now: () => Date.now(), sleep });
    const { perform, tools } = wireNight(process.env);
    const { judge } = wireJudge(process.env);
    jest.spyOn(tools.metrics, 'addMetric').mockImplementation((name, _, value) => {
      this.#published.push([name, Date.now() / 1000 - startOfDay(dayOf(this.#since)), value]);
      return tools.metrics;
    });
    this.#count = wireCount(process.env).count;
    this.#compact = wireCompact(process.env).compact;
    this.#snapshot = wireSnapshot(process.env).publish;
    this.#steps = new NightSteps(deployed.account, perform);
    const functions = {
      snapshot: () => this.#snapshot(),
      recall: (event: unknown) => recall(event, () => 900_000),
      reconcile: perform,
      judge: (event: unknown) => judge(event, () => 900_000),
      send: (event: object) => invoked('send-report', event, process.env),
    };
    this.#tasks = tasksOf(functions, (statement) => this.#steps.sent(statement));
  }

  static async start(prefix: string, dynamo: DynamoDbLocal, ses: SesLocal): Promise<PlayedDeployment> {
    return new PlayedDeployment(await JudgedAccount.start(prefix, dynamo), ses);
  }

  async snapshot(): Promise<void> {
    await this.#snapshot();
  }

  /** Files that come now: what the queue tells of is counted, and put together. */
  async deliver(texts: ReadonlyMap<string, string>): Promise<void> {
    const { account: beds } = this.#deployed;
    await beds.deliverTexts(texts);
    const bodies = [...texts.keys()].map(async (Key) => {
      const { ETag = '', ContentLength: size = 0 } = await beds.s3.send(new HeadObjectCommand({ Bucket: LOGS, Key }));
      const time = new Date().toISOString();
      return objectCreated({ bucket: LOGS, key: Key, etag: ETag.replaceAll('"', ''), size, time });
    });
    const outcomes = await this.#count(sqsEvent(...(await Promise.all(bodies))).Records, context);
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'fulfilled'));
    await this.#compact(() => 900_000);
  }

  /** Of which nobody was told. */
  async deliverBefore(texts: ReadonlyMap<string, string>): Promise<void> {
    await this.#deployed.account.deliverTexts(texts);
  }

  /** The night, or a backfill of these days, as the deployed state machine runs it, begun now. It must succeed, with one mail. */
  async run(span?: { readonly from: string; readonly to: string }): Promise<Ran> {
    const time = new Date().toISOString();
    const before = this.#ses.received.length;
    let report = '';
    const Judge = async (event: never): Promise<unknown> => {
      const judged = (await this.#tasks.Judge!(event)) as { report: string };
      ({ report } = judged);
      return judged;
    };
    const at = { StartTime: time, EnteredTime: time };
    const name = `run-${Date.now()}`;
    const definition = span ? definitions.backfill : definitions.night;
    const { error, output } = await execute(definition, span ?? {}, { ...this.#tasks, Judge }, name, at);
    expect(error).toBeUndefined();
    const mails = this.#ses.received.slice(before);
    expect(mails).toHaveLength(1);
    const { subject = '' } = await PostalMime.parse(mails[0]!.raw);
    const text = (await this.#deployed.object(report)).toString('utf8');
    return { report: JSON.parse(text) as UsageReport, subject, output };
  }

  /** Which alarms have told of trouble by now. */
  alarms(): string[] {
    const deployedAt = this.#since - startOfDay(dayOf(this.#since));
    const hours = (Date.now() / 1000 - this.#since) / HOUR;
    return Object.keys(rung({ deployedAt, published: this.#published }, hours, services));
  }

  usage() {
    return usage({ tables: this.#deployed.account.tables.rulesUsage.replace('-rules-usage', ''), dataBucket: DATA });
  }

  async newestSnapshot(): Promise<string | undefined> {
    const { dynamo, tables } = this.#deployed.account;
    return (await new SnapshotIndex(dynamo, tables.state).newest())?.stillTrueAt;
  }

  stop(): Promise<void> {
    return this.#deployed.stop();
  }
}
