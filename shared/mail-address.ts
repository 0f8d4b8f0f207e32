/** One address, in ASCII: no blank, comma, bracket or control character, so none can become two, or a header. */
export const MAIL_ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/;

/** What stands behind the `@` of addresses: `example.com`. Those below it are others. */
export const MAIL_DOMAIN = /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/;

/** Of an address, in small letters. */
export function mailDomain(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** How often an owner is mailed at most. */
export const OWNER_MAIL_EVERY = ['week', 'day'] as const;
export type OwnerMailEvery = (typeof OWNER_MAIL_EVERY)[number];
