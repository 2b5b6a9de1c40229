alter table market.quotes
    drop column change_percent,
    add column change_percent double precision
        generated always as ((price / previous_close - 1) * 100) stored;
