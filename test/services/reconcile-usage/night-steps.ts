import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueryExecutionCommand, StartQueryExecutionCommand, type QueryExecution } from '@aws-sdk/client-athena';
import type { wire } from '../../../services/reconcile-usage/wiring-adapter.ts';
import type { DeployedAccount } from './deployed-account.ts';

/** The steps of a night as the state machine has them done, one by one. */
export class NightSteps {
  readonly #account: DeployedAccount;
  readonly #perform: ReturnType<typeof wire>['perform'];

  constructor(account: DeployedAccount, perform: ReturnType<typeof wire>['perform']) {
    this.#account = account;
    this.#perform = perform;
  }

  /** Sends the statement, and waits for its end. */
  async sent(QueryString: string): Promise<QueryExecution> {
    const { athena, workGroup: WorkGroup } = this.#account;
    const started = await athena.send(new StartQueryExecutionCommand({ QueryString, WorkGroup }));
    const QueryExecutionId = started.QueryExecutionId!;
    for (;;) {
      const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      if (['SUCCEEDED', 'FAILED'].includes(QueryExecution!.Status!.State!)) return QueryExecution!;
      await sleep(50);
    }
  }

  /** @param day `2026-01-31` */
  async planned(day: string, execution: string, startedAt: string) {
    const input = { from: day, to: day };
    const { run: id } = (await this.#perform({ step: 'days', input, startedAt, execution })) as { run: string };
    const run = { day, run: id };
    const plan = (await this.#perform({ step: 'plan', ...run })) as {
      queries: { createTable: string; unload: string }[];
      parts: number[];
    };
    const queries: string[] = [];
    for (const { createTable, unload } of plan.queries) {
      await this.#query(createTable);
      queries.push(await this.#query(unload));
    }
    return { run, plan, queries };
  }

  /** All but the last, which is to be called. */
  async attributed(day: string, execution: string, startedAt: string) {
    const { run, plan, queries } = await this.planned(day, execution, startedAt);
    const parts: unknown[] = [];
    for (const part of plan.parts) parts.push(await this.#perform({ step: 'attribute', ...run, part, queries }));
    return { run, settle: () => this.#perform({ step: 'settle', ...run, nightly: true, parts }) };
  }

  async #query(QueryString: string): Promise<string> {
    const { QueryExecutionId, Status } = await this.sent(QueryString);
    if (Status!.State === 'FAILED') throw new Error(Status!.StateChangeReason);
    return QueryExecutionId!;
  }
}
