import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  type CompletedPart,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { BED_CREDENTIALS, BED_REGION } from './bed-environment.ts';

export interface QueueOptions {
  /** 30 if not given, as SQS has it. */
  readonly visibilitySeconds?: number;
  /** Receives after which a message that was not deleted goes to the dead-letter queue, at the next receive. */
  readonly maxReceives?: number;
}

export interface Queue {
  readonly url: string;
  readonly arn: string;
  /** Made with every queue, named like it with `-dead` behind. */
  readonly deadLetters: { readonly url: string; readonly arn: string };
}

/** How many messages a queue holds: to be received, given out and not deleted, delayed. */
export interface QueueDepth {
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** S3 and SQS in this process, on the loopback interface. Child processes reach it as long as this process answers. */
export interface Fauxqs {
  readonly endpoint: string;
  /** A new client of this server, destroyed with it at the latest. */
  s3(config?: S3ClientConfig): S3Client;
  sqs(config?: SQSClientConfig): SQSClient;
  createBucket(bucket: string): Promise<void>;
  /** Of any size: in parts where one request would be too large. Returns the ETag, with its quotes. */
  putObject(bucket: string, key: string, body: Uint8Array | string): Promise<string>;
  createQueue(name: string, options?: QueueOptions): Promise<Queue>;
  /** Looks without receiving. */
  depth(queueUrl: string): Promise<QueueDepth>;
  stop(): Promise<void>;
}

/** fauxqs refuses request bodies above 11 MiB; S3 wants parts of 5 MiB at least. */
const PART_BYTES = 8 * 1024 * 1024;

const ACCOUNT = '000000000000';

export async function startFauxqs(): Promise<Fauxqs> {
  // `startFauxqs` of the package listens on all interfaces.
  const app = buildApp({ logger: false, defaultRegion: BED_REGION });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const clients: { destroy(): void }[] = [];
  const made = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  const here = { endpoint, region: BED_REGION, credentials: BED_CREDENTIALS };
  const newS3 = (config?: S3ClientConfig) => made(new S3Client({ ...here, ...config }));
  const newSqs = (config?: SQSClientConfig) => made(new SQSClient({ ...here, ...config }));
  const s3 = newS3();
  const sqs = newSqs();
  // fauxqs names `sqs.<region>.localhost`, which not every resolver knows; it reads no more than the path.
  const queue = (name: string) => ({
    url: `${endpoint}/${ACCOUNT}/${name}`,
    arn: `arn:aws:sqs:${BED_REGION}:${ACCOUNT}:${name}`,
  });
  return {
    endpoint,
    s3: newS3,
    sqs: newSqs,
    createBucket: async (bucket) => {
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    },
    putObject: (bucket, key, body) => putObject(s3, bucket, key, Buffer.from(body)),
    createQueue: async (name, { visibilitySeconds = 30, maxReceives = 5 } = {}) => {
      const deadLetters = queue(`${name}-dead`);
      await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
      await sqs.send(
        new CreateQueueCommand({
          QueueName: name,
          Attributes: {
            VisibilityTimeout: String(visibilitySeconds),
            RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: maxReceives }),
          },
        }),
      );
      return { ...queue(name), deadLetters };
    },
    depth: async (queueUrl) => {
      const response = await fetch(`${endpoint}/_fauxqs/queues/${queueUrl.slice(queueUrl.lastIndexOf('/') + 1)}`);
      if (!response.ok) throw new Error(`${queueUrl}: ${await response.text()}`);
      const { messages } = (await response.json()) as Record<'messages', Record<string, readonly unknown[]>>;
      return {
        ready: messages.ready!.length,
        inFlight: messages.inflight!.length,
        delayed: messages.delayed!.length,
      };
    },
    stop: async () => {
      for (const client of clients) client.destroy();
      await app.close();
    },
  };
}

async function putObject(s3: S3Client, Bucket: string, Key: string, body: Buffer): Promise<string> {
  if (body.length <= PART_BYTES) {
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: body }));
    return ETag!;
  }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const Parts: CompletedPart[] = [];
  for (let start = 0; start < body.length; start += PART_BYTES) {
    const PartNumber = Parts.length + 1;
    const Body = body.subarray(start, start + PART_BYTES);
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  const { ETag } = await s3.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
  );
  return ETag!;
}
