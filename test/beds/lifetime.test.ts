// Costs about 30 seconds.
import { describe, expect, jest, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { bedEnvironment } from './bed-environment.ts';
import { describeWithDynamoDb } from './describe-with-dynamodb.ts';
import { startFauxqs } from './fauxqs.ts';

jest.setTimeout(90_000);

const BEDS = new URL('./', import.meta.url).href;

/** A Node of its own that runs this module text. */
function node(text: string, environment: Record<string, string> = {}) {
  return spawn(process.execPath, ['--input-type=module', '--eval', text], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function lastLine(child: ReturnType<typeof node>): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
  return text.trimEnd().split('\n').at(-1)!;
}

/** Whether the process ended within 5 seconds. */
async function ended(pid: number): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await wait(50);
  }
  return false;
}

describeWithDynamoDb('child processes', (bed) => {
  test('reach the beds by their environment alone, and nothing else', async () => {
    const fauxqs = await startFauxqs();
    await fauxqs.createBucket('bucket');
    await fauxqs.putObject('bucket', 'key', 'content');
    const { url } = await fauxqs.createQueue('queue');
    await bed().createTables('child');
    const child = node(
      `import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
       import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
       import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
       import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
       const { TableNames } = await new DynamoDBClient({}).send(new ListTablesCommand({}));
       const { Body } = await new S3Client({}).send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }));
       await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: '${url}', MessageBody: 'm' }));
       const refused = await new EC2Client({ maxAttempts: 1 }).send(new DescribeRegionsCommand({})).catch((e) => e.code);
       console.log(JSON.stringify([TableNames.filter((name) => name.startsWith('child-')).length, await Body.transformToString(), refused]));`,
      bedEnvironment({ dynamoDb: bed(), fauxqs }),
    );
    expect(JSON.parse(await lastLine(child))).toEqual([3, 'content', 'ECONNREFUSED']);
    expect(await fauxqs.depth(url)).toEqual({ ready: 1, inFlight: 0, delayed: 0 });
    await fauxqs.stop();
  });

  test('have a DynamoDB Local of their own, which dies with them when they are killed', async () => {
    const child = node(
      `import { startDynamoDbLocal } from '${BEDS}dynamodb-local.ts';
       const server = await startDynamoDbLocal();
       await server.createTables('own');
       process.stdout.write(String(server.pid));
       setInterval(() => {}, 1000);`,
    );
    let pid: number;
    try {
      const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
      pid = Number(line);
      const { TableNames } = await bed().client().send(new ListTablesCommand({}));
      expect(TableNames).not.toContain('own-state');
      expect(process.kill(pid, 0)).toBe(true);
    } finally {
      child.kill('SIGKILL');
    }
    expect(await ended(pid)).toBe(true);
  });

  test('are not held up by a DynamoDB Local that was stopped', async () => {
    const child = node(
      `import { startDynamoDbLocal } from '${BEDS}dynamodb-local.ts';
       const server = await startDynamoDbLocal();
       await server.createTables('p');
       await server.stop();
       console.log(server.pid);`,
    );
    expect(await ended(Number(await lastLine(child)))).toBe(true);
  });

  test('share one in all their test files, each of which finds it empty, and it ends with them', async () => {
    const child = node(
      `import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
       import { dynamoDbLocalOfWorker } from '${BEDS}dynamodb-local.ts';
       const seen = [];
       for (let file = 0; file < 2; file++) {
         const server = await dynamoDbLocalOfWorker();
         seen.push(server.pid, (await server.client().send(new ListTablesCommand({}))).TableNames.length);
         // More than one answer lists.
         if (file === 0) for (let i = 0; i < 34; i++) await server.createTables('p' + i);
         await server.stop();
       }
       console.log(JSON.stringify(seen));`,
    );
    const [pid, ...seen] = JSON.parse(await lastLine(child)) as [number, ...number[]];
    expect(seen).toEqual([0, pid, 0]);
    expect(await ended(pid)).toBe(true);
  });
});

describe('without Java', () => {
  const without = (environment: Record<string, string>) => {
    const { stdout } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { javaMissing, startDynamoDbLocal } from '${BEDS}dynamodb-local.ts';
         console.log(JSON.stringify([javaMissing ?? null, await startDynamoDbLocal().catch((error) => error.message)]));`,
      ],
      { env: { PATH: '/nowhere', ...environment }, encoding: 'utf8' },
    );
    return JSON.parse(stdout) as [string | null, string];
  };
  const REASON = /^DynamoDB Local needs Java/;

  test('tests are told the reason to skip', () => {
    expect(without({})).toEqual([expect.stringMatching(REASON), expect.stringMatching(REASON)]);
  });

  test.each(['CI', 'STALE_SG_REQUIRE_JAVA'])('tests are not told to skip where %s is set: the start fails', (name) => {
    expect(without({ [name]: 'true' })).toEqual([null, expect.stringMatching(REASON)]);
  });
});
