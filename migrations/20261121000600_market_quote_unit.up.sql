-- Prices of some markets are stated in a hundredth of the currency: London's in pence. Bars stay as
-- they were observed; whoever values them divides.
alter table market.instruments
    add column quote_unit text not null default 'major'
        constraint instruments_quote_unit_check check (
            quote_unit = 'major'
            or (quote_unit = 'minor' and currency is not null and currency in ('GBP', 'ZAR', 'ILS'))
        );
