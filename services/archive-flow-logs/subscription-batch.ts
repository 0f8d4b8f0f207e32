import * as z from 'zod';
import { JsonObjects } from '../../shared/flowlogs/json-objects.ts';
import { expandText } from '../../shared/flowlogs/read-text.ts';
import { FlowLogError } from '../../shared/flowlogs/record.ts';
import { LOG_GROUP } from '../../shared/names.ts';
import { quoted } from '../../shared/text/plain.ts';

/** What CloudWatch Logs calls a function with. */
const EVENT = z.object({ awslogs: z.object({ data: z.base64() }) });
const LAST_MILLISECOND = Date.UTC(9999, 11, 31, 23, 59, 59);
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html */
const BATCH = z.discriminatedUnion('messageType', [
  z.object({ messageType: z.literal('CONTROL_MESSAGE') }),
  z.object({
    messageType: z.literal('DATA_MESSAGE'),
    owner: z.string().regex(/^\d{12}$/, 'no account id'),
    logGroup: z.string().regex(new RegExp(`^${LOG_GROUP}$`), 'no name of a log group'),
    logEvents: z.array(z.object({ timestamp: z.int().min(0).max(LAST_MILLISECOND), message: z.string() })),
  }),
]);

/** Events of one log group, with the account it is of; none of a message that asks whether anybody is there. */
export interface SubscriptionBatch {
  readonly owner: string;
  readonly logGroup: string;
  readonly events: readonly { readonly timestamp: number; readonly message: string }[];
}

/**
 * What the event holds: gzip of one JSON object, in base64; undefined for a control message.
 *
 * @throws FlowLogError where it is anything else, or larger than anything that CloudWatch Logs sends
 */
export async function readSubscriptionBatch(event: unknown): Promise<SubscriptionBatch | undefined> {
  const { awslogs } = checked(EVENT, event, 'no event of a subscription');
  const values: unknown[] = [];
  const objects = new JsonObjects((value) => values.push(value));
  await expandText([Buffer.from(awslogs.data, 'base64')], (text) => objects.push(text));
  objects.end();
  if (values.length !== 1) throw new FlowLogError(`${String(values.length)} JSON objects in place of one`);
  const batch = checked(BATCH, values[0], 'no message of a subscription');
  if (batch.messageType === 'CONTROL_MESSAGE') return undefined;
  const { owner, logGroup, logEvents: events } = batch;
  return { owner, logGroup, events };
}

function checked<T>(shape: z.ZodType<T>, value: unknown, otherwise: string): T {
  const { success, data, error } = shape.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new FlowLogError(`${otherwise}: ${issue!.path.join('.')}: ${quoted(issue!.message, 200)}`);
}
