import type { Row } from './row.ts';

/** A log file being written, of either format. */
export interface RecordFile {
  add(row: Row): void;
  /** Whether whoever adds rows should first wait for {@link drained}. */
  readonly congested: boolean;
  drained(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file at a path without its extension. */
export interface RecordFileFormat {
  readonly extension: 'log.gz' | 'log.parquet';
  open(path: string): RecordFile;
}
