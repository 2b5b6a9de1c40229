-- What the owner may not see it cannot change.
alter table identity.preferences no force row level security;
update identity.preferences set chart_type = 'area' where chart_type = 'candlestick';
alter table identity.preferences force row level security;
alter table identity.preferences
    drop constraint preferences_chart_type_check,
    alter column chart_type set default 'area',
    add constraint preferences_chart_type_check check (chart_type in ('area', 'line', 'bar'));
