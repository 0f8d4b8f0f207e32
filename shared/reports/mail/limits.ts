/**
 * Of the SES v2 API, after base64 encoding; messages above 10 MB are sent with less bandwidth.
 * https://docs.aws.amazon.com/ses/latest/dg/quotas.html
 */
export const SES_MESSAGE_BYTES = 40_000_000;

/** To, Cc and Bcc together. https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
export const SES_RECIPIENTS = 50;

/** What mail servers of recipients usually accept: many stop at 10 MB, some at 8. */
export const DEFAULT_MESSAGE_BYTES = 7_000_000;

/** More than both bodies and the headers ever take: what they show is bounded. */
export const BODY_BYTES = 256_000;

/** A mail without room for its bodies cannot be sent. */
const LEAST_MESSAGE_BYTES = 2 * BODY_BYTES;

/**
 * Bytes that a mail may have, encoded.
 *
 * @throws Error for more than SES takes, or less than the figures alone need
 */
export function mailBudget(bytes = DEFAULT_MESSAGE_BYTES): number {
  if (bytes >= LEAST_MESSAGE_BYTES && bytes <= SES_MESSAGE_BYTES) return bytes;
  throw new Error(`a mail of at most ${bytes} bytes: give ${LEAST_MESSAGE_BYTES} to ${SES_MESSAGE_BYTES}`);
}
