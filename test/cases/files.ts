import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { objectPath } from './case-files.ts';
import type { Case } from './case.ts';
import { at, range } from './clock.ts';
import { logText, V2, V5 } from './format.ts';
import { KNOWN_SINCE } from './run-steps.ts';
import { oneMoreObject, reconcile, TRANSIT_GATEWAY_FIELDS, transitGatewayRow, watch } from './worlds.ts';

const S3_PATH = 'VPC User Guide, Flow log files (names and folders)';

/**
 * Log files as people really have them. Every world is the shop: `sgr-0web2` (8443) is used only in the file that is the
 * point of the case, `sgr-0db2` not at all.
 */
export const FILES: readonly Case[] = [
  {
    id: 'F04',
    kind: 'unreadable-lines',
    title: 'Files joined under the first header',
    situation: `
      Files were joined into one, and of the headers only the first was kept. The last three lines of a
      hundred have more fields than it names; in them alone a rule is used. What cannot be read is a gap, not
      silence.`,
    sources: ['turbot/tailpipe-plugin-aws#137', 'panther-labs/panther#113 (records with other field counts)'],
    fields: 'v2',
    days: 10,
    build(w) {
      w.shop();
      const rows = w.take();
      const more = w.rowsOf(() => w.administer({ times: Math.floor(rows.length / 60) }));
      w.extraFiles.set('logs/all.log', logText(rows, V2) + logText(more, V5, { header: false }));
      w.mayRefuse('analyze', 'all.log');
      w.needed('sgr-0web2');
    },
  },
  {
    id: 'F05',
    kind: 'unreadable-lines',
    title: 'SKIPDATA with times in milliseconds',
    situation: `
      Four in a hundred lines of the web server say that records were skipped, and have their times in
      milliseconds. Skipped is skipped whatever the times: the rule that was used in what was left out must
      not look unused.`,
    sources: [
      'obsrvbl-oss/flowlogs-reader, test records with times in milliseconds',
      'VPC User Guide, Flow log records: one SKIPDATA record can represent multiple flows',
    ],
    build(w) {
      w.shop();
      for (const d of range(0, 30)) {
        const rows = w.rowsOf(() => w.status('eni-0web', 'SKIPDATA', [at(d, 4), at(d, 16)]));
        const inMilliseconds = rows.map((row) => ({ ...row, start: row.start * 1000, end: row.end * 1000 }));
        w.extraFiles.set(oneMoreObject(d), gzipSync(logText(inMilliseconds, V5)));
      }
      w.needed('sgr-0web2');
    },
  },
  {
    id: 'F12',
    kind: 'unreadable-lines',
    title: 'A file that was cut to nothing',
    situation: `
      A copy was interrupted and left a compressed file of no bytes; beside it lies a proper one without
      lines. The first is damaged, for a compressed file is never empty, and must be named.`,
    sources: [],
    build(w) {
      w.shop();
      w.extraFiles.set('logs/a-empty.log.gz', gzipSync(''));
      w.extraFiles.set('logs/b-cut.log.gz', '');
      w.exits('analyze', 'any');
      w.says('analyze', /b-cut\.log\.gz/i);
    },
  },
  {
    id: 'F11',
    kind: 'left-out-in-silence',
    title: 'Log files of other names',
    situation: `
      Beside good files lie log files of other names: packed by another hand, half copied, exported, rotated.
      They are not read, and hold the only use of a rule. That some files of the folder were not read has to
      be said.`,
    sources: [
      'CloudWatch Logs guide, Export log data to Amazon S3 (000000.gz)',
      'Athena guide, UNLOAD and CTAS (names without extension)',
    ],
    build(w) {
      w.shop();
      const good = logText(
        w.rowsOf(() => w.administer()),
        V5,
      );
      for (const name of ['a.LOG.GZ', 'b.log.gz.part', 'd.gz']) {
        w.extraFiles.set(`logs/x/${name}`, gzipSync(good));
      }
      for (const name of ['c.txt', 'e.log.1', 'f.csv', '20260105_120000_00012_abcde_0f8a7c1e']) {
        w.extraFiles.set(`logs/x/${name}`, good);
      }
      w.says('analyze', /(not read|left out|passed over|skipped|ignored)/i);
      w.says('analyze', /a\.LOG\.GZ|20260105_120000|b\.log\.gz\.part|c\.txt|d\.gz|e\.log\.1|f\.csv/i);
    },
  },
  {
    id: 'F13',
    kind: 'foreign-file',
    title: 'A transit gateway log in the same folder',
    situation: `
      AWS delivers the flow logs of transit gateways below the same folder as those of VPCs, under the same
      names. One such file must not keep anybody from using the rest: it is left out, and counted.`,
    sources: [
      'Transit Gateway guide, Flow Logs records in Amazon S3 (same folder and names as those of VPCs)',
      'obsrvbl-oss/flowlogs-reader#58',
      'aws-samples/siem-on-amazon-opensearch-service#295',
    ],
    build(w) {
      w.shop();
      w.administer();
      w.extraFiles.set(
        oneMoreObject(4, 'fl-0b'),
        gzipSync(logText([transitGatewayRow(at(4))], TRANSIT_GATEWAY_FIELDS)),
      );
      reconcile(w, '2026-01-05');
      watch(w);
      w.says('analyze', /transit gateway|tgw|not a VPC flow log|left out|skipped|not read/i);
      w.verdict('sgr-0web2', 'active');
      w.useful('sgr-0db2');
    },
  },
  {
    id: 'F15',
    kind: 'foreign-file',
    title: 'The output lies in the folder of the logs',
    situation: `
      Somebody has inventory, logs and output below one folder and names that folder as the logs. The second
      run must not stumble over what the first one wrote.`,
    sources: [],
    build(w) {
      w.shop();
      w.administer();
      for (const name of ['analyze', 'analyze-again'] as const) {
        w.run(
          name,
          ({ inventory, root, out, asOf }) => [
            ...['analyze', '--inventory', inventory, '--logs', root, '--out', out, '--as-of', asOf],
            ...['--rules-known-since', KNOWN_SINCE],
          ],
          ({ out }) => join(out, 'usage.json'),
        );
      }
      w.sameAs('analyze', 'analyze-again');
      w.verdict('sgr-0web2', 'active');
    },
  },
  {
    id: 'F17',
    kind: 'foreign-file',
    title: 'A log with a byte order mark',
    situation: `
      A text log was opened and saved by an editor that puts a byte order mark at its beginning. It is a flow
      log all the same.`,
    sources: [],
    build(w) {
      w.shop();
      w.extraFiles.set(
        'logs/saved.log',
        `\uFEFF${logText(
          w.rowsOf(() => w.administer()),
          V5,
        )}`,
      );
      w.verdict('sgr-0web2', 'active');
    },
  },
  {
    id: 'F18',
    kind: 'foreign-file',
    title: 'What an archive of another system leaves behind',
    situation: `
      Unpacking an archive that was made on a Mac leaves a small file ._NAME beside every file, and .DS_Store.
      They are no logs and no reason to fail.`,
    sources: [],
    build(w) {
      w.shop();
      w.administer();
      const path = oneMoreObject(4);
      const appleDouble = Buffer.concat([Buffer.of(0, 5, 0x16, 7, 0, 2, 0, 0), Buffer.from('Mac OS X'.padEnd(16))]);
      w.extraFiles.set(join(dirname(path), `._${basename(path)}`), appleDouble);
      w.extraFiles.set('logs/.DS_Store', 'x');
      w.verdict('sgr-0web2', 'active');
    },
  },
  {
    id: 'F14',
    kind: 'one-bad-record',
    title: 'One record of the year 2100',
    situation: `
      Thirty days of good records, and one whose end lies in the year 2100. The report is to speak of the
      thirty days, or at least to say what moved it.`,
    sources: [],
    build(w) {
      w.shop();
      const newYear2100 = Date.UTC(2100, 0) / 1000;
      const rows = w.rowsOf(() => w.conn('203.0.113.7', 'eni-0web', 443, { when: [newYear2100], reply: false }));
      w.extraFiles.set(oneMoreObject(4), gzipSync(logText(rows, V5)));
      w.run(
        'analyze',
        ({ inventory, logs, out }) => [
          ...['analyze', '--inventory', inventory, '--logs', logs, '--out', out],
          ...['--rules-known-since', KNOWN_SINCE],
        ],
        ({ out }) => join(out, 'usage.json'),
      );
      w.says('analyze', /^Note\s.*(2100|future)|as of 2026-0[12]-/im);
    },
  },
  {
    id: 'F19',
    kind: 'same-object-twice',
    title: 'Every file, packed and unpacked',
    situation: `
      Every compressed log lies unpacked beside itself. AWS never gives two objects one name, so these are one
      object twice, and each record counts once.`,
    sources: [S3_PATH],
    build(w) {
      w.shop();
      w.administer();
      const rows = w.take();
      for (const d of range(0, 30)) {
        const text = logText(
          rows.filter(({ end }) => end >= at(d, 0) && end < at(d + 1, 0)),
          V5,
        );
        const path = `logs/${objectPath('fl-0a', at(d, 0))}`;
        w.extraFiles.set(path, gzipSync(text));
        w.extraFiles.set(path.replace(/\.gz$/, ''), text);
      }
      w.usedTimes('sgr-0web2', 1);
      w.usedTimes('sgr-0web1', 720);
    },
  },
  {
    id: 'F23',
    kind: 'unreadable-lines',
    title: 'SKIPDATA without times, in a format that ends with them',
    situation: `
      A custom format has the status first and the times last. Of the web server some records were skipped every day,
      in lines that hold nothing but the status and ids. What was left out may have used a rule.`,
    sources: ['VPC User Guide, Flow log records: one SKIPDATA record can represent multiple flows'],
    build(w) {
      w.shop();
      const first = ['log-status', 'interface-id', 'vpc-id'];
      const last = ['start', 'end'];
      const fields = [...first, ...V5.filter((field) => ![...first, ...last].includes(field)), ...last];
      const rows = w.take();
      const skipped = `SKIPDATA eni-0web vpc-0a${' -'.repeat(fields.length - 3)}\n`;
      for (const day of range(0, 30)) {
        const ofDay = rows.filter(({ end }) => end >= at(day, 0) && end < at(day + 1, 0));
        const path = join('logs', objectPath('fl-0a', at(day, 0)));
        w.extraFiles.set(path, gzipSync(logText(ofDay, fields) + skipped));
      }
      w.needed('sgr-0web2');
      w.useful('sgr-0db2');
    },
  },
  {
    id: 'F24',
    kind: 'hours-not-heard',
    title: 'Two flow logs over one VPC, half a day of each',
    situation: `
      Of two flow logs that record the same VPC, a copy has the mornings of one and the afternoons of the other.
      Neither was heard for a whole day, and a rule is used in the afternoon alone.`,
    sources: [S3_PATH],
    build(w) {
      const isMorning = (time: number): boolean => time % 86_400 < 43_200;
      w.shop();
      w.administer({ day: 4 });
      w.flowLog('fl-0a', 'vpc-0a', { per: 'hour', delivered: isMorning });
      w.flowLog('fl-0b', 'vpc-0a', { per: 'hour', delivered: (time) => !isMorning(time) });
      w.needed('sgr-0web1', 'sgr-0web2', 'sgr-0web3', 'sgr-0db1');
    },
  },
];
