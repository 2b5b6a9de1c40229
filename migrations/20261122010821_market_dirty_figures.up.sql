-- Instruments whose figures of the board and the screener are to be computed anew, once for each change of their daily
-- bars or corporate actions, in its transaction. Marks are only added and taken, and there is no key that two of them
-- could share, so whoever sets one never waits for whoever computes.
create table market.dirty_figures (
    instrument_id uuid not null
        constraint dirty_figures_instrument_id_fkey references market.instruments on delete cascade
);
create index dirty_figures_instrument_id_idx on market.dirty_figures (instrument_id);
grant select on market.dirty_figures to bursar_user;
grant select, insert, delete on market.dirty_figures to bursar_system;

alter table market.daily_figures_state
    drop column revision,
    -- Whether all figures are to be computed, as at first.
    add column is_outdated boolean not null default true,
    -- That of the last quote that is in the figures: those after it have come since.
    add column quote_sequence bigint not null default 0;
