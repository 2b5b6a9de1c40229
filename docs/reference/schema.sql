-- Made by `cargo xtask gen` from a database at the newest migration.
CREATE SCHEMA identity;

CREATE SCHEMA market;

CREATE SCHEMA platform;

CREATE SCHEMA portfolio;

CREATE FUNCTION market.delete_unused_simulated() RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
    simulated uuid;
    deleted bigint := 0;
begin
    for simulated in select id from market.instruments where is_simulated order by id loop
        begin
            delete from market.instruments where id = simulated;
            deleted := deleted + 1;
        exception when foreign_key_violation then
            null;
        end;
    end loop;
    if not exists (select from market.instruments where is_simulated) then
        delete from market.simulated_fx_rates;
    end if;
    return deleted;
end
$$;

CREATE FUNCTION platform.current_user_id() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid;

CREATE FUNCTION platform.enqueue_job(job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into platform.jobs (name, payload, unique_key, max_attempts)
    values (job_name, job_payload, job_unique_key, job_max_attempts)
    on conflict do nothing;
    if not found then
        return false;
    end if;
    perform pg_notify('bursar_jobs', job_name);
    return true;
end
$$;

CREATE FUNCTION platform.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.updated_at := now();
    return new;
end
$$;

CREATE FUNCTION portfolio.bump_revision() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    update portfolio.portfolios p
    set revision = revision + 1
    from (select distinct user_id, portfolio_id from changed) c
    where p.user_id = c.user_id and p.id = c.portfolio_id;
    return null;
end
$$;

CREATE TABLE identity.links (
    token_hash bytea NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT links_purpose_check CHECK ((purpose = ANY (ARRAY['setup'::text, 'password_reset'::text])))
);

ALTER TABLE ONLY identity.links FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.preferences (
    user_id uuid NOT NULL,
    base_currency text DEFAULT 'EUR'::text NOT NULL,
    locale text DEFAULT 'en-US'::text NOT NULL,
    theme text DEFAULT 'system'::text NOT NULL,
    hide_amounts boolean DEFAULT false NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT preferences_base_currency_check CHECK ((base_currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT preferences_theme_check CHECK ((theme = ANY (ARRAY['system'::text, 'light'::text, 'dark'::text])))
);

ALTER TABLE ONLY identity.preferences FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.sessions (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    token_hash bytea NOT NULL,
    address text,
    agent text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY identity.sessions FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.tokens (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    prefix text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT tokens_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100)))
);

ALTER TABLE ONLY identity.tokens FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    password_hash text NOT NULL,
    role text DEFAULT 'user'::text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_signed_in_at timestamp with time zone,
    CONSTRAINT users_email_check CHECK (((email = lower(email)) AND (email ~~ '%_@_%'::text))),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'user'::text, 'agent'::text]))),
    CONSTRAINT users_status_check CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'suspended'::text, 'deleted'::text])))
);

ALTER TABLE ONLY identity.users FORCE ROW LEVEL SECURITY;

CREATE TABLE market.bars (
    instrument_id uuid NOT NULL,
    "interval" text DEFAULT '1d'::text NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    CONSTRAINT bars_interval_check CHECK (("interval" = ANY (ARRAY['1m'::text, '5m'::text, '15m'::text, '1h'::text, '1d'::text]))),
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= (low * (0.999999)::double precision)))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
);

CREATE TABLE market.fx_rates (
    base text NOT NULL,
    quote text NOT NULL,
    date date NOT NULL,
    rate double precision NOT NULL,
    source text NOT NULL,
    CONSTRAINT fx_rates_pair_check CHECK ((base <> quote)),
    CONSTRAINT fx_rates_rate_check CHECK ((rate > (0)::double precision))
);

CREATE TABLE market.instruments (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    symbol text NOT NULL,
    exchange text DEFAULT ''::text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    asset_class text DEFAULT 'equity'::text NOT NULL,
    currency text,
    sector text,
    country text,
    isin text,
    is_active boolean DEFAULT true NOT NULL,
    is_simulated boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT instruments_asset_class_check CHECK ((asset_class = ANY (ARRAY['equity'::text, 'etf'::text, 'fund'::text, 'bond'::text, 'crypto'::text, 'forex'::text, 'commodity'::text, 'cash'::text, 'option'::text, 'alternative'::text, 'index'::text]))),
    CONSTRAINT instruments_currency_check CHECK ((currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT instruments_isin_check CHECK ((isin ~ '^[A-Z]{2}[A-Z0-9]{9}[0-9]$'::text)),
    CONSTRAINT instruments_symbol_check CHECK (((length(symbol) >= 1) AND (length(symbol) <= 50)))
);

CREATE TABLE market.revision (
    is_single boolean DEFAULT true NOT NULL,
    revision bigint NOT NULL,
    CONSTRAINT revision_is_single_check CHECK (is_single)
);

CREATE TABLE market.simulated_fx_rates (
    base text NOT NULL,
    quote text NOT NULL,
    date date NOT NULL,
    rate double precision NOT NULL,
    CONSTRAINT simulated_fx_rates_pair_check CHECK ((base <> quote)),
    CONSTRAINT simulated_fx_rates_rate_check CHECK ((rate > (0)::double precision))
);

CREATE TABLE platform.idempotency_keys (
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint,
    body bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_keys_body_check CHECK (((status IS NULL) = (body IS NULL))),
    CONSTRAINT idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
    CONSTRAINT idempotency_keys_status_check CHECK (((status >= 100) AND (status <= 599)))
);

ALTER TABLE ONLY platform.idempotency_keys FORCE ROW LEVEL SECURITY;

CREATE TABLE platform.jobs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    unique_key text,
    state text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    max_attempts integer DEFAULT 5 NOT NULL,
    run_at timestamp with time zone DEFAULT now() NOT NULL,
    locked_until timestamp with time zone,
    last_error text,
    progress jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT jobs_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT jobs_finished_at_check CHECK (((state = ANY (ARRAY['done'::text, 'dead'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT jobs_locked_until_check CHECK (((state = 'running'::text) = (locked_until IS NOT NULL))),
    CONSTRAINT jobs_max_attempts_check CHECK ((max_attempts >= 1)),
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'dead'::text])))
);

CREATE TABLE platform.migrations (
    version bigint NOT NULL,
    name text NOT NULL,
    checksum bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE portfolio.imports (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    portfolio_id uuid NOT NULL,
    file_name text NOT NULL,
    format text,
    mapping jsonb,
    status text DEFAULT 'preview'::text NOT NULL,
    content bytea,
    rejected jsonb DEFAULT '[]'::jsonb NOT NULL,
    imported_count integer DEFAULT 0 NOT NULL,
    duplicate_count integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    imported_at timestamp with time zone,
    undone_at timestamp with time zone,
    CONSTRAINT imports_status_check CHECK ((status = ANY (ARRAY['preview'::text, 'imported'::text, 'undone'::text])))
);

ALTER TABLE ONLY portfolio.imports FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.mappings (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    mapping jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT mappings_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100)))
);

ALTER TABLE ONLY portfolio.mappings FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.portfolios (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    cost_basis text DEFAULT 'fifo'::text NOT NULL,
    tracks_cash boolean DEFAULT true NOT NULL,
    is_simulated boolean DEFAULT false NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT portfolios_cost_basis_check CHECK ((cost_basis = ANY (ARRAY['fifo'::text, 'average'::text]))),
    CONSTRAINT portfolios_currency_check CHECK ((currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT portfolios_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100)))
);

ALTER TABLE ONLY portfolio.portfolios FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.transactions (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    portfolio_id uuid NOT NULL,
    type text NOT NULL,
    date date NOT NULL,
    executed_at timestamp with time zone,
    instrument_id uuid,
    quantity numeric(20,8),
    price numeric(20,8),
    amount numeric(20,8) NOT NULL,
    fees numeric(20,8) DEFAULT 0 NOT NULL,
    taxes numeric(20,8) DEFAULT 0 NOT NULL,
    currency text NOT NULL,
    settlement_currency text,
    fx_rate numeric(20,10),
    split_to numeric(20,8),
    split_from numeric(20,8),
    note text,
    account text,
    external_id text,
    fingerprint bytea NOT NULL,
    edited_fingerprint bytea,
    import_id uuid,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT transactions_cash_check CHECK (((type <> ALL (ARRAY['deposit'::text, 'withdrawal'::text])) OR (amount > (0)::numeric))),
    CONSTRAINT transactions_currency_check CHECK ((currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT transactions_fx_rate_check CHECK ((fx_rate > (0)::numeric)),
    CONSTRAINT transactions_instrument_check CHECK (((instrument_id IS NOT NULL) OR (type <> ALL (ARRAY['buy'::text, 'sell'::text, 'dividend'::text, 'split'::text])))),
    CONSTRAINT transactions_settlement_check CHECK (((settlement_currency IS NULL) = (fx_rate IS NULL))),
    CONSTRAINT transactions_settlement_currency_check CHECK ((settlement_currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT transactions_split_check CHECK (((type = 'split'::text) = ((split_to IS NOT NULL) AND (split_from IS NOT NULL)))),
    CONSTRAINT transactions_split_from_check CHECK ((split_from > (0)::numeric)),
    CONSTRAINT transactions_split_to_check CHECK ((split_to > (0)::numeric)),
    CONSTRAINT transactions_trade_check CHECK (((type <> ALL (ARRAY['buy'::text, 'sell'::text])) OR ((quantity > (0)::numeric) AND (price >= (0)::numeric) AND (amount >= (0)::numeric)))),
    CONSTRAINT transactions_type_check CHECK ((type = ANY (ARRAY['buy'::text, 'sell'::text, 'dividend'::text, 'interest'::text, 'deposit'::text, 'withdrawal'::text, 'fee'::text, 'tax'::text, 'split'::text])))
);

ALTER TABLE ONLY portfolio.transactions FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY identity.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY identity.preferences
    ADD CONSTRAINT preferences_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY identity.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY identity.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.bars
    ADD CONSTRAINT bars_pkey PRIMARY KEY (instrument_id, "interval", at);

ALTER TABLE ONLY market.fx_rates
    ADD CONSTRAINT fx_rates_pkey PRIMARY KEY (base, quote, date);

ALTER TABLE ONLY market.instruments
    ADD CONSTRAINT instruments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.revision
    ADD CONSTRAINT revision_pkey PRIMARY KEY (is_single);

ALTER TABLE ONLY market.simulated_fx_rates
    ADD CONSTRAINT simulated_fx_rates_pkey PRIMARY KEY (base, quote, date);

ALTER TABLE ONLY platform.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key);

ALTER TABLE ONLY platform.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY platform.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY portfolio.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.mappings
    ADD CONSTRAINT mappings_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.portfolios
    ADD CONSTRAINT portfolios_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_pkey PRIMARY KEY (user_id, id);

CREATE INDEX sessions_expires_at_idx ON identity.sessions USING btree (expires_at);

CREATE UNIQUE INDEX sessions_token_hash_key ON identity.sessions USING btree (token_hash);

CREATE UNIQUE INDEX tokens_token_hash_key ON identity.tokens USING btree (token_hash);

CREATE UNIQUE INDEX users_email_key ON identity.users USING btree (email);

CREATE INDEX fx_rates_date_idx ON market.fx_rates USING btree (date, base, quote);

CREATE UNIQUE INDEX instruments_identity_key ON market.instruments USING btree (symbol, exchange, isin) NULLS NOT DISTINCT;

CREATE INDEX instruments_isin_idx ON market.instruments USING btree (isin) WHERE (isin IS NOT NULL);

CREATE INDEX instruments_symbol_idx ON market.instruments USING btree (symbol, id);

CREATE INDEX idempotency_keys_created_at_idx ON platform.idempotency_keys USING btree (created_at);

CREATE INDEX jobs_due_idx ON platform.jobs USING btree (run_at) WHERE (state = 'queued'::text);

CREATE INDEX jobs_finished_at_idx ON platform.jobs USING btree (finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX jobs_lease_idx ON platform.jobs USING btree (locked_until) WHERE (state = 'running'::text);

CREATE UNIQUE INDEX jobs_unique_key ON platform.jobs USING btree (name, unique_key) WHERE ((unique_key IS NOT NULL) AND (state = 'queued'::text));

CREATE INDEX imports_portfolio_idx ON portfolio.imports USING btree (user_id, portfolio_id);

CREATE UNIQUE INDEX mappings_name_key ON portfolio.mappings USING btree (user_id, lower(name));

CREATE UNIQUE INDEX portfolios_name_key ON portfolio.portfolios USING btree (user_id, lower(name));

CREATE INDEX transactions_date_idx ON portfolio.transactions USING btree (user_id, date DESC, id DESC);

CREATE INDEX transactions_edited_fingerprint_idx ON portfolio.transactions USING btree (user_id, portfolio_id, edited_fingerprint) WHERE (edited_fingerprint IS NOT NULL);

CREATE UNIQUE INDEX transactions_fingerprint_key ON portfolio.transactions USING btree (user_id, portfolio_id, fingerprint);

CREATE INDEX transactions_import_idx ON portfolio.transactions USING btree (user_id, import_id);

CREATE INDEX transactions_instrument_idx ON portfolio.transactions USING btree (user_id, instrument_id);

CREATE INDEX transactions_instrument_reference_idx ON portfolio.transactions USING btree (instrument_id);

CREATE INDEX transactions_portfolio_date_idx ON portfolio.transactions USING btree (user_id, portfolio_id, date DESC, id DESC);

CREATE TRIGGER preferences_touch BEFORE UPDATE ON identity.preferences FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER users_touch BEFORE UPDATE ON identity.users FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER instruments_touch BEFORE UPDATE ON market.instruments FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER mappings_touch BEFORE UPDATE ON portfolio.mappings FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER portfolios_touch BEFORE UPDATE ON portfolio.portfolios FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER transactions_deleted AFTER DELETE ON portfolio.transactions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision();

CREATE TRIGGER transactions_inserted AFTER INSERT ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision();

CREATE TRIGGER transactions_moved AFTER UPDATE ON portfolio.transactions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision();

CREATE TRIGGER transactions_touch BEFORE UPDATE ON portfolio.transactions FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER transactions_updated AFTER UPDATE ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision();

ALTER TABLE ONLY identity.links
    ADD CONSTRAINT links_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.preferences
    ADD CONSTRAINT preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.tokens
    ADD CONSTRAINT tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.bars
    ADD CONSTRAINT bars_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.imports
    ADD CONSTRAINT imports_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.imports
    ADD CONSTRAINT imports_user_id_portfolio_id_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.mappings
    ADD CONSTRAINT mappings_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.portfolios
    ADD CONSTRAINT portfolios_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE RESTRICT;

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_user_id_import_id_fkey FOREIGN KEY (user_id, import_id) REFERENCES portfolio.imports(user_id, id);

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_user_id_portfolio_id_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE identity.links ENABLE ROW LEVEL SECURITY;

CREATE POLICY links_system ON identity.links TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.preferences ENABLE ROW LEVEL SECURITY;

CREATE POLICY preferences_owner ON identity.preferences TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY preferences_system ON identity.preferences TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.sessions ENABLE ROW LEVEL SECURITY;

CREATE POLICY sessions_owner ON identity.sessions TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY sessions_system ON identity.sessions TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.tokens ENABLE ROW LEVEL SECURITY;

CREATE POLICY tokens_owner ON identity.tokens TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY tokens_system ON identity.tokens TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.users ENABLE ROW LEVEL SECURITY;

CREATE POLICY users_owner ON identity.users TO bursar_user USING ((id = platform.current_user_id())) WITH CHECK ((id = platform.current_user_id()));

CREATE POLICY users_system ON identity.users TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE platform.idempotency_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotency_keys_owner ON platform.idempotency_keys TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY idempotency_keys_system ON platform.idempotency_keys TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.imports ENABLE ROW LEVEL SECURITY;

CREATE POLICY imports_owner ON portfolio.imports TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY imports_system ON portfolio.imports TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.mappings ENABLE ROW LEVEL SECURITY;

CREATE POLICY mappings_owner ON portfolio.mappings TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY mappings_system ON portfolio.mappings TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.portfolios ENABLE ROW LEVEL SECURITY;

CREATE POLICY portfolios_owner ON portfolio.portfolios TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY portfolios_system ON portfolio.portfolios TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.transactions ENABLE ROW LEVEL SECURITY;

CREATE POLICY transactions_owner ON portfolio.transactions TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY transactions_system ON portfolio.transactions TO bursar_system USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA identity TO bursar_user;
GRANT USAGE ON SCHEMA identity TO bursar_system;

GRANT USAGE ON SCHEMA market TO bursar_user;
GRANT USAGE ON SCHEMA market TO bursar_system;

GRANT USAGE ON SCHEMA platform TO bursar_user;
GRANT USAGE ON SCHEMA platform TO bursar_system;

GRANT USAGE ON SCHEMA portfolio TO bursar_user;
GRANT USAGE ON SCHEMA portfolio TO bursar_system;

REVOKE USAGE ON SCHEMA public FROM PUBLIC;

REVOKE ALL ON FUNCTION market.delete_unused_simulated() FROM PUBLIC;
GRANT ALL ON FUNCTION market.delete_unused_simulated() TO bursar_system;

REVOKE ALL ON FUNCTION platform.current_user_id() FROM PUBLIC;
GRANT ALL ON FUNCTION platform.current_user_id() TO bursar_user;
GRANT ALL ON FUNCTION platform.current_user_id() TO bursar_system;

REVOKE ALL ON FUNCTION platform.enqueue_job(job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.enqueue_job(job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer) TO bursar_user;
GRANT ALL ON FUNCTION platform.enqueue_job(job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer) TO bursar_system;

REVOKE ALL ON FUNCTION platform.touch_updated_at() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.bump_revision() FROM PUBLIC;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.links TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.preferences TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.preferences TO bursar_system;

GRANT SELECT,DELETE ON TABLE identity.sessions TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.sessions TO bursar_system;

GRANT SELECT,INSERT,DELETE ON TABLE identity.tokens TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.tokens TO bursar_system;

GRANT SELECT ON TABLE identity.users TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.users TO bursar_system;

GRANT UPDATE(email) ON TABLE identity.users TO bursar_user;

GRANT UPDATE(name) ON TABLE identity.users TO bursar_user;

GRANT UPDATE(password_hash) ON TABLE identity.users TO bursar_user;

GRANT SELECT ON TABLE market.bars TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.bars TO bursar_system;

GRANT SELECT ON TABLE market.fx_rates TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.fx_rates TO bursar_system;

GRANT SELECT ON TABLE market.instruments TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.instruments TO bursar_system;

GRANT SELECT ON TABLE market.revision TO bursar_user;
GRANT SELECT,UPDATE ON TABLE market.revision TO bursar_system;

GRANT SELECT ON TABLE market.simulated_fx_rates TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.simulated_fx_rates TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE platform.idempotency_keys TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE platform.idempotency_keys TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE platform.jobs TO bursar_system;

GRANT SELECT ON TABLE platform.migrations TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.imports TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.imports TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.mappings TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.mappings TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.portfolios TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.portfolios TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.transactions TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.transactions TO bursar_system;

ALTER DEFAULT PRIVILEGES FOR ROLE bursar_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;
