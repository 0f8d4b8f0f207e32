import type { Faults } from './faults.ts';

/** What a file is, and what its lines say. */
export const READING: Faults = {
  'shared/flowlogs/read-log.ts': [
    ['error instanceof OtherLogError && records + malformed > 0', 'false'],
    ['if (records === 0 && malformed > 0) {', 'if (false) {'],
    ["isGzip: file.name.endsWith('.gz')", 'isGzip: false'],
    ['readParquet(buffer, sink, day)', 'readParquet(buffer, sink)'],
    ['{ day, isGzip', '{ day: undefined, isGzip'],
  ],
  'shared/flowlogs/read-text.ts': [
    ['if (isGzip && isEmpty) throw new FlowLogError(CUT_SHORT);', ''],
    [
      'first[0] === GZIP[0] && (first.length < 2 || first[1] === GZIP[1])',
      'first[0] === GZIP[0] && first[1] === GZIP[1]',
    ],
    ['if (gunzip.bytesWritten < compressed) throw new FlowLogError(BYTES_FOLLOW);', ''],
    ['if (engine.bytesWritten < bytes.length) throw new FlowLogError(BYTES_FOLLOW);', ''],
    ["if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;", ''],
  ],
  'shared/flowlogs/fields.ts': [
    ["names.includes('interface-id') ? undefined : names.find", 'names.find'],
    ['(?:tgw-|core-network|cwan-|resource-type$)', '(?:tgw-)'],
    ['if (names.lastIndexOf(field) !== columns[field]) return', 'if (false) return'],
    ['if (missing.length > 0) {', 'if (false) {'],
  ],
  'shared/flowlogs/text-reader.ts': [
    ['if (lines.isMidLine || !lines.format)', 'if (!lines.format)'],
    ['if (rows > 0) this.#doubt = 0;', ''],
  ],
  'shared/flowlogs/scanner.ts': [
    ['if (columns === this.#columns) return;', 'if (this.#columns) return;'],
    ['=== IDS_FULL) this.#forget();', '=== IDS_FULL) this.#wasm.forgetIds();'],
    ['this.#next === this.#from ||', 'false ||'],
    ["'vpc-id': VPC_ID_COLUMN", "'vpc-id': ACCOUNT_ID_COLUMN"],
    ['status === 0 && slots[at + ACCEPTED] === 1', 'slots[at + ACCEPTED] === 1'],
  ],
  'shared/flowlogs/line-format.ts': [
    ['if (other !== undefined) throw new OtherLogError(other);', ''],
    ['last && Buffer.compare(last.line, line) === 0', 'last'],
  ],
  'shared/flowlogs/line-reader.ts': [
    ["if (traffic) return traffic.every((field) => this.#isAbsent(field)) ? 'NODATA' : 'OK';", ''],
    ['traffic.every((field)', 'traffic.some((field)'],
    ['record.end = end < 0 ? this.#fileTime : end;', 'record.end = end;'],
    ['record.start = start < 0 ? record.end : start;', 'record.start = start;'],
    ["this.#isAbsent(columns['tcp-flags']) ? -1 : this.#parse", 'this.#parse'],
    ['if (count !== format.count) {', 'if (count < format.count) {'],
    ['const size = record.accepted ? NOT_ALLOWED : 0;', 'const size = NOT_ALLOWED;'],
    ['ports ? NOT_ALLOWED : 0);\n    record.destinationPort', '0);\n    record.destinationPort'],
    ['value <= LIMITS[field] ? value : -1', 'value < LIMITS[field] ? value : -1'],
    ['value <= LIMITS[field] ? value : -1', 'value'],
    ["? this.#id(INTERNED.resources, columns['resource-id'])", "? ''"],
    ['if (this.#isAbsent(column) || this.#isTooLong(column))', 'if (this.#isAbsent(column))'],
    ['} else if (this.#isHeader(count)) {', '} else if (false) {'],
    ["return this.#format && this.#format.columns['log-status'] >= 0;", 'return true;'],
    ['while (i < to && bytes[i]! <= BLANK) i++;', 'if (i < to && bytes[i]! <= BLANK) i++;'],
  ],
  'shared/flowlogs/lines.ts': [['? from + BYTE_ORDER_MARK.length : from', '? from : from']],
  'shared/flowlogs/read-parquet.ts': [
    ["name.replaceAll('_', '-'));\n  const other", 'name);\n  const other'],
    ['if (other !== undefined) throw new OtherLogError(other);', ''],
    ['mustBeWrittenAlike(written.filter((_, i) => KNOWN_FIELDS.has(names[i]!)));', ''],
    ["if (typeof type === 'string') throw new FlowLogError(type);", "if (typeof type === 'string') continue;"],
    ["return columns.used.has('log-status');", 'return true;'],
  ],
  'shared/flowlogs/parquet-runs.ts': [['this.#left = 8 * half;', 'this.#left = half;']],
  'shared/flowlogs/parquet-column.ts': [
    ["typeof raw === 'string' && raw !== '-' ? raw : null", "typeof raw === 'string' ? raw : null"],
    ['!Number.isNaN(raw)', 'true'],
    [
      "if (converted === 'TIMESTAMP_MILLIS') return UNITS.MILLIS;",
      "if (converted === 'TIMESTAMP_MILLIS') return UNITS.MICROS;",
    ],
    ["return refused('a list')", "return refused('')"],
    ["if (children.length > 0) return refused('nested');", ''],
  ],
  'services/command-line/files/read-log-file.ts': [
    ['error instanceof OtherLogError && file.isNamed !== true', 'error instanceof OtherLogError'],
    ['error instanceof OtherLogError && file.isNamed !== true', 'false'],
    ["...note(notRead, 'not read, though by their names they may be logs, the first'),", ''],
    ["...note(read.otherLogs, 'of transit gateways or of Cloud WAN left out, the first'),", ''],
  ],
  'services/command-line/files/log-files.ts': [
    ["if (name.startsWith(APPLE_DOUBLE)) return 'notRead';", ''],
    ["return OTHER_FILES.test(name) ? 'other' : 'notRead';", "return 'other';"],
    ["? basename(name).replace(/\\.gz$/, '') : place", '? basename(name) : place'],
    ["return flowLogFileName(name) ? basename(name).replace(/\\.gz$/, '') : place;", 'return place;'],
    ['if (linked?.isDirectory() === true) throw', 'if (false) throw'],
  ],
  'services/command-line/files/find-log-files.ts': [
    ['isPacked(one) === isPacked(other) ? one.size >= other.size : isPacked(one)', 'one.size >= other.size'],
    ['if (copy) copies.push(copy.name);', ''],
    ['before.isNamed === true || file.isNamed === true', 'before.isNamed === true'],
  ],
};
