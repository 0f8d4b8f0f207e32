import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

type Row = Readonly<Record<string, string>>;
export type OcsfVersion = '1.0' | '1.1';

/**
 * Records as Security Lake keeps them, written by DuckDB: by the mapping of
 * https://github.com/ocsf/examples/tree/main/mappings/markdown/AWS, not by the reader's table.
 */
export async function ocsfParquet(
  rows: readonly Row[],
  version: OcsfVersion,
  rowGroupSize = 2048,
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'stale-sg-ocsf-'));
  try {
    await writeFile(join(folder, 'rows.json'), rows.map((row) => JSON.stringify(ocsfOf(row, version))).join('\n'));
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    const columns = Object.entries({ ...TYPES, ...(version === '1.0' ? OF_1_0 : OF_1_1) });
    const types = `{${columns.map(([name, type]) => `${name}: '${type}'`).join(', ')}}`;
    const path = join(folder, 'rows.parquet');
    await connection.run(
      `COPY (SELECT * FROM read_json('${folder}/rows.json', format = 'newline_delimited', columns = ${types}))
       TO '${path}' (FORMAT parquet, COMPRESSION ${version === '1.0' ? 'gzip' : 'zstd'}, ROW_GROUP_SIZE ${String(rowGroupSize)})`,
    );
    connection.closeSync();
    return new Uint8Array(await readFile(path));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const ENDPOINT =
  'STRUCT(port INTEGER, svc_name VARCHAR, ip VARCHAR, intermediate_ips VARCHAR[], interface_uid VARCHAR, vpc_uid VARCHAR)';
const TYPES = {
  metadata:
    'STRUCT(product STRUCT(version VARCHAR, name VARCHAR, feature STRUCT(name VARCHAR)), profiles VARCHAR[], version VARCHAR)',
  src_endpoint: ENDPOINT,
  dst_endpoint: ENDPOINT,
  connection_info: 'STRUCT(protocol_num INTEGER, tcp_flags INTEGER, direction VARCHAR, direction_id INTEGER)',
  traffic: 'STRUCT(packets BIGINT, bytes BIGINT)',
  class_uid: 'INTEGER',
  status_code: 'VARCHAR',
  disposition: 'VARCHAR',
};
const OF_1_0 = { cloud: 'STRUCT(account_uid VARCHAR, region VARCHAR)', start_time: 'BIGINT', end_time: 'BIGINT' };
const OF_1_1 = {
  cloud: 'STRUCT(account STRUCT(uid VARCHAR), region VARCHAR)',
  start_time_dt: 'TIMESTAMP',
  end_time_dt: 'TIMESTAMP',
};

function ocsfOf(row: Row, version: OcsfVersion): object {
  const side = (name: 'src' | 'dst', own: string): object => {
    const [plain, packet] = [row[`${name}addr`]!, row[`pkt-${name}addr`]!];
    const isOwn = row['flow-direction'] === own;
    return {
      port: Number(row[`${name}port`]),
      svc_name: '-',
      ip: packet,
      ...(plain !== packet && { intermediate_ips: [plain] }),
      ...(isOwn && { interface_uid: row['interface-id'], vpc_uid: row['vpc-id'] }),
    };
  };
  const time = (field: 'start' | 'end'): object => {
    const seconds = Number(row[field]);
    if (version === '1.0') return { [`${field}_time`]: seconds * 1000 };
    return { [`${field}_time_dt`]: new Date(seconds * 1000).toISOString().replace('T', ' ').replace('Z', '') };
  };
  const account = row['account-id'];
  const isIn = row['flow-direction'] === 'ingress';
  return {
    metadata: {
      product: { version: '5', name: 'Amazon VPC', feature: { name: 'Flowlogs' } },
      profiles: ['cloud'],
      version,
    },
    cloud: version === '1.0' ? { account_uid: account } : { account: { uid: account } },
    src_endpoint: side('src', 'egress'),
    dst_endpoint: side('dst', 'ingress'),
    connection_info: {
      protocol_num: Number(row.protocol),
      tcp_flags: Number(row['tcp-flags']),
      direction: isIn ? 'Inbound' : 'Outbound',
      direction_id: isIn ? 1 : 2,
    },
    traffic: { packets: Number(row.packets), bytes: Number(row.bytes) },
    ...time('start'),
    ...time('end'),
    class_uid: 4001,
    status_code: row['log-status'],
    disposition: row.action === 'ACCEPT' ? 'Allowed' : 'Blocked',
  };
}
