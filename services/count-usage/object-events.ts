import * as z from 'zod';
import { secondsFromIso } from '../../shared/time.ts';
import { quoted } from '../../shared/text/plain.ts';

/** One content that was written to S3, as the event tells of it. */
export interface CreatedObject {
  readonly bucket: string;
  /** As it is: not URL-encoded. */
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
  /** UNIX seconds, with a fraction: when S3 had written it. */
  readonly eventTime: number;
  /** Orders the events of one key, see {@link isLater}; `''` where absent. */
  readonly sequencer: string;
}

/** What one message tells of: a content that was written, or why there is nothing to be done. */
export type ObjectEvent = CreatedObject | 'testEvent' | 'otherEvent';

/** No ARN: a client would take that for an access point. */
const BUCKET = z.object({ name: z.string().regex(/^[\w.-]{3,255}$/) });
const KEY = z
  .string()
  .min(1)
  .max(3 * 1024);
const SIZE = z.int().nonnegative();
const TIME = z.iso.datetime().transform(secondsFromIso);
const SEQUENCER = z.string().catch('');

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
const NOTIFICATION = z.object({
  Records: z
    .array(
      z.looseObject({
        eventVersion: z.string().startsWith('2.'),
        eventSource: z.literal('aws:s3'),
        eventName: z.string(),
      }),
    )
    .min(1),
});
const CREATED_RECORD = z.object({
  eventTime: TIME,
  s3: z.object({
    bucket: BUCKET,
    object: z.object({ key: KEY, size: SIZE, eTag: z.string().min(1), sequencer: SEQUENCER }),
  }),
});

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const EVENTBRIDGE = z.looseObject({ source: z.literal('aws.s3'), 'detail-type': z.string() });
const CREATED_EVENT = z.object({
  time: TIME,
  detail: z.object({
    bucket: BUCKET,
    object: z.object({ key: KEY, size: SIZE, etag: z.string().min(1), sequencer: SEQUENCER }),
  }),
});

/** S3 sends it when a notification is configured. Same page as {@link NOTIFICATION}. */
const TEST_EVENT = z.object({ Service: z.literal('Amazon S3'), Event: z.literal('s3:TestEvent') });

/**
 * Reads the body of one message: an S3 notification with one record or many, an EventBridge event, or the test event.
 *
 * @throws Error that says what is wrong with this message; it says nothing of others
 */
export function readObjectEvents(body: string): ObjectEvent[] {
  const json = parsed(body);
  if (TEST_EVENT.safeParse(json).success) return ['testEvent'];
  if (has(json, 'Records')) return checked(NOTIFICATION, json, 'S3 notification').Records.map(ofRecord);
  if (has(json, 'detail-type')) return [ofEventBridge(checked(EVENTBRIDGE, json, 'EventBridge event'))];
  throw new Error(`neither an S3 notification nor an EventBridge event: ${quoted(body, 200)}`);
}

function ofRecord(record: z.output<typeof NOTIFICATION>['Records'][number]): ObjectEvent {
  if (!record.eventName.startsWith('ObjectCreated:')) return 'otherEvent';
  const { eventTime, s3 } = checked(CREATED_RECORD, record, 'S3 notification');
  const { key, size, eTag, sequencer } = s3.object;
  return { bucket: s3.bucket.name, key: decoded(key), etag: unquoted(eTag), size, eventTime, sequencer };
}

function ofEventBridge(event: z.output<typeof EVENTBRIDGE>): ObjectEvent {
  if (event['detail-type'] !== 'Object Created') return 'otherEvent';
  const { time, detail } = checked(CREATED_EVENT, event, 'EventBridge event');
  const { key, size, etag, sequencer } = detail.object;
  return { bucket: detail.bucket.name, key, etag: unquoted(etag), size, eventTime: time, sequencer };
}

/**
 * Of two events of one key: whether S3 wrote what `a` tells of after what `b` tells of. Sequencers are hexadecimal, the
 * shorter one taken as if it had zeros on the right. Same page as {@link NOTIFICATION}.
 */
export function isLater(a: CreatedObject, b: CreatedObject): boolean {
  if (a.sequencer === '' || b.sequencer === '') return a.eventTime > b.eventTime;
  const length = Math.max(a.sequencer.length, b.sequencer.length);
  const padded = ({ sequencer }: CreatedObject) => sequencer.toUpperCase().padEnd(length, '0');
  return padded(a) > padded(b);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error(`the message is not JSON: ${quoted(body, 200)}`);
  }
}

function has(json: unknown, key: string): boolean {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, key);
}

function checked<T>(shape: z.ZodType<T>, json: unknown, what: string): T {
  const { success, data, error } = shape.safeParse(json);
  if (success) return data;
  const [issue] = error.issues;
  throw new Error(`no ${what} as S3 sends it: ${issue!.path.join('.')}: ${issue!.message}`);
}

/** S3 URL-encodes the keys of its notifications, EventBridge does not. Decoded once only: a key may hold a literal `%41`. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw new Error(`the key ${quoted(key, 200)} is not URL-encoded`);
  }
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
