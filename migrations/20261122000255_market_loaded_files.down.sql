drop table market.loaded_files;
