import type { VersionedTables } from './migrate.js';

const MOST = Number.MAX_SAFE_INTEGER;

/** The clock of the server, in milliseconds since 1970. Read after the locks, so that nobody acts on an old time. */
export const SERVER_NOW = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/**
 * The tables of counters and leases, and the functions that work on them: a reservation is one statement, so that
 * locks are held for no round trip. Whoever changes a counter holds the advisory lock of its key; locks are taken in
 * one order, so that nobody waits in a circle.
 */
export const counterFunctions = (schema: string): VersionedTables => {
  const s = `"${schema}"`;
  const lock = (keys: string): string => `
    IF current_setting('transaction_isolation') <> 'read committed' THEN
      RAISE EXCEPTION 'Counters need the isolation level "read committed".' USING ERRCODE = '42000';
    END IF;
    PERFORM set_config('lock_timeout', p_wait::text, true);
    PERFORM pg_advisory_xact_lock(locks.id) FROM (
      SELECT DISTINCT hashtextextended(k, hashtextextended('${schema}', 0)) AS id FROM unnest(${keys}) k ORDER BY id
    ) locks;
    v_now := coalesce(p_now, ${SERVER_NOW});`;
  const within = (sum: string): string => `greatest(-${MOST}, least(${MOST}, ${sum}))`;

  const tables = [
    `CREATE TABLE ${s}.millrace_counters (key TEXT COLLATE "C" PRIMARY KEY, used BIGINT NOT NULL, expires_at BIGINT)`,
    `CREATE INDEX ON ${s}.millrace_counters (expires_at) WHERE expires_at IS NOT NULL`,
    // One row for each counter that a lease holds. "expires_at" is the end of the counter.
    `CREATE TABLE ${s}.millrace_leases (lease_id TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL,
      amount BIGINT NOT NULL, ends_at BIGINT NOT NULL, expires_at BIGINT, charged BIGINT, forget_at BIGINT NOT NULL,
      PRIMARY KEY (lease_id, key))`,
    `CREATE INDEX ON ${s}.millrace_leases (key, ends_at) WHERE charged IS NULL`,
    `CREATE INDEX ON ${s}.millrace_leases (forget_at)`,
  ];

  const state = `
    CREATE FUNCTION ${s}.millrace_counter_state(p_key TEXT, p_now BIGINT)
    RETURNS TABLE (used BIGINT, reserved BIGINT, expires_at BIGINT) LANGUAGE sql STABLE AS $$
      SELECT c.used, (
        SELECT least(${MOST}, coalesce(sum(l.amount), 0))::bigint FROM ${s}.millrace_leases l
        WHERE l.key = c.key AND l.charged IS NULL AND l.ends_at > p_now
          AND (l.expires_at IS NULL OR l.expires_at > p_now)
      ), c.expires_at
      FROM ${s}.millrace_counters c
      WHERE c.key = p_key AND (c.expires_at IS NULL OR c.expires_at > p_now)
    $$`;

  const states = `
    CREATE FUNCTION ${s}.millrace_counter_states(p_keys TEXT[], p_now BIGINT) RETURNS json LANGUAGE sql STABLE AS $$
      SELECT json_agg(json_build_array(k, coalesce(c.used, 0), coalesce(c.reserved, 0), c.expires_at) ORDER BY n)
      FROM unnest(p_keys) WITH ORDINALITY u(k, n)
      LEFT JOIN LATERAL ${s}.millrace_counter_state(u.k, p_now) c ON true
    $$`;

  const reserve = `
    CREATE FUNCTION ${s}.millrace_reserve(
      p_keys TEXT[], p_limits BIGINT[], p_ends BIGINT[], p_included_by INT[], p_included TEXT[],
      p_amount BIGINT, p_lease TEXT, p_lease_ms BIGINT, p_keep_ms BIGINT, p_now BIGINT, p_wait INT
    ) RETURNS json LANGUAGE plpgsql AS $$
    DECLARE
      v_keys TEXT[] := ARRAY(SELECT DISTINCT k FROM unnest(p_keys || p_included) k);
      v_now BIGINT;
      v_ends_at BIGINT;
      v_charged BIGINT;
      v_result TEXT := 'granted';
    BEGIN
      ${lock('v_keys')}
      SELECT l.ends_at, l.charged INTO v_ends_at, v_charged
        FROM ${s}.millrace_leases l WHERE l.lease_id = p_lease LIMIT 1;
      IF FOUND THEN
        IF v_charged IS NOT NULL OR v_ends_at <= v_now THEN v_result := 'used'; END IF;
      ELSIF EXISTS (SELECT FROM unnest(p_ends) e WHERE e <= v_now) THEN
        v_result := 'window-over';
      ELSIF EXISTS (
        SELECT FROM unnest(p_keys, p_limits) WITH ORDINALITY u(k, most, n)
        WHERE p_amount + (
          SELECT coalesce(sum(c.used::numeric + c.reserved), 0)
          FROM (SELECT u.k AS key UNION SELECT i.key FROM unnest(p_included_by, p_included) i(n, key) WHERE i.n = u.n) a
          CROSS JOIN LATERAL ${s}.millrace_counter_state(a.key, v_now) c
        ) > u.most
      ) THEN
        v_result := 'limit';
      ELSE
        INSERT INTO ${s}.millrace_counters AS c (key, used, expires_at)
          SELECT u.k, 0, u.e FROM unnest(p_keys, p_ends) u(k, e)
          ON CONFLICT (key) DO UPDATE SET used = 0, expires_at = excluded.expires_at WHERE c.expires_at <= v_now;
        INSERT INTO ${s}.millrace_leases (lease_id, key, amount, ends_at, expires_at, charged, forget_at)
          SELECT p_lease, c.key, p_amount, v_now + p_lease_ms, c.expires_at, NULL, v_now + p_lease_ms + p_keep_ms
          FROM ${s}.millrace_counters c WHERE c.key = ANY (p_keys);
      END IF;
      RETURN json_build_array(v_result, v_now, ${s}.millrace_counter_states(v_keys, v_now));
    END $$`;

  const charge = `
    CREATE FUNCTION ${s}.millrace_charge(
      p_lease TEXT, p_amount BIGINT, p_replace BOOLEAN, p_keep_ms BIGINT, p_now BIGINT, p_wait INT
    ) RETURNS TEXT LANGUAGE plpgsql AS $$
    DECLARE
      v_keys TEXT[] := ARRAY(SELECT l.key FROM ${s}.millrace_leases l WHERE l.lease_id = p_lease);
      v_now BIGINT;
      v_charged BIGINT;
    BEGIN
      ${lock('v_keys')}
      SELECT l.charged INTO v_charged FROM ${s}.millrace_leases l WHERE l.lease_id = p_lease LIMIT 1;
      IF NOT FOUND THEN RETURN 'unknown'; END IF;
      IF v_charged IS NOT NULL AND NOT p_replace THEN RETURN 'unchanged'; END IF;
      UPDATE ${s}.millrace_counters c SET used = ${within('c.used + p_amount - coalesce(v_charged, 0)')}
        FROM ${s}.millrace_leases l
        WHERE l.lease_id = p_lease AND c.key = l.key AND c.expires_at IS NOT DISTINCT FROM l.expires_at
          AND (c.expires_at IS NULL OR c.expires_at > v_now);
      UPDATE ${s}.millrace_leases SET charged = p_amount, forget_at = v_now + p_keep_ms WHERE lease_id = p_lease;
      RETURN 'settled';
    END $$`;

  const add = `
    CREATE FUNCTION ${s}.millrace_add(p_key TEXT, p_amount BIGINT, p_ttl BIGINT, p_now BIGINT, p_wait INT)
    RETURNS json LANGUAGE plpgsql AS $$
    DECLARE
      v_now BIGINT;
    BEGIN
      ${lock('ARRAY[p_key]')}
      INSERT INTO ${s}.millrace_counters AS c (key, used, expires_at) VALUES (p_key, p_amount, v_now + p_ttl)
        ON CONFLICT (key) DO UPDATE SET
          used = CASE WHEN c.expires_at <= v_now THEN excluded.used ELSE ${within('c.used + excluded.used')} END,
          expires_at = CASE WHEN c.expires_at <= v_now THEN excluded.expires_at ELSE c.expires_at END;
      RETURN ${s}.millrace_counter_states(ARRAY[p_key], v_now);
    END $$`;

  // What somebody works on is left for the next time.
  const sweep = `
    CREATE FUNCTION ${s}.millrace_sweep_counters(p_limit INT, p_now BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $$
    DECLARE
      v_now BIGINT := coalesce(p_now, ${SERVER_NOW});
      v_counters BIGINT;
      v_leases BIGINT;
    BEGIN
      DELETE FROM ${s}.millrace_counters WHERE key = ANY (ARRAY(
        SELECT c.key FROM ${s}.millrace_counters c WHERE c.expires_at <= v_now LIMIT p_limit FOR UPDATE SKIP LOCKED));
      GET DIAGNOSTICS v_counters = ROW_COUNT;
      DELETE FROM ${s}.millrace_leases WHERE ctid = ANY (ARRAY(
        SELECT l.ctid FROM ${s}.millrace_leases l WHERE l.forget_at <= v_now
        LIMIT p_limit - v_counters FOR UPDATE SKIP LOCKED));
      GET DIAGNOSTICS v_leases = ROW_COUNT;
      RETURN v_counters + v_leases;
    END $$`;

  return { name: 'millrace_counters', steps: [[...tables, state, states, reserve, charge, add, sweep]] };
};
