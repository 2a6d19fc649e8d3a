/** What is used of a `Pool` of the package `pg`. */
export interface PostgresPool {
  query(config: PostgresQuery): Promise<{ readonly rows: readonly unknown[] }>;
  connect(): Promise<PostgresClient>;
}

/** What is used of a client of such a pool. */
export interface PostgresClient {
  query(config: PostgresQuery): Promise<{ readonly rows: readonly unknown[] }>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  release(destroy?: boolean): void;
}

/** A statement as the package `pg` takes it. */
export interface PostgresQuery {
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode: 'array';
  readonly types: { getTypeParser(id: number, format?: 'text' | 'binary'): (text: string) => unknown };
  readonly query_timeout: number;
}
