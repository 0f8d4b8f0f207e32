import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';

/** What an event is to tell of. */
export interface Written {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  /** ISO 8601. */
  readonly time: string;
  readonly sequencer?: string;
}

/** Parsed anew by each call: it may be changed. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/s3-events', name), 'utf8')) as unknown;
}

interface S3Record {
  eventName: string;
  eventTime: string;
  s3: { bucket: { name: string }; object: { key: string; size?: number; eTag?: string; sequencer?: string } };
}

/** The body of an S3 notification: one record per object, keys encoded as S3 does it. */
export function notification(...objects: readonly Written[]): string {
  const records = objects.map(({ bucket, key, etag, size, time, sequencer }) => {
    const [record] = (fixture('s3-put.json') as { Records: S3Record[] }).Records;
    record!.eventTime = time;
    record!.s3.bucket.name = bucket;
    const encoded = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
    record!.s3.object = { ...record!.s3.object, key: encoded, size, eTag: etag };
    if (sequencer !== undefined) record!.s3.object.sequencer = sequencer;
    return record;
  });
  return JSON.stringify({ Records: records });
}

interface EventBridgeEvent {
  time: string;
  detail: { bucket: { name: string }; object: { key: string; size?: number; etag: string; sequencer: string } };
}

/** The body of an EventBridge event. */
export function objectCreated({ bucket, key, etag, size, time, sequencer }: Written): string {
  const event = fixture('eventbridge-object-created.json') as EventBridgeEvent;
  event.time = time;
  event.detail.bucket.name = bucket;
  event.detail.object = { ...event.detail.object, key, size, etag };
  if (sequencer !== undefined) event.detail.object.sequencer = sequencer;
  return JSON.stringify(event);
}

/** What Lambda hands to the function: messages `m0`, `m1`, … with these bodies. */
export function sqsEvent(...bodies: readonly string[]): SQSEvent {
  const [record] = (fixture('sqs-batch.json') as SQSEvent).Records;
  return { Records: bodies.map((body, i) => ({ ...record!, messageId: `m${i}`, body })) };
}
