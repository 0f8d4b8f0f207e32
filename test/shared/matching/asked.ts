import { parseAddress } from '../../../shared/addresses/address.ts';
import { Admissions } from '../../../shared/matching/admission.ts';
import type { Admission } from '../../../shared/matching/answer.ts';
import { CompiledInventory, type GroupSet } from '../../../shared/matching/compiled-inventory.ts';
import { protocolNumber, type Direction } from '../../../shared/protocols.ts';
import { isoTime } from '../../../shared/time.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { toFiles } from '../../oracle/random-world.ts';
import { inventoryOf, type Row } from '../../oracle/row.ts';

/** An inventory of the shorthand of rows, and the groups of its interface eni-a. */
export class Asked {
  readonly compiled: CompiledInventory;
  readonly groupSet: GroupSet;
  readonly #admissions: Admissions;

  /** @param attached UNIX seconds by interface; of others nothing is known */
  constructor(
    row: Pick<Row, 'rules' | 'interfaces' | 'prefixLists' | 'vpcs'>,
    attached: Readonly<Record<string, number>> = {},
  ) {
    const plain = inventoryOf(row);
    const networkInterfaces = plain.networkInterfaces.map((one) => {
      const time = attached[one.NetworkInterfaceId];
      return { ...one, ...(time !== undefined && { Attachment: { AttachTime: isoTime(time) } }) };
    });
    this.compiled = new CompiledInventory(inventoryOfFiles(toFiles({ ...plain, networkInterfaces })));
    this.groupSet = this.compiled.interfaceOf('eni-a')!.groupSet!;
    this.#admissions = new Admissions(this.compiled);
  }

  /** `in tcp 10.9.9.9 22`: what the rules say of that peer and service port, at a time in UNIX seconds. */
  admission(flow: string, time = Infinity): Admission {
    const [way, protocol = '', peer = '', port = '0'] = flow.split(' ');
    const direction: Direction = way === 'in' ? 'ingress' : 'egress';
    const number = protocolNumber(protocol)!;
    return this.#admissions.find(this.groupSet, direction, number, parseAddress(peer)!, Number(port), time);
  }
}
