alter table market.daily_figures_state
    drop column quote_sequence,
    drop column is_outdated,
    add column revision bigint not null default 0;
alter table market.daily_figures_state alter column revision drop default;
drop table market.dirty_figures;
