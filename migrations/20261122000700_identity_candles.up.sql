-- Candles as a kind of chart, and the one that people begin with; what somebody chose stays.
alter table identity.preferences
    drop constraint preferences_chart_type_check,
    alter column chart_type set default 'candlestick',
    add constraint preferences_chart_type_check
        check (chart_type in ('candlestick', 'area', 'line', 'bar'));
