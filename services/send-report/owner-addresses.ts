import * as z from 'zod';
import { MAIL_ADDRESS, mailDomain } from '../../shared/mail-address.ts';
import { SES_RECIPIENTS } from '../../shared/reports/mail/limits.ts';

/** `{"team-a": ["a@example.com"]}` */
const LIST = z.record(
  z.string().min(1).max(256),
  z.array(z.string().regex(MAIL_ADDRESS, 'no mail address')).min(1).max(SES_RECIPIENTS),
);

/** Addresses by the name that tags have for an owner. */
export type OwnerAddresses = ReadonlyMap<string, readonly string[]>;

/** @throws Error that names the file and what is wrong in it */
export function readOwnerAddresses(text: string, name: string): OwnerAddresses {
  let list: z.output<typeof LIST>;
  try {
    list = LIST.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).slice(0, 200) : 'no JSON';
    throw new Error(`${name}: no list of addresses such as {"team-a": ["a@example.com"]}: ${why}`, { cause: error });
  }
  return new Map(Object.entries(list));
}

/**
 * Where an owner is mailed; undefined where nobody says. A name that is an address itself counts as one: but tags are other people's
 * text, and so nobody is mailed outside of the given domains.
 *
 * @throws Error for an address of the list that is of another domain
 */
export function addressesOf(
  owner: string,
  list: OwnerAddresses,
  domains: readonly string[],
): readonly string[] | undefined {
  const isOurs = (address: string): boolean => domains.includes(mailDomain(address));
  const listed = list.get(owner);
  const stranger = listed?.find((address) => !isOurs(address));
  if (stranger !== undefined) throw new Error(`${stranger} is of no domain that owners may be mailed at`);
  return listed ?? (MAIL_ADDRESS.test(owner) && isOurs(owner) ? [owner] : undefined);
}
