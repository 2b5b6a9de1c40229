-- Bars of files are stored whatever they say, since a person states them; what the rules doubt in them is a finding.
alter table market.findings
    -- Whether the values were stored nevertheless.
    add column is_stored boolean not null default false,
    drop constraint findings_want_check,
    add constraint findings_want_check check (
        want in ('option_chain', 'fundamentals', 'index_values', 'rates', 'bars_1m', 'bars_5m', 'bars_15m', 'bars_1h',
                 'bars_1d')
    );
