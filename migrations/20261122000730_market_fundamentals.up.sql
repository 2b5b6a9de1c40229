-- Figures that companies have reported, as the source states them. A restatement is a row of its own, by the
-- day on which it was filed.
create table market.fundamentals (
    id uuid constraint fundamentals_pkey primary key default gen_random_uuid(),
    instrument_id uuid not null references market.instruments on delete cascade,
    -- Whose word the concept is: us-gaap, ifrs-full, dei; overview where a source summarises.
    taxonomy text not null constraint fundamentals_taxonomy_check check (length(taxonomy) between 1 and 100),
    concept text not null constraint fundamentals_concept_check check (length(concept) between 1 and 300),
    unit text not null constraint fundamentals_unit_check check (length(unit) between 1 and 100),
    -- Absent of a balance.
    period_start date,
    period_end date not null,
    value numeric not null,
    fiscal_year smallint,
    fiscal_period text,
    form text not null,
    -- Absent where the source does not say.
    filed date,
    source text not null,
    observed_at timestamptz not null,
    constraint fundamentals_period_check check (period_start <= period_end),
    constraint fundamentals_statement_key unique nulls not distinct
        (instrument_id, source, taxonomy, concept, unit, period_end, period_start, filed)
);
create index fundamentals_concept_idx
    on market.fundamentals (instrument_id, concept, period_end desc, filed desc);
grant select on market.fundamentals to bursar_user;
grant select, insert, update, delete on market.fundamentals to bursar_system;
