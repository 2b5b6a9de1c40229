drop schema portfolio cascade;
