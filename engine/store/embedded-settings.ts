import * as os from 'node:os';

const mb = 1024 * 1024;

/** Memory that this process may count on: the container's limit where there is one. */
function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < os.totalmem() ? limit : os.totalmem();
}

function clampMb(bytes: number, low: number, high: number): string {
  return `${Math.round(Math.min(Math.max(bytes / mb, low), high))}MB`;
}

/**
 * The settings of the embedded PostgreSQL, reckoned from this machine at each start. What an administrator writes into
 * `postgresql.conf` wins over them.
 */
export function embeddedSettings(port: number): Record<string, string> {
  const memory = usableMemory();
  const cores = os.availableParallelism();
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    max_connections: '60',

    // Two gigabytes at most: the rest does as well in the system's cache, and each further one costs 14 MB of bookkeeping at rest.
    shared_buffers: clampMb(memory / 8, 64, 2048),
    effective_cache_size: clampMb(memory * 0.6, 192, 262_144),
    work_mem: clampMb(memory / 500, 4, 64),
    maintenance_work_mem: clampMb(memory / 16, 32, 1024),
    huge_pages: 'try',

    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // The embedded PostgreSQL has pglz alone: it costs a bulk change more of a core than the disk costs without it (100,000 records: 12 to 26 s against 9 to 10).
    wal_compression: 'off',
    wal_buffers: '16MB',
    min_wal_size: '256MB',
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',

    random_page_cost: '1.1',
    effective_io_concurrency: '64',
    jit: 'off',
    max_worker_processes: String(Math.max(8, cores)),
    max_parallel_workers: String(cores),
    max_parallel_workers_per_gather: String(Math.min(4, Math.floor(cores / 2))),
    max_parallel_maintenance_workers: String(Math.min(4, Math.floor(cores / 2))),
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: '0.1',
    autovacuum_analyze_scale_factor: '0.05',
    // A table of a few dozen rows that was never looked at is planned as if it were empty.
    autovacuum_analyze_threshold: '10',
    autovacuum_vacuum_cost_limit: '1000',

    // A client that was killed must not leave its query and locks behind.
    client_connection_check_interval: process.platform === 'win32' ? '0' : '1s',
    timezone: 'UTC',
    log_timezone: 'UTC',
    datestyle: 'iso, ymd',
    default_text_search_config: 'pg_catalog.simple',
    lc_messages: 'C',

    logging_collector: 'on',
    log_directory: 'log',
    log_filename: 'postgresql-%a.log',
    log_rotation_age: '1d',
    log_rotation_size: '0',
    log_truncate_on_rotation: 'on',
    log_line_prefix: '%m [%p] %a ',
    log_checkpoints: 'off',
    // The values of a statement are people's data and do not belong in a log.
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
  };
}

/** The text of a PostgreSQL configuration file. */
export function settingsText(settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return `# Written by Perigon at each start. Put your own settings into postgresql.conf: they win.\n${lines.join('\n')}\n`;
}
