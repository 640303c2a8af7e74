import pg from 'pg';

/** A client that has the server plan each statement once: thousands of short runs ask the same few dozen. */
export class PreparingClient extends pg.Client {
  readonly #names = new Map<string, string>();

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const ask = this.query.bind(this) as (query: pg.QueryConfig) => Promise<pg.QueryResult>;
    const prepared = (text: string, values?: unknown[]) => {
      if (values === undefined || values.length === 0) return ask({ text });
      const name = this.#names.get(text) ?? `s${this.#names.size}`;
      this.#names.set(text, name);
      return ask({ name, text, values });
    };
    this.query = prepared as typeof this.query;
  }
}
