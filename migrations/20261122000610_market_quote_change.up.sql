-- From the difference and not from a quotient close to one, whose rounding shows in the last digits.
alter table market.quotes
    drop column change_percent,
    add column change_percent double precision
        generated always as ((price - previous_close) / previous_close * 100) stored;
