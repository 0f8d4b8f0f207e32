import type { DataBucket } from '../../shared/aws/data-bucket.ts';
import { readExemptions } from '../../shared/verdicts/exemption-list.ts';
import type { Exemption } from '../../shared/verdicts/exemption.ts';

/** 100,000 exemptions with a one-line reason each: more rules than an account holds. */
const LONGEST_LIST = { atMost: 16 * 2 ** 20 };

/**
 * The list that was deployed.
 *
 * @param key in the data bucket; undefined where there is no list
 * @throws Error that names the key where it cannot be read: rules that are to stay would be advised for removal
 */
export async function deployedExemptions(bucket: DataBucket, key: string | undefined): Promise<readonly Exemption[]> {
  return key === undefined ? [] : readExemptions(await bucket.text(key, LONGEST_LIST), key);
}
