import type { VerdictKind } from '../../shared/verdicts/verdict.ts';
import { Account } from './account.ts';
import { at } from './clock.ts';
import type { Expectation, Step, StepName } from './expectation.ts';
import { protocolNumber, type Protocol } from './format.ts';
import { Inventory } from './inventory.ts';

/** An account with what is true of it, and what is to be run over it. */
export class World extends Account {
  readonly expectations: Expectation[] = [];
  /** Run after `analyze` and `plan`, or in the place of one of them. */
  readonly steps: Step[] = [];
  /** More inventories, each in a folder of its own, for steps that name it. */
  readonly asides = new Map<string, Inventory>();
  /** More files, by their path in the folder of the case. */
  readonly extraFiles = new Map<string, string | Uint8Array>();
  /** So many days of logs. */
  readonly length: number;

  constructor(fields: readonly string[], length: number) {
    super(fields, length);
    this.length = length;
  }

  /** A VPC with a flow log and a web server, `sgr-0web1`, that has so many visits an hour. */
  base(visits = 1): void {
    this.vpc();
    this.flowLog('fl-0a', 'vpc-0a');
    this.host('web', '10.0.0.10', ['in tcp 443 0.0.0.0/0']);
    if (visits > 0) this.conn('203.0.113.5', 'eni-0web', 443, { times: visits, when: this.hourly() });
  }

  /** Besides the web server: its administration, its way out, and its database, which has a rule that nobody uses. */
  shop(): void {
    this.rule('sgr-0web2', 'in tcp 8443 10.9.0.0/16', { group: 'sg-0web', description: 'administration' });
    this.rule('sgr-0web3', 'out -1 0.0.0.0/0', { group: 'sg-0web' });
    this.host('db', '10.0.2.20', ['in tcp 5432 sg-0web', 'in tcp 3306 sg-0web']);
    this.conn('eni-0web', 'eni-0db', 5432);
  }

  /** What alone uses `sgr-0web2`. */
  administer({ day = 4, times = 1 } = {}): void {
    this.conn('10.9.3.3', 'eni-0web', 8443, { when: [at(day)], times });
  }

  /** The inventory as it is by now. */
  aside(folder: string): void {
    this.asides.set(folder, new Inventory(this.fields, this));
  }

  run(name: StepName, words: Step['words'], figures?: Step['figures']): void {
    this.steps.push({ name, words, ...(figures && { figures }) });
  }

  needed(...rules: string[]): void {
    this.expectations.push({ kind: 'needed', rules });
  }

  notPlanned(...rules: string[]): void {
    this.expectations.push({ kind: 'notPlanned', rules });
  }

  useful(...rules: string[]): void {
    this.expectations.push({ kind: 'useful', rules });
  }

  removable(...rules: string[]): void {
    this.expectations.push({ kind: 'removable', rules });
  }

  oneRemovable(...rules: string[]): void {
    this.expectations.push({ kind: 'oneRemovable', rules });
  }

  simulateWarns(...rules: string[]): void {
    const words = ['simulate', '--remove', rules.join(','), '--json'];
    this.run('simulate', ({ out, newest }) => [...words, '--evidence', out, '--inventory', newest]);
    this.expectations.push({ kind: 'simulateWarns', rules });
  }

  verdict(rule: string, ...verdicts: VerdictKind[]): void {
    this.expectations.push({ kind: 'verdict', rule, verdicts });
  }

  usedTimes(rule: string, times: number): void {
    this.expectations.push({ kind: 'usedTimes', rule, times });
  }

  admits(rule: string, protocol: Protocol, port: number, peer: string): void {
    this.expectations.push({ kind: 'admits', rule, protocol: protocolNumber(protocol), port, peer });
  }

  mayRefuse(step: StepName, ...words: string[]): void {
    this.expectations.push({ kind: 'mayRefuse', step, words });
  }

  exits(step: StepName, status: number | 'notZero' | 'any'): void {
    this.expectations.push({ kind: 'exits', step, status });
  }

  says(step: StepName, ...patterns: RegExp[]): void {
    this.expectations.push({ kind: 'says', step, patterns });
  }

  sameAs(first: StepName, ...others: StepName[]): void {
    this.expectations.push({ kind: 'sameAs', first, others });
  }
}
