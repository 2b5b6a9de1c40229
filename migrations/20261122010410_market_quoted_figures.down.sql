-- What quotes had said is computed anew from the bars.
update market.daily_figures_state set revision = 0;
alter table market.daily_figures drop column quoted_at;
