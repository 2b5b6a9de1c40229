-- When the figures are those of a quote that is younger than the last bar: the time of the quote. Date, close,
-- change and volume are then the quote's, so that boards and screens sort by what they show.
alter table market.daily_figures add column quoted_at timestamptz;
