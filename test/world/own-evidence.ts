import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { filesUnder } from '../services/generate-account/generated.ts';

/** Logs of the format v5 in which every TCP record shows its SYN: a day says no more than each record by itself. */
export function withOwnEvidence(logs: string, into: string): string {
  for (const name of filesUnder(logs)) {
    const [header, ...lines] = gunzipSync(readFileSync(join(logs, name)))
      .toString('latin1')
      .split('\n');
    const names = header!.split(' ');
    const [flags, protocol, source] = ['tcp-flags', 'protocol', 'srcport'].map((one) => names.indexOf(one));
    const shown = lines.map((line) => {
      const fields = line.split(' ');
      const isTcp = fields[protocol!] === '6' && fields[flags!] !== '-';
      if (isTcp && (Number(fields[flags!]) & 2) === 0) fields[flags!] = Number(fields[source!]) > 32_768 ? '2' : '18';
      return fields.join(' ');
    });
    mkdirSync(dirname(join(into, name)), { recursive: true });
    writeFileSync(join(into, name), gzipSync(Buffer.from([header, ...shown].join('\n'), 'latin1')));
  }
  return into;
}
