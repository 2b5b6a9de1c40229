drop table market.daily_figures_state;
drop table market.daily_figures;
drop table market.market_indices;
drop function market.check_index_class();
