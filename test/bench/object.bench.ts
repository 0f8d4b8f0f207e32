/**
 * What the deployed function takes for one large object, from its message to its commit, beside gunzip of that object:
 * `npm run bench:object`.
 *
 *     npm run bench:object -- [MB of the object, default 75, the most that AWS delivers] [folder]
 *
 * The bundle runs in a process of its own that is pinned to one processor, against S3 and DynamoDB in others, on the loopback
 * interface. What it takes to receive the object alone is measured beside it and taken off: a network of AWS costs otherwise. Of
 * three rounds the median. Needs Java. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html
 */
import { execFile } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createGzip, gunzipSync } from 'node:zlib';
import { bundle } from '../../infra/bundle.ts';
import { generateAccount } from '../../services/generate-account/generate-account.ts';
import { GENERATE_DEFAULTS } from '../../services/generate-account/options/options.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { snapshotText } from '../../shared/inventory/snapshot-file.ts';
import { ENVIRONMENT, tableNames } from '../../shared/names.ts';
import { bedEnvironment, BED_REGION } from '../beds/bed-environment.ts';
import { startDynamoDbLocal } from '../beds/dynamodb-local.ts';
import { startFauxqs } from '../beds/fauxqs.ts';
import { notification, sqsEvent } from '../services/count-usage/events.ts';

const ROUNDS = 3;
const RECORDS_A_MEGABYTE = 60_000;
const [megabytes = '75', folder = join(tmpdir(), `stale-sg-object-${megabytes}`)] = process.argv.slice(2);
const OBJECT = join(folder, 'object.log.gz');

/** The files of the account in one. Returns how many lines they have. */
async function putTogether(): Promise<number> {
  const gzip = createGzip();
  const file = openSync(OBJECT, 'w');
  let [bytes, lines] = [0, 0];
  gzip.on('data', (chunk: Uint8Array) => (bytes += writeSync(file, chunk)));
  const logs = join(folder, 'logs');
  for (const name of readdirSync(logs, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.gz') || bytes > Number(megabytes) * 1e6) continue;
    const text = gunzipSync(readFileSync(join(logs, name))).toString('latin1');
    lines += text.split('\n').length - 2;
    const rest = lines === 0 || bytes > 0 || gzip.bytesWritten > 0 ? text.slice(text.indexOf('\n') + 1) : text;
    await new Promise((written) => gzip.write(rest, 'latin1', written));
  }
  await new Promise((ended) => gzip.on('end', ended).end());
  closeSync(file);
  return lines;
}

/** Each prints, as JSON, microseconds of a processor and the peak of memory in kilobytes. */
const took = `const { user, system } = process.cpuUsage(before);
  console.log('took ' + JSON.stringify([(user + system) / 1e6, process.resourceUsage().maxRSS / 1024]));`;
const SCRIPTS = {
  gunzip: `const { createReadStream } = await import('node:fs');
  const { createGunzip } = await import('node:zlib');
  const before = process.cpuUsage();
  for await (const _ of createReadStream(process.argv[1]).pipe(createGunzip({ chunkSize: 262144 })));
  ${took}`,
  receiving: `const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const [Bucket, Key] = process.argv.slice(1);
  const before = process.cpuUsage();
  for await (const _ of (await new S3Client().send(new GetObjectCommand({ Bucket, Key }))).Body);
  ${took}`,
  function: `const { handler } = await import(process.argv[1]);
  const context = { functionName: 'count-usage', awsRequestId: '1', getRemainingTimeInMillis: () => 900_000 };
  const before = process.cpuUsage();
  const { batchItemFailures } = await handler(JSON.parse(process.argv[2]), context);
  ${took}
  if (batchItemFailures.length > 0) throw new Error('it was given back');`,
};

async function taken(script: keyof typeof SCRIPTS, args: readonly string[], env: Record<string, string> = {}) {
  const command = ['-c', '1', process.execPath, '--input-type=module', '--eval', SCRIPTS[script], ...args];
  const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)('taskset', command, options);
  const [cpu, peak] = JSON.parse(/^took (.*)$/m.exec(stdout)![1]!) as [number, number];
  return { cpu, peak };
}

if (!existsSync(join(folder, 'truth', 'account.json'))) {
  const size = { records: Number(megabytes) * RECORDS_A_MEGABYTE, rules: 2000, interfaces: 500, minutes: 60 };
  await generateAccount({ ...GENERATE_DEFAULTS, ...size, out: folder });
}
const lines = await putTogether();
const listIn = (file: string): object[] => {
  const page = JSON.parse(readFileSync(join(folder, 'inventory', `${file}.json`), 'utf8')) as Record<string, unknown>;
  return Object.values(page).find(Array.isArray) as object[];
};
const [{ OwnerId: accountId }] = listIn('security-groups') as [{ OwnerId: string }];
const place = { accountId, region: BED_REGION };
const [dynamo, fauxqs] = await Promise.all([startDynamoDbLocal(), startFauxqs()]);
try {
  const { file } = bundle('count-usage', join(folder, 'bundle'));
  for (const bucket of ['logs', 'data']) await fauxqs.createBucket(bucket);
  const text = snapshotText(place, {
    groups: listIn('security-groups'),
    rules: listIn('security-group-rules'),
    interfaces: listIn('network-interfaces'),
    prefixLists: [],
    prefixListEntries: new Map(),
    flowLogs: listIn('flow-logs'),
    vpcs: listIn('vpcs'),
    groupVpcAssociations: [],
    staleGroups: [],
    problems: [],
  });
  const now = new Date();
  const [day, minute] = [now.toISOString().slice(0, 10), now.toISOString().slice(11, 16)];
  const [{ FlowLogId }] = listIn('flow-logs') as [{ FlowLogId: string }];
  const stamp = `${day}T${minute}Z`.replaceAll(/[-:]/g, '');
  const key =
    `AWSLogs/${accountId}/vpcflowlogs/${BED_REGION}/${day.replaceAll('-', '/')}/` +
    `${accountId}_vpcflowlogs_${BED_REGION}_${FlowLogId}_${stamp}_1.log.gz`;
  const bytes = readFileSync(OBJECT);
  const etag = (await fauxqs.putObject('logs', key, bytes)).replaceAll('"', '');
  const written = { bucket: 'logs', key, etag, size: bytes.length, time: now.toISOString(), sequencer: '01' };
  const environment = bedEnvironment({ dynamoDb: dynamo, fauxqs });
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const prefix = `object-${round}`;
    await dynamo.createTables(prefix);
    const tables = tableNames(prefix);
    const index = new SnapshotIndex(dynamo.client(), tables.state);
    await new SnapshotArchive(index, new DataBucket(fauxqs.s3(), 'data')).publish(text, now, 400);
    const env = {
      ...environment,
      [ENVIRONMENT.tablePrefix]: prefix,
      [ENVIRONMENT.dataBucket]: 'data',
      [ENVIRONMENT.accountId]: accountId,
      [ENVIRONMENT.queueUrl]: 'https://sqs.eu-central-1.amazonaws.com/111122223333/elsewhere',
      [ENVIRONMENT.retentionDays]: '400',
    };
    const gunzip = await taken('gunzip', [OBJECT]);
    const receiving = await taken('receiving', ['logs', key], environment);
    const counting = await taken('function', [file, JSON.stringify(sqsEvent(notification(written)))], env);
    rounds.push({ ratio: (counting.cpu - receiving.cpu) / gunzip.cpu, gunzip, receiving, counting });
  }
  const { ratio, gunzip, receiving, counting } = rounds.sort((a, b) => a.ratio - b.ratio)[ROUNDS >> 1]!;
  console.log(`one object of ${(bytes.length / 1e6).toFixed(1)} MB, ${lines.toLocaleString('en')} records`);
  console.log(`the function but for receiving ÷ gunzip: ${ratio.toFixed(2)} of CPU seconds`);
  console.log(`gunzip ${gunzip.cpu.toFixed(2)} s, receiving ${receiving.cpu.toFixed(2)} s`);
  console.log(`the function, all of it, ${counting.cpu.toFixed(2)} s, ${counting.peak.toFixed(0)} MB at its peak`);
} finally {
  await Promise.all([dynamo.stop(), fauxqs.stop()]);
}
