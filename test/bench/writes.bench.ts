/**
 * What streaming costs, by the calls that it makes: `npm run bench:writes` for a whole day of a small account, usual, with a
 * scan and with rules that are edited (or those of the three that are named, for the first hours: `npm run bench:writes -- usual
 * scan 2`; a whole day of the scan takes more than an hour, since each batch has 100,000 rows more); `npm run bench:day` for a hundredth of a day of a billion records. The objects of each
 * window are dealt to as many batches as a standard queue has pollers; then what was committed is put together. DynamoDB Local
 * does not tell the capacity of transactions: these are two units for each started KB of an item; all else is what it tells.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttributeValue, DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { PRICES } from '../../infra/costs.ts';
import { objectOf, lookAt, type SeenFile } from '../../services/command-line/commands/watch/watch-folder.ts';
import { readInventory } from '../../services/command-line/files/read-inventory.ts';
import { Compactor } from '../../services/compact-usage/compactor-adapter.ts';
import { DynamoStore } from '../../services/count-usage/dynamo/dynamo-adapter.ts';
import { foldObject, type Inventories } from '../../services/count-usage/fold-object.ts';
import type { ObjectNote } from '../../services/count-usage/ports/usage-store.ts';
import { generateAccount } from '../../services/generate-account/generate-account.ts';
import { GENERATE_DEFAULTS } from '../../services/generate-account/options/options.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { tableNames } from '../../shared/names.ts';
import { mergeAdditions, type Addition } from '../../shared/usage/addition.ts';
import { STREAM } from '../../shared/usage/source.ts';
import { ruleDay } from '../../shared/usage/usage.ts';
import { startDynamoDbLocal } from '../beds/dynamodb-local.ts';
import { startFauxqs } from '../beds/fauxqs.ts';

/** How a standard queue is polled at first. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const POLLERS = 5;
const SLOT_SECONDS = 300;
const WORKER_GIB = 1769 / 1024;

/** `part` of a day of an account; what comes of it times as many is the day. */
const RUNS = {
  writes: { account: { interfaces: 200, rules: 1000, records: 1_000_000, minutes: 1440 }, parts: 1, windows: [300] },
  day: {
    account: { interfaces: 600, rules: 3000, records: 10_416_667, minutes: 15, filesPerInterval: 4 },
    parts: 96,
    windows: [60, 300],
  },
} as const;

/** Changes what an object adds, before it is committed. */
type Scenario = (addition: Addition, minute: number) => Addition;
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  usual: (addition) => addition,
  /** A scanner that the rules admit: in each batch a hundred rules, and a thousand ports of each. */
  scan: (addition) => {
    for (const [day, { sources }] of addition.days) {
      const usage = sources.of(STREAM);
      for (const ruleId of [...usage.rules.keys()].slice(0, 100)) {
        const use = ruleDay(usage, ruleId, day);
        for (let port = 1; port <= 1000; port++) {
          const bucket = { from: port, to: port };
          use.ports.set(`6 ${String(port)}-${String(port)}`, { protocol: 6, bucket, usedTimes: 1, replyTimes: 0 });
        }
      }
    }
    return addition;
  },
  /** Every hour another twentieth of the rules is edited, and is counted under another content from then on. */
  churn: ({ days, rules }, minute) => {
    const hour = Math.floor(minute / 60);
    const idOf = (id: string): string => {
      const edits = Math.floor((hour + (Number.parseInt(id.slice(-4), 16) % 20)) / 20);
      return edits === 0 ? id : `${id}@${edits.toString(16).padStart(16, '0')}`;
    };
    for (const { sources } of days.values()) {
      for (const usage of sources.usages()) {
        const used = [...usage.rules];
        usage.rules.clear();
        for (const [id, use] of used) usage.rules.set(idOf(id), use);
      }
    }
    return { days, rules: new Map([...rules].map(([id, facts]) => [idOf(id), facts])) };
  },
};

/** Of one kind of item or request: how often, and the units that DynamoDB bills. */
class Bill {
  readonly units = new Map<string, number>();
  readonly calls = new Map<string, number>();

  add(kind: string, units: number): void {
    this.calls.set(kind, (this.calls.get(kind) ?? 0) + 1);
    this.units.set(kind, (this.units.get(kind) ?? 0) + units);
  }

  watch(client: DynamoDBClient, s3: S3Client): void {
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          const input = Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
          const answer = await next(args);
          this.#note(commandName, input, answer.output);
          return answer;
        },
      { step: 'initialize', name: 'bill' },
    );
    s3.middlewareStack.add(
      (next, { commandName = '' }) =>
        (args) => {
          this.add(`S3 ${commandName.slice(0, 3).toUpperCase()}`, 0);
          return next(args);
        },
      { step: 'initialize', name: 'bill' },
    );
  }

  #note(command: string, asked: object, output: object): void {
    const input = asked as Input;
    const { ConsumedCapacity } = output as { ConsumedCapacity?: { CapacityUnits?: number } };
    const units = ConsumedCapacity?.CapacityUnits ?? 0;
    if (command.startsWith('TransactWrite')) {
      for (const item of input.TransactItems ?? []) this.add(kindIn(item), 2 * kilobytesIn(item));
    } else if (command === 'PutItemCommand') this.add('items of rules', units);
    else if (command === 'UpdateItemCommand') this.add(input.Key?.rule_id ? 'last uses' : 'numbers', units);
    else this.add('reads', units);
  }
}

interface Input {
  readonly TransactItems?: readonly TransactWriteItem[] | undefined;
  readonly Key?: Readonly<Record<string, AttributeValue>> | undefined;
}

function kindIn({ Put, Update }: TransactWriteItem): string {
  const id = (Put?.Item ?? Update?.Key)?.id?.S ?? '';
  return id.startsWith('object#')
    ? 'notes of objects'
    : id === 'sums'
      ? 'sums of days'
      : id === 'batch'
        ? 'batches'
        : 'numbers';
}

function kilobytesIn({ Put }: TransactWriteItem): number {
  const text = JSON.stringify(Put?.Item ?? {}).replaceAll(/[{}":,]|"[SNM]+"/g, '');
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / 1024));
}

const WRITES = ['numbers', 'batches', 'notes of objects', 'sums of days', 'items of rules', 'last uses'];

const asked = process.argv.slice(2);
const run = asked[0] === 'day' ? RUNS.day : RUNS.writes;
const whole = run.parts === 1;
const hours = Number(asked.find((word) => /^\d+$/.test(word)) ?? 24);
const [dynamo, fauxqs] = await Promise.all([startDynamoDbLocal(), startFauxqs()]);
const out = mkdtempSync(join(tmpdir(), 'stale-sg-bench-'));
try {
  await generateAccount({ ...GENERATE_DEFAULTS, ...run.account, out: join(out, 'account') });
  const compiled = new CompiledInventory(await readInventory(join(out, 'account/inventory')));
  const inventories: Inventories = {
    mostDays: Infinity,
    of: () => compiled,
    load: () => Promise.resolve(),
    takenFor: () => [],
    lookUpMissing: () => Promise.resolve(false),
  };
  const { files } = await lookAt(join(out, 'account/logs'));
  const rows: string[] = [];
  const names = whole
    ? Object.keys(SCENARIOS).filter((name) => !asked.some((word) => word in SCENARIOS) || asked.includes(name))
    : ['usual'];
  const scenarios = names.map((name) => [name, SCENARIOS[name]!] as const);
  for (const [name, change] of scenarios) {
    for (const seconds of run.windows)
      rows.push(
        await measured(
          `${name}, every ${String(seconds)} s${hours < 24 ? `, ${String(hours)} h` : ''}`,
          seconds,
          change,
          files,
          inventories,
        ),
      );
  }
  console.log(
    `${files.length} objects, ${compiled.inventory.rules.length} rules, ${run.account.interfaces} interfaces\n`,
  );
  console.log(
    `| a batch of | batches | rules shown | ${WRITES.join(' | ')} | units a million records | USD a billion |`,
  );
  console.log(`| --- ${'| ---: '.repeat(WRITES.length + 4)}|\n${rows.join('\n')}`);
} finally {
  rmSync(out, { recursive: true, force: true });
  await Promise.all([dynamo.stop(), fauxqs.stop()]);
}

/**
 * Batches of each window of so many seconds: AWS delivers the objects of a slot over its minutes. Of a part of a day only the
 * slots are taken that are full: those at its edges, delivered early or late, are not what a day is made of.
 */
function windowsOf(files: readonly SeenFile[], seconds: number): SeenFile[][][] {
  const bySlot = Map.groupBy(files, ({ name }) => /\d{8}T\d{4}Z/.exec(name)?.[0] ?? '');
  const bytesOf = (slot: readonly SeenFile[]): number => slot.reduce((sum, { size }) => sum + size, 0);
  const most = Math.max(...[...bySlot.values()].map(bytesOf));
  return [...bySlot]
    .filter(([, slot]) => whole || bytesOf(slot) > most / 2)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, slot]) => {
      const windows = dealt(slot, SLOT_SECONDS / seconds);
      return windows.map((window) => dealt(window, POLLERS));
    });
}

function dealt<T>(all: readonly T[], into: number): T[][] {
  return Array.from({ length: into }, (_, i) => all.filter((__, at) => at % into === i)).filter(
    ({ length }) => length > 0,
  );
}

async function measured(
  name: string,
  seconds: number,
  change: Scenario,
  files: readonly SeenFile[],
  inventories: Inventories,
): Promise<string> {
  const prefix = `bench-${String(performance.now()).replace('.', '-')}`;
  await Promise.all([dynamo.createTables(prefix), fauxqs.createBucket(prefix)]);
  const bill = new Bill();
  const [client, s3] = [dynamo.client(), fauxqs.s3()];
  bill.watch(client, s3);
  const options = { client, tables: tableNames(prefix), bucket: new DataBucket(s3, prefix), retentionDays: 400 };
  const [store, compactor] = [new DynamoStore(options), new Compactor(options)];
  let [records, batches, shown, workerSeconds, minute] = [0, 0, 0, 0, 0];
  for (const window of windowsOf(files, seconds).slice(0, (hours * 3600) / seconds)) {
    const before = process.cpuUsage();
    for (const batch of window) {
      const folded = [];
      for (const file of batch) folded.push(await foldObject(await objectOf(file), inventories));
      const notes: ObjectNote[] = folded.map(({ note }) => note);
      await store.addOnce(notes, change(mergeAdditions(folded.map(({ addition }) => addition)), minute));
      records += folded.reduce((sum, one) => sum + one.records, 0);
      batches++;
    }
    shown += (await compactor.compact()).rules;
    const { user, system } = process.cpuUsage(before);
    workerSeconds += (user + system) / 1e6;
    minute += seconds / 60;
  }
  const writes = WRITES.map((kind) => bill.units.get(kind) ?? 0);
  const units = writes.reduce((sum, one) => sum + one, 0);
  // Of a part of a day, what comes once a day comes once too often.
  const oncePerDay = whole ? 0 : (bill.units.get('last uses') ?? 0);
  const usd =
    ((units - oncePerDay) * PRICES.dynamoMillionWrites + (bill.units.get('reads') ?? 0) * PRICES.dynamoMillionReads) /
      1e6 +
    ((bill.calls.get('S3 PUT') ?? 0) * PRICES.s3ThousandPuts +
      (bill.calls.get('S3 GET') ?? 0) * PRICES.s3ThousandGets) /
      1e3;
  const lambda = workerSeconds * WORKER_GIB * PRICES.lambdaGibibyteSecondArm;
  const perBillion = (value: number): string => ((value / records) * 1e9).toFixed(2);
  console.log(
    `${name}: ${records.toLocaleString('en')} records, ${JSON.stringify(Object.fromEntries(bill.calls))}, ` +
      `${workerSeconds.toFixed(0)} s of CPU; a billion: ${perBillion(usd)} USD of requests, ${perBillion(lambda)} of Lambda`,
  );
  const perBatch = writes.map((value) => (value / batches).toFixed(1));
  const perMillion = Math.round((units / records) * 1e6).toLocaleString('en');
  return `| ${[name, batches, Math.round(shown / batches), ...perBatch, perMillion, perBillion(usd + lambda)].join(' | ')} |`;
}
