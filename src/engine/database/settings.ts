/**
 * Settings of the embedded server: small (one bot, a few connections, tens of MB of data), no helper processes that
 * it does not need, reachable from this machine only.
 */
export function serverSettings(port: number, durable: boolean): string[] {
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // What is not durable is shared by many bots: a run of the tests has one server.
    max_connections: durable ? 60 : 250,
    // Every connection counts what it has touched of them; the operating system caches the files anyway.
    shared_buffers: '2MB',
    work_mem: '2MB',
    maintenance_work_mem: '16MB',
    wal_buffers: '256kB',
    wal_level: 'minimal',
    max_wal_senders: 0,
    min_wal_size: '32MB',
    max_wal_size: '128MB',
    checkpoint_timeout: '15min',
    autovacuum_max_workers: 1,
    max_worker_processes: 1,
    max_logical_replication_workers: 0,
    max_parallel_workers: 0,
    max_parallel_workers_per_gather: 0,
    io_method: 'sync',
    jit: 'off',
    huge_pages: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    // A statement may hold what people typed: it stays out of the log.
    log_min_error_statement: 'panic',
    // Connections of a machine that went away do not keep their locks.
    tcp_keepalives_idle: 30,
    tcp_keepalives_interval: 10,
    tcp_keepalives_count: 3,
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
