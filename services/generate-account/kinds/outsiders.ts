import type { Random } from '../random/random.ts';
import { AddressPool } from '../world/address-pool.ts';
import type { Endpoint } from '../world/entities.ts';
import { CLOUDFRONT, INTERNET, INTERNET_IPV6, OFFICE, ON_PREMISES, S3 } from '../world/lay-out-network.ts';
import { endpoint } from '../world/world-builder.ts';

/** Draws addresses outside of the account. */
export class Outsiders {
  readonly #random: Random;
  readonly #pools = new Map<string, AddressPool>();

  constructor(random: Random) {
    this.#random = random;
  }

  internet(): Endpoint {
    return this.within(INTERNET, 14, 'internet');
  }

  internetIpv6(): Endpoint {
    return this.within(INTERNET_IPV6, 24, 'internet');
  }

  s3(): Endpoint {
    return this.within(S3, 12, 's3');
  }

  cloudfront(): Endpoint {
    return this.within(CLOUDFRONT, 12, 'cloudfront');
  }

  office(): Endpoint {
    return this.within(OFFICE[0], 5, 'internet');
  }

  onPremises(): Endpoint {
    return this.within(ON_PREMISES, 8, 'onPremises');
  }

  /** One of the 2^`bits` first addresses of a block. */
  within(cidr: string, bits: number, place: Endpoint['place']): Endpoint {
    let pool = this.#pools.get(cidr);
    if (!pool) this.#pools.set(cidr, (pool = new AddressPool(cidr)));
    return endpoint(pool.at(this.#random.below(2 ** bits)), place);
  }
}
